# SPDX-License-Identifier: GPL-2.0-or-later
"""Searches along PATH: what a search that found its program left behind is dropped, one that found none is one record."""

import os
import signal

from lib import check
from lib.daemon import argv_of
from lib.journal import value
from lib.service import Service, accounted

ENV = b"/usr/bin/env"
SHELL = b"/bin/sh"
TOGETHER = "[Trace]\nSyscallHook=tracepoint\nFailures=yes\n"
EACH = "[Trace]\nSyscallHook=tracepoint\nFailures=all\n"


def need_failures(daemon):
    if "tracepoint" not in daemon.event("started")["exectraced_hooks"].split():
        said = daemon.stderr().strip()
        check.true(f"refused for a reason that is not the kernel's or the privileges': {said}",
                   "Operation not permitted" in said or "no tracefs" in said)
        raise check.Skip(f"failed execs are not covered here: {said}")
    return daemon


def silent():
    """A setup() for programs that complain."""
    null = os.open("/dev/null", os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)


def directories(live, n):
    return [live.scratch() for _ in range(n)]


def search(live, daemon, path, name, program=ENV, argv=None, status=0):
    """Has a program search for `name` along these directories; all records of the process."""
    argv = argv or [b"env", name, b"found"]

    def action():
        process = live.start(program, argv, env={b"PATH": b":".join(path)}, setup=silent)
        check.equal(f"exit status of {os.fsdecode(program)}", process.wait(), status)
        return process

    process, records = live.observe(action, daemon)
    return process, records


def of(records, process):
    return [r for r in records if r["pid"] == process.pid]


def late(daemon, process, n):
    """Waits until `n` failures of the process are recorded."""
    daemon.loop.until(lambda: len([r for r in of(daemon.records, process) if "error" in r]) >= n,
                      lambda: f"{n} failures; {daemon.state()}")
    return [r for r in of(daemon.records, process) if "error" in r]


def test_found(live):
    """In the third directory: no failure is recorded, two are counted."""
    daemon = need_failures(live.daemon(TOGETHER))
    path = directories(live, 3)
    live.copy_target(directory=path[2], name=b"tool")
    process, _ = search(live, daemon, path, b"tool")
    daemon.stop()
    mine = of(daemon.records, process)
    check.equal("filenames", [r["filename"] for r in mine], [os.fsdecode(ENV), os.fsdecode(path[2] + b"/tool")])
    check.true("a failure is recorded", all("error" not in r for r in mine))
    check.equal("collapsed", sum(e.get("exec_collapsed", 0) for e in daemon.events if e["event"] == "suppressed") >= 2,
                True)
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_not_found(live):
    """One record, the last place, and how many there were."""
    daemon = need_failures(live.daemon(TOGETHER))
    path = directories(live, 5)
    process, _ = search(live, daemon, path, b"no-such-tool", status=127)
    record, = late(daemon, process, 1)
    check.fields(record, error="ENOENT", tries=5, filename=os.fsdecode(path[4] + b"/no-such-tool"))
    check.equal("arguments", argv_of(record), [b"no-such-tool", b"found"])
    daemon.stop()
    check.equal("failures", len([r for r in of(daemon.records, process) if "error" in r]), 1)
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_directory_twice(live):
    """The first directory of PATH is in it once more: it is one search all the same."""
    daemon = need_failures(live.daemon(TOGETHER))
    first, second, third = directories(live, 3)
    live.copy_target(directory=third, name=b"tool")
    for path in ([first, first, third], [first, second, first, third], [first, first, first, third]):
        process, _ = search(live, daemon, path, b"tool")
        process_2, _ = search(live, daemon, path, b"no-such-tool", status=127)
        record, = late(daemon, process_2, 1)
        check.fields(record, error="ENOENT", tries=len(path), filename=os.fsdecode(third + b"/no-such-tool"))
        check.equal(f"errors of a search along {path}", [r.get("error") for r in of(daemon.records, process)], [None, None])
        check.equal("errors of one for nothing", [r.get("error") for r in of(daemon.records, process_2)], [None, "ENOENT"])
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_one_place(live):
    """No search, and it says nothing of one."""
    daemon = need_failures(live.daemon(TOGETHER))
    process, _ = search(live, daemon, [b"/nonexistent"], b"no-such-tool", status=127)
    record, = late(daemon, process, 1)
    check.fields(record, error="ENOENT", tries=None)


def test_shell(live):
    """dash searches for itself, in a child of its own for each command."""
    daemon = need_failures(live.daemon(TOGETHER))
    path = directories(live, 3)
    live.copy_target(directory=path[1], name=b"first")
    live.copy_target(directory=path[2], name=b"second")
    script = b"first a; second b; missing c; exit 0"
    parent, records = search(live, daemon, path, b"", SHELL, [b"sh", b"-c", script])
    mine = [r for r in records if r["ppid"] == parent.pid or r["pid"] == parent.pid]
    ran = [(r["filename"], argv_of(r)[1:]) for r in mine if "error" not in r][1:]
    check.equal("what ran", ran, [(os.fsdecode(path[1] + b"/first"), [b"a"]), (os.fsdecode(path[2] + b"/second"), [b"b"])])
    for name in ("first", "second"):
        check.true(f"a failure of {name} is recorded",
                   not any("error" in r and r["filename"].endswith("/" + name) for r in daemon.records))


def test_denied(live):
    """What may not be executed is recorded by itself, though the search goes on and finds another."""
    daemon = need_failures(live.daemon(TOGETHER))
    path = directories(live, 3)
    live.copy_target(directory=path[1], name=b"tool", mode=0o644)
    live.copy_target(directory=path[2], name=b"tool")
    process, records = search(live, daemon, path, b"tool")
    check.equal("errors", [r.get("error") for r in of(records, process)], [None, "EACCES", None])


def test_each(live):
    """Failures=all: every miss is a record, in its order."""
    daemon = need_failures(live.daemon(EACH))
    path = directories(live, 3)
    live.copy_target(directory=path[2], name=b"tool")
    process, records = search(live, daemon, path, b"tool")
    check.equal("errors", [r.get("error") for r in of(records, process)], [None, "ENOENT", "ENOENT", None])
    check.true("tries", all("tries" not in r for r in of(records, process)))


def test_stopped_meanwhile(live):
    """What is held at a stop is delivered."""
    daemon = need_failures(live.daemon(TOGETHER))
    path = directories(live, 2)
    process, _ = search(live, daemon, path, b"no-such-tool", status=127)
    daemon.stop()
    record, = [r for r in of(daemon.records, process) if "error" in r]
    check.fields(record, error="ENOENT", tries=2)
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_reloaded_meanwhile(live):
    """What is held at a reload is delivered, by whatever the new configuration says."""
    for new in (TOGETHER, EACH, "[Trace]\nSyscallHook=tracepoint\nFailures=no\n"):
        config = live.write_file("reloaded.conf", TOGETHER)
        daemon = need_failures(live.daemon(options=[f"--config={config}"]))
        process, _ = search(live, daemon, directories(live, 2), b"no-such-tool", status=127)
        with open(config, "w", encoding="ascii") as file:
            file.write(new)
        daemon.signal(signal.SIGHUP)
        daemon.wait_event("reloaded")
        record, = late(daemon, process, 1)
        check.fields(record, error="ENOENT", tries=2)
        daemon.stop()
        check.balance(daemon.seqs, daemon.event("stopped"))


def test_killed_meanwhile(live):
    """What was held by a daemon that is killed is counted by the next, so that the ledger stays whole."""
    service = Service(live, TOGETHER)
    process = live.start(ENV, [b"env", b"no-such-tool"], env={b"PATH": b"/a:/b:/c"}, setup=silent)
    check.equal("exit status", process.wait(), 127)
    service.journal.catch_up()
    service.kill()
    service.start()
    service.resumed()
    service.journal.catch_up()
    stops = len(service.journal.events("stopped"))
    service.end()
    stopped = service.wait_events("stopped", stops + 1)
    seqs = set(service.seqs())
    lost = sum(int(value(entry, "EXEC_LOST")) for entry in service.journal.events("lost"))
    check.equal("lost", lost, 0)
    check.true("more is accounted for than there is, or less",
               max(seqs) <= accounted(stopped) <= max(seqs) + int(stopped["EXEC_SUPPRESSED"]))

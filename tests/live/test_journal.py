# SPDX-License-Identifier: GPL-2.0-or-later
"""Into a real systemd-journald, and read back with journalctl and with sd-journal."""

import os
import re
import select
import signal

from lib import check, journal as journals, kernel, sdjournal
from lib.arguments import CORPUS, check_cut, stack_without_limit
from lib.daemon import argv_of as json_argv_of
from lib.daemon import raw
from lib.journal import Journal, argv_of, value, values
from lib.native import NativeJournal
from lib.plan import Job, Way
from lib.text import Line

AUTHPRIV = 10
NOT_COMPARED = {"seq", "timestamp", "argv", "flags", "truncated"}  # what two daemons number and time differently


def test_fields(live):
    journal = Journal(live)
    journal.trace("[Output]\nLabel=ROLE=test ü\nEnvironment=FOO\n")
    process = live.run(live.target, [b"fields", b"\xff\n"], env={b"FOO": b"a\nb\xff"},
                       setup=lambda: kernel.become(65534, 65533))
    journal.catch_up()
    entry = journal.of(process.pid)
    expected = {
        "SYSLOG_IDENTIFIER": b"exectrace",
        "PRIORITY": b"6",
        "SYSLOG_FACILITY": b"%d" % AUTHPRIV,
        "MESSAGE_ID": b"92246f01e5b249e095ef09fd9efb9c3f",
        "EXEC_FILENAME": live.target,
        "EXEC_EXE": os.path.realpath(live.target),
        "EXEC_ARGV": '["fields","\ufffd\\n"]'.encode(),
        "EXEC_ARGV_RAW": b"ZmllbGRzAP8KAA==",
        "EXEC_PID": b"%d" % process.pid,
        "EXEC_PPID": b"%d" % os.getpid(),
        "EXEC_UID": b"65534",
        "EXEC_GID": b"65533",
        "EXEC_CWD": os.fsencode(os.getcwd()),
        "EXEC_LABEL_ROLE": "test ü".encode(),
        "EXEC_ENV_FOO": b"a\nb\xff",
    }
    for name, content in expected.items():
        check.equal(name, value(entry, name), content)
    for name in ("EXEC_TRUNCATED", "EXEC_ARGV_BYTES", "EXEC_EUID", "EXEC_EGID", "EXEC_FLAG", "EXEC_ERRNO"):
        check.equal(name, values(entry, name), [])


def test_same_as_json(live):
    """Every field of the JSON record of the same exec."""
    journal = Journal(live)
    journal.trace()
    setuid = live.copy_target(mode=0o6755, name=b"odd-name\xff")
    script = live.script(setuid)

    def setup():
        kernel.set_comm(b"my\ncomm\xfe")
        kernel.become(65534, 65533)

    record = live.one(script, [b"x", b"\xff"], setup=setup)
    journal.catch_up()
    entry = journal.of(record["pid"])
    for key, expected in record.items():
        if key not in NOT_COMPARED:
            text = raw(expected) if isinstance(expected, str) else b"%d" % expected
            check.equal(key, value(entry, "EXEC_" + key.upper()), text)
    check.equal("argv", argv_of(entry), json_argv_of(record))
    check.equal("flags", {v.decode() for v in values(entry, "EXEC_FLAG")}, set(record["flags"]))
    check.equal("flags", set(record["flags"]), {"script", "setuid", "setgid"})
    check.equal("flags in one field", value(entry, "EXEC_FLAGS"), ",".join(record["flags"]).encode())


def test_arguments(live):
    """Byte for byte, and nothing that an argument holds becomes a field or an entry."""
    journal = Journal(live)
    journal.trace()
    forged = [b"forge", b"x\nEXEC_FORGED=yes\n", b"\n\nMESSAGE=forged\nEXEC_FORGED=yes\n\n", b"EXEC_FORGED\n\x03\0"[:-1]]
    for argv in (*CORPUS, forged):
        entry = journal.one(live.target, argv)
        check.equal("arguments", argv_of(entry), argv)
        message = value(entry, "MESSAGE")
        check.true("MESSAGE is too long", len(message) <= 2048)
        check.equal("arguments in the MESSAGE", Line(message).arguments(), argv)
    check.equal("forged entries", [e for e in journal.entries if "EXEC_FORGED" in e], [])


def test_long_message(live):
    journal = Journal(live)
    journal.trace()
    entry = journal.one(live.target, [b"long"] + ["ü'\n€".encode() * 50] * 40)
    message = value(entry, "MESSAGE")
    check.between("length of the MESSAGE", len(message), 1500, 2048)
    check.true(f"MESSAGE does not end in dots: {message[-20:]}", message.endswith(b"..."))
    Line(message)


def test_over_the_datagram_limit(live):
    """By memfd: 900 KB of arguments, whole; and 2 MB, cut."""
    journal = Journal(live)
    journal.trace("[Trace]\nArgumentBytes=1M\n")
    argv = [b"large"] + [os.urandom(90000).replace(b"\0", b"\1") for _ in range(10)]
    entry = journal.one(live.target, argv, setup=stack_without_limit)
    check.equal("arguments", argv_of(entry), argv)
    argv = [b"larger"] + [b"%d" % (i % 10) * 100000 for i in range(20)]
    entry = journal.one(live.target, argv, setup=stack_without_limit)
    check.equal("EXEC_TRUNCATED", value(entry, "EXEC_TRUNCATED"), b"yes")
    record = {"truncated": True, "argv_bytes": int(value(entry, "EXEC_ARGV_BYTES")),
              "argv": [a.decode("utf-8", "surrogateescape") for a in argv_of(entry)]}
    check_cut(record, argv, 1024 * 1024)
    journal.daemon.stop()


def test_sd_journal(live):
    """The same bytes by the library."""
    journal = Journal(live)
    journal.trace()
    argv = [b"sd-journal", bytes(range(1, 256)), b"x" * 20000]
    directory = os.path.join(live.scratch(), b"d\n\xff")
    os.mkdir(directory)
    pid = live.run(live.target, argv, setup=lambda: os.chdir(directory)).pid
    journal.catch_up()
    entries = sdjournal.entries(journal.directory(), "SYSLOG_IDENTIFIER=exectrace", f"EXEC_PID={pid}")
    check.equal("number of entries", len(entries), 1)
    entry = {name: sdjournal.only(entries[0], name).decode() for name in ("EXEC_ARGV", "EXEC_ARGV_RAW")}
    check.equal("arguments", argv_of(entry), argv)
    check.equal("EXEC_CWD", sdjournal.only(entries[0], "EXEC_CWD"), os.path.realpath(directory))


def test_query_by_field(live):
    """What an administrator asks for."""
    journal = Journal(live)
    journal.trace()
    path = live.copy_target()
    process = live.run(path, [b"query"], setup=lambda: kernel.become(43210, 0))
    journal.catch_up()
    for match in ("EXEC_UID=43210", f"EXEC_EXE={os.path.realpath(os.fsdecode(path))}", f"EXEC_PID={process.pid}"):
        query = live.run("/usr/bin/journalctl", ["journalctl", "-D", journal.directory(), "-t", "exectrace",
                                                  "-o", "cat", "-q", match], stdout=True)
        lines = query.output.splitlines()
        check.equal(f"lines for {match}", len(lines), 1)
        check.equal("pid", Line(lines[0]).pid, process.pid)


def test_own_records(live):
    journal = Journal(live)
    journal.trace("[Filter]\nExcludeUser=43211\n")
    live.run(live.target, [b"dropped"], setup=lambda: kernel.become(43211, 0))
    journal.catch_up()
    stopped = journal.stop_trace()
    check.equal("number of started", len(journal.events("started")), 1)
    for entry in (stopped, journal.events("started")[0]):
        check.equal("SYSLOG_IDENTIFIER", value(entry, "SYSLOG_IDENTIFIER"), b"exectrace")
        check.equal("length of MESSAGE_ID", len(value(entry, "MESSAGE_ID")), 32)
    check.true("EXEC_FILTERED", int(stopped["EXEC_FILTERED"]) >= 1)
    check.equal("last entry", journal.entries[-1]["EXECTRACED_EVENT"], "stopped")


def test_journald_restarted(live):
    """While programs are executed, with the sockets kept by the service manager."""
    journal = Journal(live)
    journal.trace()
    jobs = [Job(live.target, [b"restart", b"%d" % i]) for i in range(4000)]
    running, finish = live.start_jobs(jobs)
    for percent in (10, 30, 50):
        live.loop.until(
            lambda p=percent: running.output.count(b"\n") >= len(jobs) * p // 100 or running.status is not None,
            "the jobs")
        journal.stop()
        journal.start()
    results = finish()
    journal.catch_up()
    journal.check_results(results)
    journal.stop_trace()


def test_journald_absent(live):
    """Nobody holds the sockets: what is executed while there is no journald comes once there is one."""
    journal = Journal(live, keep_sockets=False)
    journal.trace()
    runs = []
    for _ in range(2):
        runs.append(live.run_jobs([Job(live.target, [b"there"])] * 50)[1])
        journal.catch_up()
        journal.stop()
        runs.append(live.run_jobs([Job(live.target, [b"absent"])] * 500)[1])
        journal.start()
    journal.catch_up()
    # What others execute while journald ends may be in its socket, and goes with that.
    for results in runs:
        journal.check_results(results)
    journal.daemon.stop()


def test_journald_stopped_for_a_time(live):
    """A journald that reads nothing: its queue fills, the daemon waits, nothing is lost."""
    journal = Journal(live)
    journal.trace("[Trace]\nFailures=no\n")  # in a ring that is nearly full they give way to the others
    journal.process.kill(signal.SIGSTOP)
    jobs = [Job(live.target, [b"burst", b"%d" % i, b"x" * 8000]) for i in range(1500)]
    _, results = live.run_jobs(jobs)
    check.true("the daemon has ended", journal.daemon.running())
    journal.process.kill(signal.SIGCONT)
    journal.catch_up()
    journal.check_results(results)
    journal.stop_trace()


def waits_for_room(pid):
    """Whether a process is to be woken once something can be written."""
    directory = f"/proc/{pid}/fdinfo"
    for fd in os.listdir(directory):
        with open(os.path.join(directory, fd), encoding="ascii") as file:
            if any(int(events, 16) & select.EPOLLOUT for events in re.findall(r"^tfd: .* events: +(\w+)", file.read(), re.M)):
                return True
    return False


def test_room_for_many(live):
    """What does not fit waits for room, and not for that of each datagram that is read."""
    with journals.queue_of_systemd():
        journal = NativeJournal(live)
    daemon = journal.trace()
    journal.catch_up()
    journal.pause()
    _, results = live.run_jobs([Job(live.target, [b"waits"])] * 3000)
    live.loop.until(lambda: waits_for_room(daemon.pid), lambda: f"the daemon to wait; {daemon.state()}")
    daemon.signal(signal.SIGSTOP)
    datagrams, size = journal.take_unread()
    daemon.signal(signal.SIGCONT)
    check.between("datagrams that wait", datagrams, 100, journals.QUEUE_DATAGRAMS - 1)
    check.between("bytes that wait", size, 140_000, 300_000)

    before = kernel.switches(daemon.pid)
    journal.go_on()
    journal.catch_up()
    check.between("how often it was woken", kernel.switches(daemon.pid) - before, 1, 3000 // 30)
    journal.check_results(results)
    journal.stop_trace()


def test_stop_while_journald_is_stopped(live):
    """SIGTERM is obeyed though nobody reads; what could not be handed over is not reported as delivered."""
    journal = Journal(live)
    journal.trace()
    journal.catch_up()
    journal.process.kill(signal.SIGSTOP)
    live.cleanup(journal.process.kill, signal.SIGCONT)
    live.run_jobs([Job(live.target, [b"burst", b"x" * 8000])] * 1000)
    journal.daemon.signal(signal.SIGTERM)
    journal.daemon.wait_ended()
    journal.process.kill(signal.SIGCONT)


def test_memfd_and_script_flags(live):
    journal = Journal(live)
    journal.trace()
    _, results = live.run_jobs([Job(live.target, [b"m"], Way.MEMFD)])
    journal.catch_up()
    entry = journal.of(results.pids[0], results.parent)
    check.equal("EXEC_FLAG", set(values(entry, "EXEC_FLAG")), {b"fd", b"memfd"})


def test_nothing_is_said_twice(live):
    """Where standard error leads to the journal, too, the daemon's own records are there once."""
    journal = Journal(live)
    stream, device_and_inode = journal.connect_stream(b"exectraced")

    def setup():
        journal.enter()
        os.dup2(stream, 2)

    journal.daemon = live.daemon("[Output]\nTarget=journal\n", output=None, setup=setup,
                                 env={"JOURNAL_STREAM": device_and_inode})
    os.close(stream)
    journal.daemon.signal(signal.SIGHUP)
    journal.daemon.wait_ready(2)
    live.run(live.target, [b"after the totals that SIGHUP prints"])
    journal.daemon.stop()
    journal.wait_entry(lambda e: e.get("EXECTRACED_EVENT") == "stopped", "the stopped record")
    journal.wait_entry(lambda e: e.get("SYSLOG_IDENTIFIER") == "exectraced", "what goes to standard error")
    messages = [e["MESSAGE"] for e in journal.entries if "EXEC_ARGV" not in e]
    for kind in ("started", "reloaded", "stopped"):
        message, = [e["MESSAGE"] for e in journal.events(kind)]
        check.equal(f"entries that say {message}", messages.count(message), 1)


def test_rate_limit(live):
    """Nobody lifted it for a daemon that was started by hand: that is said, and what to do."""
    journal = Journal(live)
    journal.trace()
    started = journal.wait_entry(lambda e: e.get("EXECTRACED_EVENT") == "started", "the started record")
    check.equal("limited", started.get("EXECTRACED_RATE_LIMITED"), "yes")
    check.true(f"message: {started['MESSAGE']}", "journald may drop records" in started["MESSAGE"])

# SPDX-License-Identifier: GPL-2.0-or-later
"""The process that reads build-ids: what it has, and what becomes of records when it hangs or dies."""

import os
import re
import signal
import time

from lib import builds, check, fuse, kernel
from lib.builds import ON, ONE, OTHER
from lib.loop import DEADLINE

READER = b"file-reader"
READERS_MAX = 4
STARTS_MAX = 10  # in a minute
ANSWER_SECONDS = 0.25
# Of whatever file: on this machine others execute, too.
HANGS = re.compile(r"no build-id of /.*: its file system, \d+:\d+, does not answer, and is not asked again for 60 s")


def reader_of(daemon):
    """The process that reads for the daemon and can be asked; None: there is none."""
    with open(f"/proc/{daemon.pid}/task/{daemon.pid}/children", encoding="ascii") as file:
        children = file.read().split()
    for child in map(int, children):
        try:
            with open(f"/proc/{child}/stat", "rb") as file:
                name, state = file.read().rsplit(b")", 1)
        except OSError:  # it has ended
            continue
        if name.endswith(READER) and state.split()[0] in (b"S", b"R"):
            return child
    return None


def wait(live, condition, what):
    """For what no descriptor tells of."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        check.true(f"nothing came in {DEADLINE} s: {what}", time.monotonic() < deadline)
        live.loop.turn(0.01)


def wait_end(live, pid):
    """Of a process that is nobody's child here."""
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ended = []

    def on_end():
        live.loop.remove(pidfd)
        os.close(pidfd)
        ended.append(True)

    live.loop.add(pidfd, on_end)
    live.loop.until(lambda: ended, f"the end of process {pid}")


def kill_reader(live, reader):
    os.kill(reader, signal.SIGKILL)
    wait_end(live, reader)


def wait_reader(live, daemon, before):
    """A new file in the place of which a reader is asked; the reader, who is not `before`."""
    check.fields(live.one(builds.make(live, ONE), [b"new"], daemon), build_id=ONE)
    reader = reader_of(daemon)
    check.true(f"reader {reader} after {before}", reader not in (None, before))
    return reader


def test_has_nothing(live):
    """
    Only a socket, of the capabilities only what helps to find files, and a filter of system calls. It is a program
    of its own: nothing of the daemon's memory is in it.
    """
    daemon = live.daemon(ON)
    reader = wait_reader(live, daemon, None)
    links = [os.readlink(f"/proc/{reader}/fd/{fd}") for fd in sorted(os.listdir(f"/proc/{reader}/fd"))]
    check.equal("lower descriptors", links[:3], ["/dev/null"] * 3)
    check.equal("others", [link.split(":")[0] for link in links[3:]], ["socket"])
    with open(f"/proc/{reader}/status", encoding="ascii") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    for name in ("CapPrm", "CapEff"):
        check.true(f"{name}: {status[name]}", int(status[name], 16) & ~(1 << 2 | 1 << 19) == 0)
    check.equal("CapInh", int(status["CapInh"], 16), 0)
    check.equal("NoNewPrivs", status["NoNewPrivs"], "1")
    check.equal("Seccomp", status["Seccomp"], "2")
    check.equal("executable", os.readlink(f"/proc/{reader}/exe"), os.path.realpath(live.file_reader))
    with open(f"/proc/{reader}/maps", encoding="ascii") as file:
        foreign = [line for line in file
                   if "exectraced" in line and live.file_reader not in line or "s " in line[:40]]
    check.equal("mappings that it has of the daemon's", foreign, [])
    with open(f"/proc/{reader}/environ", "rb") as file:
        check.equal("environment", file.read(), b"")
    daemon.stop()
    check.true("the reader outlives the daemon", not os.path.exists(f"/proc/{reader}"))


def test_no_program(live):
    """It can't be started: that is said, and records go on without."""
    daemon = live.daemon(ON, env={"EXECTRACED_FILE_READER": "/no/such/program"})
    for _ in range(3):
        check.fields(live.one(builds.make(live, ONE), [b"nobody reads"], daemon), build_id=None)
    said = daemon.said_since_start()
    check.true(f"nothing said: {said!r}", "/no/such/program: No such file or directory" in said)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_another_version(live):
    """As after an upgrade of the files: what to do about it is said."""
    program = live.write_file("reader", "#!/bin/sh\nexit 3\n")
    os.chmod(program, 0o755)
    daemon = live.daemon(ON, env={"EXECTRACED_FILE_READER": program})
    check.fields(live.one(builds.make(live, ONE), [b"nobody understands"], daemon), build_id=None)
    said = daemon.said_since_start()
    check.true(f"nothing said: {said!r}", f"{program} is of another version: restart the service" in said)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_killed(live):
    """The next question goes to a new one, and a daemon that is killed takes its reader with it."""
    daemon = live.daemon(ON)
    reader = wait_reader(live, daemon, None)
    kill_reader(live, reader)
    reader = wait_reader(live, daemon, reader)
    check.true(f"nothing said: {daemon.said_since_start()!r}", "signal 9" in daemon.said_since_start())
    daemon.signal(signal.SIGKILL)
    daemon.wait_end()
    wait_end(live, reader)


def test_stopped(live):
    """One who does not answer in time is replaced. Records do not wait for longer, and none is lost."""
    daemon = live.daemon(ON)
    known = builds.make(live, OTHER)
    check.fields(live.one(known, [b"known"], daemon), build_id=OTHER)
    reader = wait_reader(live, daemon, None)
    os.kill(reader, signal.SIGSTOP)
    path = builds.make(live, ONE)
    check.fields(live.one(path, [b"unanswered"], daemon), build_id=None)
    said = daemon.said_since_start()
    check.equal(f"times that it was said: {said!r}", len(HANGS.findall(said)), 1)
    # Nothing on that file system is asked for now, but what is known is known.
    check.fields(live.one(path, [b"again"], daemon), build_id=None)
    check.fields(live.one(builds.make(live, ONE), [b"another"], daemon), build_id=None)
    check.fields(live.one(known, [b"known"], daemon), build_id=OTHER)
    memory = live.scratch()
    kernel.mount("tmpfs", memory, "tmpfs")
    live.cleanup(kernel.detach, memory)
    check.fields(live.one(builds.make(live, ONE, memory), [b"elsewhere"], daemon), build_id=ONE)
    check.true("the one that was stopped is still there", reader_of(daemon) != reader)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))
    said = daemon.said_since_start()
    check.true(f"how many went without: {said!r}", "records are without build-ids" in said)


def test_killed_again_and_again(live):
    """There is an end to it, which is said once."""
    daemon = live.daemon(ON)
    reader = None
    for _ in range(STARTS_MAX):
        reader = wait_reader(live, daemon, reader)
        kill_reader(live, reader)
    for _ in range(3):
        check.fields(live.one(builds.make(live, ONE), [b"new"], daemon), build_id=None)
        check.equal("a reader", reader_of(daemon), None)
    check.equal("times that it was said", daemon.said_since_start().count("too many readers"), 1)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))


def need_fuse():
    with open("/proc/filesystems", encoding="ascii") as file:
        if "\tfuse\n" not in file.read() or not os.path.exists("/dev/fuse"):
            raise check.Skip("this kernel has no FUSE")


def test_fuse(live):
    """Root's own file systems are like all others; what a user mounts may claim to be anything."""
    need_fuse()
    daemon = live.daemon(ON)
    source = builds.make(live, ONE)
    path, _ = fuse.mount(live, source)
    check.fields(live.one(path, [b"root's"], daemon), exe=os.fsdecode(path), build_id=ONE)
    path, _ = fuse.mount(live, source, user=54321)
    check.fields(live.one(path, [b"a user's"], daemon), exe=os.fsdecode(path), build_id=None)


def test_hanging_file_systems(live):
    """Those who wait for it can't be killed. There are not more and more of them, and records go on."""
    need_fuse()
    daemon = live.daemon(ON)
    source = builds.make(live, ONE)
    check.fields(live.one(source, [b"known"], daemon), build_id=ONE)
    mounts = [fuse.mount(live, source, hangs=lambda comm: comm == READER) for _ in range(READERS_MAX)]

    def action():
        pids = []
        for path, _ in mounts:
            for _ in range(3):
                pids.append(live.run(path, [b"hangs"]).pid)
                pids.append(live.run(source, [b"known"]).pid)
        return pids

    begin = time.monotonic()
    pids, records = live.observe(action, daemon)
    check.between("seconds", time.monotonic() - begin, READERS_MAX * ANSWER_SECONDS, 20)
    check.equal("build-ids", [live.only(records, pid).get("build_id") for pid in pids],
                [None, ONE] * 3 * READERS_MAX)
    said = daemon.said_since_start()
    check.equal(f"times that it was said: {said!r}", len(HANGS.findall(said)), READERS_MAX)
    check.equal(f"times that no more are read: {said!r}", said.count("readers of files hang"), 1)
    wait(live, lambda: reader_of(daemon) is None, "the end of all that can be ended")
    check.fields(live.one(builds.make(live, OTHER), [b"nobody reads"], daemon), build_id=None)
    check.fields(live.one(source, [b"known"], daemon), build_id=ONE)

    for _, end in mounts:
        end()
    found = None
    deadline = time.monotonic() + DEADLINE
    while found is None and time.monotonic() < deadline:
        found = live.one(builds.make(live, OTHER), [b"somebody reads again"], daemon).get("build_id")
    check.equal("build-id once they are gone", found, OTHER)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_stop_while_it_hangs(live):
    """Neither the daemon nor its records wait for a reader that can't be killed."""
    need_fuse()
    daemon = live.daemon(ON)
    path, _ = fuse.mount(live, builds.make(live, ONE), hangs=lambda comm: comm == READER)
    live.run(path, [b"last"])
    daemon.stop()
    check.equal("records of it", len([r for r in daemon.records if r.get("exe") == os.fsdecode(path)]), 1)
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_reload(live):
    """On and off and on, with execs in between."""
    config = live.write_file("reloaded.conf", "")
    daemon = live.daemon(options=[f"--config={config}"])
    path = builds.make(live, ONE)
    for text, digits in (("", None), (ON, ONE), ("[Output]\nBuildId=no\n", None), (ON, ONE)):
        with open(config, "w", encoding="ascii") as file:
            file.write(text)
        daemon.events.clear()
        daemon.signal(signal.SIGHUP)
        daemon.wait_event("reloaded")
        check.fields(live.one(path, [b"run"], daemon), build_id=digits)
        check.equal("a reader is there", reader_of(daemon) is not None, digits is not None)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))

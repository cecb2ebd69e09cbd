# SPDX-License-Identifier: GPL-2.0-or-later
"""What a program was started in: its process group, session, terminal, standard input, a debugger, a user namespace."""

import fcntl
import os
import signal
import socket

from lib import check, kernel
from lib.daemon import argv_of
from lib.native import NativeJournal


def flags(record):
    return set(record.get("flags", []))


def test_groups_and_sessions(live):
    """Told where they are not the process's own."""
    # 0 is a session whose leader is outside of this PID namespace, or none: nothing to record.
    session = os.getsid(0) or None
    inherited = live.one(live.target, [b"inherited"])
    check.fields(inherited, pgid=os.getpgrp() or None, sid=session)
    record = live.one(live.target, [b"leads a group"], setup=lambda: os.setpgid(0, 0))
    check.fields(record, pgid=None, sid=session)
    check.fields(live.one(live.target, [b"leads a session"], setup=os.setsid), pgid=None, sid=None)


def test_group_of_another(live):
    """A member of a group and of a session that two others lead."""
    token = live.token()

    def setup():
        os.setsid()
        leader = os.fork()
        if leader == 0:
            os.setpgid(0, 0)
            member = os.fork()
            if member == 0:
                os.execv(live.target, [b"member", token, b"%d" % os.getsid(0), b"%d" % os.getpgrp()])
            os.waitpid(member, 0)
            os._exit(0)
        os.waitpid(leader, 0)

    _, records = live.observe(lambda: live.run(live.target, [b"leads a session"], setup=setup))
    record, = live.with_token(records, token)
    session, group = map(int, argv_of(record)[2:])
    check.equal("different processes", len({session, group, record["pid"]}), 3)
    check.fields(record, sid=session, pgid=group)


class Terminal:
    """A terminal, which what runs in setup() gets as its own."""

    def __init__(self, live):
        self.master, self.slave = os.openpty()
        live.cleanup(os.close, self.master)
        live.cleanup(os.close, self.slave)

    def take(self):
        os.setsid()
        fcntl.ioctl(self.slave, kernel.TIOCSCTTY, 0)


def test_interactive(live):
    """The leader of the foreground group of its terminal, and nobody else."""
    terminal = Terminal(live)
    check.true("the leader of a session", "interactive" in flags(
        live.one(live.target, [b"leader"], setup=terminal.take)))

    terminal = Terminal(live)
    token = live.token()

    def setup():
        terminal.take()
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        for name, own_group, foreground in ((b"member", False, True), (b"background", True, False), (b"typed", True, True)):
            child = os.fork()
            if child == 0:
                if own_group:
                    os.setpgid(0, 0)
                if own_group and foreground:
                    os.tcsetpgrp(terminal.slave, os.getpgrp())
                os.execv(live.target, [name, token])
            os.waitpid(child, 0)

    _, records = live.observe(lambda: live.run(live.target, [b"shell"], setup=setup))
    check.equal("interactive", {argv_of(r)[0]: "interactive" in flags(r) for r in live.with_token(records, token)},
                {b"member": False, b"background": False, b"typed": True})


def test_not_interactive_without_a_terminal(live):
    """Standard input may be a terminal that is another session's."""
    terminal = Terminal(live)

    def setup():
        os.setsid()
        os.dup2(terminal.slave, 0)

    record = live.one(live.target, [b"another's"], setup=setup)
    check.fields(record, stdin="tty", tty=None)
    check.true("interactive", "interactive" not in flags(record))


def test_standard_input(live):
    read, write = os.pipe()
    ours, theirs = socket.socketpair()
    plain = os.open(live.write_file("plain", b"x"), os.O_RDONLY)
    zero = os.open("/dev/zero", os.O_RDONLY)
    null = os.open("/dev/null", os.O_RDWR)
    terminal = Terminal(live)
    for fd in (read, write, plain, zero, null):
        live.cleanup(os.close, fd)
    for side in (ours, theirs):
        live.cleanup(side.close)
    for fd, expected in ((read, "pipe"), (theirs.fileno(), "socket"), (plain, "file"), (null, "null"), (zero, "other"),
                         (terminal.slave, "tty")):
        record = live.one(live.target, [b"input"], setup=lambda fd=fd: os.dup2(fd, 0))
        check.equal(f"standard input, which is {os.readlink(f'/proc/self/fd/{fd}')}", record.get("stdin"), expected)
    check.fields(live.one(live.target, [b"input"], setup=lambda: os.close(0)), stdin="closed")


def test_traced(live):
    token = live.token()

    def setup():
        child = os.fork()
        if child == 0:
            kernel.trace_me()
            os.execv(live.target, [b"traced", token])
        if kernel.trace_to_the_end(child) != 0:
            raise AssertionError("the child that is traced did not end well")

    process, records = live.observe(lambda: live.run(live.target, [b"traces"], setup=setup))
    record, = live.with_token(records, token)
    check.equal("flags of what is traced", flags(record), {"traced"})
    check.true("flags of who traces", "traced" not in flags(live.only(records, process.pid)))


def test_user_namespace(live):
    """A user is root in one of his own; what that gives him is not what it gives root."""
    record = live.one(live.target, [b"inside"], setup=lambda: kernel.user_namespace((0, 4324, 1), (1, 4325, 1)))
    check.true(f"flags: {flags(record)}", "userns" in flags(record))
    check.true("outside", "userns" not in flags(live.one(live.target, [b"outside"])))


def test_all_flags_in_one(live):
    """For readers that keep one value of a field; by journal, as JSON has a list."""
    journal = NativeJournal(live)
    journal.trace()
    script = live.script(live.target)
    entry = journal.one(script, [b"x"], setup=lambda: kernel.user_namespace((0, 4324, 1)))
    check.equal("each", set(entry["EXEC_FLAG"]), {"script", "userns"})
    check.equal("joined", set(entry.get("EXEC_FLAGS", "").split(",")), {"script", "userns"})
    check.true("one flag is joined", "EXEC_FLAGS" not in journal.one(script, [b"x"]))

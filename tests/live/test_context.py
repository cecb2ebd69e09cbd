# SPDX-License-Identifier: GPL-2.0-or-later
"""What a program was started in: its process group, session, terminal, standard input, a debugger, a user namespace."""

import fcntl
import os
import re
import signal
import socket

from lib import check, kernel
from lib.daemon import argv_of
from lib.native import NativeJournal
from lib.text import Line


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


def test_text_of_a_login(live):
    """Who logged in where that is another user than who runs it, and the terminal; of a failure, too."""
    if not os.path.exists("/proc/self/loginuid"):
        raise check.Skip("this kernel has no login uid (CONFIG_AUDIT)")
    with open("/proc/self/loginuid", encoding="ascii") as file:
        if int(file.read()) != 0xFFFFFFFF:
            raise check.Skip("these tests were started in a login session, whose uid can't be set again")
    master, slave = os.openpty()
    live.cleanup(os.close, master)
    live.cleanup(os.close, slave)
    terminal = os.ttyname(slave).removeprefix("/dev/").encode()
    token = live.token()

    def as_user(uid, path):
        def setup():
            with open("/proc/self/loginuid", "w", encoding="ascii") as file:
                file.write("1000")
            os.setsid()
            fcntl.ioctl(slave, kernel.TIOCSCTTY, 0)
            kernel.become(uid, 0)
            if path != live.target:
                try:
                    os.execv(path, [b"none", token])
                except OSError:
                    pass
        return setup

    daemon = live.daemon("[Trace]\nFailures=all\nSyscallHook=tracepoint\n", output="text")
    for uid, path in ((0, live.target), (1000, live.target), (65534, b"/nonexistent/program")):
        live.run(live.target, [b"login", token], setup=as_user(uid, path))
    end = live.token()
    live.run(live.target, [b"sentinel", end])
    daemon.wait_line(end)
    lines = [Line(line) for line in daemon.lines if token in line]
    seen = not re.search(r"but not: failed execs(?! of)", daemon.stderr())
    failure = [(65534, 1000, terminal, b"ENOENT")] if seen else []
    check.equal("uid, login, terminal and error", [(line.uid, line.login, line.tty, line.error) for line in lines],
                [(0, 1000, terminal, None), (1000, None, terminal, None), *failure, (65534, 1000, terminal, None)])
    daemon.stop()

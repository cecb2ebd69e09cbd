# SPDX-License-Identifier: GPL-2.0-or-later
"""How it came to be executed: standard input, terminal, who made it; and what ran before."""

import ctypes
import os
import pty
import signal
import time

from lib import check, kernel
from lib.daemon import argv_of, raw

PR_SET_CHILD_SUBREAPER = 36
PTRACE_TRACEME = 0
CLONE_NEWTIME = 0x80
LIBC = ctypes.CDLL(None, use_errno=True)


def flags(record):
    return set(record.get("flags", []))


def test_standard_input(live):
    read, write = os.pipe()
    live.cleanup(os.close, read)
    live.cleanup(os.close, write)
    master, slave = os.openpty()
    live.cleanup(os.close, master)
    live.cleanup(os.close, slave)
    named = os.open(live.write_file("input", ""), os.O_RDONLY)
    live.cleanup(os.close, named)

    def opened(path, mode=os.O_RDONLY):
        return lambda: os.dup2(os.open(path, mode), 0)

    def a_socket():
        pair = (ctypes.c_int * 2)()
        if LIBC.socketpair(1, 1, 0, pair) < 0:
            raise OSError(ctypes.get_errno(), "socketpair")
        os.dup2(pair[0], 0)

    for expected, setup in {
            "pipe": lambda: os.dup2(read, 0), "tty": lambda: os.dup2(slave, 0), "file": lambda: os.dup2(named, 0),
            "null": opened("/dev/null"), "other": opened("/dev/zero"), "socket": a_socket,
            "closed": lambda: os.close(0)}.items():
        check.fields(live.one(live.target, [b"stdin"], setup=setup), stdin=expected)


def test_interactive(live):
    """The leader of the foreground process group of a terminal, and nobody else on it."""
    def on_terminal(leads):
        def setup():
            os.setsid()
            master, slave = pty.openpty()
            os.set_inheritable(master, True)  # or the terminal hangs up
            os.dup2(slave, 0)
            os.close(os.open(os.ttyname(slave), os.O_RDWR))  # becomes the controlling terminal
            if not leads:
                pid = os.fork()
                if pid != 0:
                    os.waitpid(pid, 0)
                    os._exit(0)
        return setup

    record = live.one(live.target, [b"typed"], setup=on_terminal(True))
    check.true(f"flags: {record}", "interactive" in flags(record))
    token = live.token()
    _, records = live.observe(lambda: live.run(live.target, [b"below", token], setup=on_terminal(False)))
    record, = live.with_token(records, token)
    check.true(f"flags: {record}", "interactive" not in flags(record) and "tty" in record)
    check.true("flags without a terminal", "interactive" not in flags(live.one(live.target, [b"x"], setup=os.setsid)))


def orphaned(live, forks, reaper=False):
    """A program that is executed once the processes that made it, `forks` of them, have exited."""
    token, report = live.token(), os.pipe()
    if reaper:
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        live.cleanup(LIBC.prctl, PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)

    def setup():
        made = []
        for _ in range(forks):
            made.append(os.getpid())
            if os.fork() != 0:
                os._exit(0)
            while os.getppid() == made[-1]:
                pass
        os.write(report[1], b"%d" % made[-1])

    _, records = live.observe(lambda: (live.run(live.target, [b"orphan", token], setup=setup), os.read(report[0], 20)))
    maker = int(_[1])
    found = live.loop.until(lambda: live.with_token(live.tracer.records, token), "the record")
    for fd in report:
        os.close(fd)
    return found[0], maker


def test_orphan(live):
    """Who made it is said when that is gone, and who adopted it is its parent."""
    for forks in 1, 2:
        record, maker = orphaned(live, forks, reaper=True)
        check.true(f"flags: {record}", "orphan" in flags(record))
        check.equal("maker", int(record["parent"].split("-")[0]), maker)
        check.fields(record, ppid=os.getpid())
        # Its makers executed nothing: the ancestor is who did, before them.
        check.equal("ancestor", int(record["ancestor"].split("-")[0]), os.getpid())
        while True:
            try:
                os.waitpid(record["pid"], 0)
            except ChildProcessError:
                break
    check.true("flags of another", "orphan" not in flags(live.one(live.target, [b"x"])))


def test_user_namespace(live):
    record = live.one(live.target, [b"inside"], setup=lambda: kernel.unshare(kernel.CLONE_NEWUSER))
    check.true(f"flags: {record}", "userns" in flags(record))
    check.true("flags outside", "userns" not in flags(live.one(live.target, [b"outside"])))


def test_traced(live):
    """A debugger gets it at the end of the exec, which is after the record."""
    def setup():
        if LIBC.ptrace(PTRACE_TRACEME, 0, 0, 0) < 0:
            raise OSError(ctypes.get_errno(), "PTRACE_TRACEME")

    def traced():
        pid = os.fork()
        if pid == 0:
            setup()
            os.execv(live.target, [b"traced", token])
        os.waitpid(pid, 0)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return pid

    token = live.token()
    _, records = live.observe(traced)
    record, = live.with_token(records, token)
    check.true(f"flags: {record}", "traced" in flags(record))


def test_moved_out_of_its_mount(live):
    """A directory that was renamed to outside of its bind mount has no path from the root any more."""
    base = live.scratch()
    os.makedirs(os.path.join(base, b"source/d"))
    os.mkdir(os.path.join(base, b"place"))
    live.copy_target(os.path.join(base, b"source/d"), b"program")

    def setup():
        kernel.private_mounts()
        kernel.bind(os.path.join(base, b"source"), os.path.join(base, b"place"))
        os.chdir(os.path.join(base, b"place/d"))
        os.rename(os.path.join(base, b"source/d"), os.path.join(base, b"moved"))

    record = live.one(b"./program", [b"moved"], setup=setup)
    for key in "exe", "cwd":
        check.true(f"{key}: {record[key]}", raw(record[key]).startswith(b"(unreachable)/"))
        check.true(f"{key}: {record[key]}", b"//" not in raw(record[key]))


def test_snapshot(live):
    """Each program that runs before the daemon, once, with its arguments and as what it is, and without a number."""
    tokens = [live.token() for _ in range(3)]
    held = [live.hold([b"before", token], setup=lambda: kernel.become(65534, 65533)) for token in tokens]
    daemon = live.daemon()
    _, records = live.observe(lambda: None, daemon)
    for process, token in zip(held, tokens):
        record, = [r for r in daemon.before if r["pid"] == process.pid]
        check.equal("arguments", argv_of(record), [b"before", token])
        check.fields(record, uid=65534, gid=65533, exe=os.fsdecode(os.path.realpath(live.target)), seq=None, error=None)
        check.equal("flags", flags(record), {"running"})
        check.true("identity", record["process"].startswith(f"{process.pid}-"))
        check.equal("records of its exec", [r for r in records if r["pid"] == process.pid], [])
    pids = [r["pid"] for r in daemon.before]
    check.equal("twice", len(pids), len(set(pids)))
    check.true(f"only {len(pids)}", len(pids) * 2 > daemon.event("started")["exectraced_running"])
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_no_snapshot(live):
    live.hold([b"before"])
    daemon = live.daemon("[Trace]\nSnapshot=no\n")
    live.observe(lambda: None, daemon)
    check.equal("records of what ran before", daemon.before, [])


def test_filter_by_login(live):
    """The login uid, of those who have none and of those who have."""
    def login(uid):
        def setup():
            with open("/proc/self/loginuid", "w", encoding="ascii") as file:
                file.write(str(uid))
        return setup

    if not os.path.exists("/proc/self/loginuid"):
        raise check.Skip("this kernel has no CONFIG_AUDIT")
    for config, kept in ("ExcludeLogin=7000-7010", ["none", 6999]), ("IncludeLogin=7003", [7003]), (
            "ExcludeLogin=unset", [6999, 7003]), ("IncludeLogin=unset", ["none"]):
        daemon = live.daemon(f"[Filter]\n{config}\n")
        token = live.token()
        for who in "none", 6999, 7003:
            live.run(live.target, [str(who).encode(), token], setup=(lambda: None) if who == "none" else login(who))
        # The sentinel may be dropped, too: nothing comes behind what is stopped.
        daemon.stop()
        found = [argv_of(r)[0].decode() for r in live.with_token(daemon.records, token)]
        check.equal(config, found, [str(who) for who in kept])
        dropped = daemon.event("suppressed")
        check.true(f"{config}: {dropped}", dropped["exec_filtered"] >= 3 - len(kept) and dropped["exec_suppressed"] == 0)


def test_time_namespace(live):
    """The daemon's own clock of the boot is a day ahead; its records are not."""
    if not os.path.exists("/proc/self/timens_offsets"):
        raise check.Skip("this kernel has no time namespaces")

    def setup():
        kernel.unshare(CLONE_NEWTIME)
        with open("/proc/self/timens_offsets", "w", encoding="ascii") as file:
            file.write("boottime 86400 5\n")

    daemon = live.daemon(setup=setup)
    before = time.time()
    record = live.one(live.target, [b"when"], daemon)
    check.between("timestamp", record["timestamp"] / 1e6, before - 1, time.time() + 1)
    held = [r for r in daemon.before if r["pid"] == os.getpid()]
    check.true(f"arguments of what ran: {held}", held and len(argv_of(held[0])) > 1)

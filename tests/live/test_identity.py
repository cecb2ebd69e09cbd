# SPDX-License-Identifier: GPL-2.0-or-later
"""Whose process it was: ids, names, times, terminal."""

import fcntl
import os
import pathlib
import time

from lib import check, elf, kernel, plan
from lib.daemon import argv_of, raw

TICK = 1_000_000_000 // os.sysconf("SC_CLK_TCK")  # of /proc/PID/stat, in nanoseconds
CLOCK_SLACK = 500  # microseconds: the two clocks are not read at once


def start_ticks(pid):
    """Field 22 of /proc/PID/stat (proc(5))."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        return int(file.read().rpartition(b")")[2].split()[19])


def identity_start(identity):
    """The start time in an identity, in nanoseconds."""
    return int(identity.partition("-")[2], 16)


def test_ids_and_arguments(live):
    """A process under another uid and gid."""
    argv = [b"other", b"arguments", b"of mine"]
    for uid, gid in ((65534, 65533), (1234, 0), (0, 77), (4294967290, 4294967291)):
        record = live.one(live.target, argv, setup=lambda u=uid, g=gid: kernel.become(u, g))
        check.equal("arguments", argv_of(record), argv)
        check.fields(record, uid=uid, gid=gid, euid=None, egid=None)


def test_effective_ids_of_the_caller(live):
    """Effective ids that were there before the exec are recorded, but it did not give them."""
    def setup():
        os.setresgid(10, 20, 20)
        os.setresuid(30, 40, 40)

    record = live.one(live.target, [b"effective"], setup=setup)
    check.fields(record, uid=30, gid=10, euid=40, egid=20, flags=None)


def test_numbers_are_numbers(live):
    record = live.one(live.target, [b"types"])
    for key in ("pid", "ppid", "uid", "gid", "seq", "timestamp"):
        check.true(f"{key}: {record[key]!r}", type(record[key]) is int)
    for key in ("truncated",):
        check.true(f"{key}: {record[key]!r}", type(record[key]) is bool)
    check.true("argv", isinstance(record["argv"], list))


def test_pid_and_parent(live):
    process, records = live.observe(lambda: live.run(live.target, [b"pids"]))
    record = live.only(records, process.pid)
    check.fields(record, pid=process.pid, ppid=os.getpid(), nspid=None, pidns=None)


def test_identity(live):
    """The same over the execs of a process, its start time is the kernel's, and the child names its parent by it."""
    job = plan.Job(live.target, [b"target"], origin=plan.Origin.SELF, env={b"TARGET": b"hold"})

    def twice():
        path = os.path.join(live.scratch(), b"plan")
        plan.write(path, [job])
        process = live.start(live.caller, [b"caller", path, b"0"], stdin=True, stdout=True)
        process.wait_output(b"runs\n")
        return process

    process, records = live.observe(twice)
    first, second = [r for r in records if r["pid"] == process.pid]
    check.equal("identity after the second exec", second["process"], first["process"])
    check.equal("parent", second["parent"], first["parent"])
    check.true("process is its own parent", first["process"] != first["parent"])
    for identity, pid in ((first["process"], process.pid), (first["parent"], os.getpid())):
        check.equal("pid in the identity", int(identity.partition("-")[0]), pid)
        check.equal("start time, in ticks", identity_start(identity) // TICK, start_ticks(pid))
    process.release()


def test_parent_identity_is_the_parents(live):
    """A program and the program that it executes in a child."""
    (caller, results), records = live.observe(lambda: live.run_jobs([plan.Job(live.target, [b"child"])]))
    parent = live.only(records, caller.pid)
    record = live.only(records, results.pids[0], caller.pid)
    check.equal("identity of the parent", record["parent"], parent["process"])
    check.fields(record, ppid=caller.pid, parent_comm="caller", comm="caller")


def test_ancestor(live):
    """Of processes that were only forked, it is the nearest one that executed a program."""
    token = live.token()
    shell, records = live.observe(lambda: live.run(
        b"/bin/sh", [b"sh", b"-c", b'"$0" "$1" 0; ("$0" "$1" 1; :); ( ("$0" "$1" 2; :); :)', live.target, token]))
    ancestor = live.only(records, shell.pid)
    check.fields(ancestor, ancestor=None)
    direct, forked, forked_twice = live.with_token(records, token)[1:]
    check.fields(direct, ancestor=None, parent=ancestor["process"])
    for record in (forked, forked_twice):
        check.true("the parent executed a program", record["parent"] not in (r["process"] for r in records))
        check.fields(record, ancestor=ancestor["process"])


def ends_before(read, execute):
    """Forks a child that executes once the other end of a pipe is closed, which the test does when its parent has ended."""
    if os.fork() == 0:
        os.closerange(3, read)
        os.closerange(read + 1, 4096)
        os.read(read, 1)
        execute()
        os._exit(127)


def orphaned(live, setup, token):
    """The records of a process that forks in setup(), and of what its descendant executes when it has ended."""
    read, write = os.pipe()

    def action():
        forks = live.run(live.target, [b"forks"], setup=lambda: setup(read))
        os.close(write)
        live.tracer.wait_record(lambda r: token in argv_of(r), "the orphan's record")
        os.close(read)
        return forks

    forks, records = live.observe(action)
    maker, = [r for r in records if r["pid"] == forks.pid]
    orphan, = live.with_token(records, token)
    return maker, orphan


def test_orphan(live):
    """The parent is who adopted it; who made it is known all the same."""
    token = live.token()
    maker, record = orphaned(live, lambda read: ends_before(
        read, lambda: os.execv(live.target, [b"orphan", token])), token)
    check.true("the parent is the one that has ended", record["ppid"] != maker["pid"])
    with open(f"/proc/{record['ppid']}/comm", encoding="utf-8") as file:
        check.equal("comm of the parent", record["parent_comm"], file.read()[:-1])
    check.fields(record, parent=maker["process"], ancestor=None, flags=["orphan"])


def test_double_fork(live):
    """Who made it was only forked itself, and has ended: the nearest ancestor that executed something is known."""
    token = live.token()
    fifo = os.path.join(live.scratch(), b"fifo")
    os.mkfifo(fifo)
    script = b'( (read line; exec "$0" "$1") <"$2" & ); :'

    def action():
        shell = live.run(b"/bin/sh", [b"sh", b"-c", script, live.target, token, fifo])
        os.close(os.open(fifo, os.O_WRONLY))
        live.tracer.wait_record(lambda r: argv_of(r) == [live.target, token], "the record of what was left behind")
        return shell

    shell, records = live.observe(action)
    ancestor = live.only(records, shell.pid)
    record, = [r for r in records if argv_of(r) == [live.target, token]]
    made_by = int(record["parent"].partition("-")[0])
    check.true("who made it", made_by not in (shell.pid, record["ppid"], record["pid"]))
    check.fields(record, ancestor=ancestor["process"], flags=["orphan"])


def test_orphan_executes_again(live):
    """Who made a process does not change, and it is an orphan from then on."""
    token = live.token()
    job = plan.Job(live.target, [b"second", token], origin=plan.Origin.SELF)
    path = os.path.join(live.scratch(), b"plan")
    plan.write(path, [job])
    read, write = os.pipe()

    def setup():
        ends_before(read, lambda: os.execv(live.caller, [b"caller", path, b"0"]))

    def action():
        forks = live.run(live.target, [b"forks"], setup=setup)
        os.close(write)
        live.tracer.wait_record(lambda r: token in argv_of(r), "the second record")
        os.close(read)
        return forks

    forks, records = live.observe(action)
    maker, = [r for r in records if r["pid"] == forks.pid]
    last = live.with_token(records, token)[0]
    both = [r for r in records if r["process"] == last["process"]]
    check.equal("programs of the orphan", len(both), 2)
    for record in both:
        check.fields(record, parent=maker["process"], flags=["orphan"])


def test_comm(live):
    """comm is the caller's; odd bytes come as they are."""
    for name in (b"simple", b"with blank", b"a\nb\"c\\", b"\xff\x80", b"\x1b[31m", "ä€".encode(), b"]) [,=",
                 b"exactly-15-char"):
        record = live.one(live.target, [b"comm"], setup=lambda n=name: kernel.set_comm(n))
        check.equal("comm", raw(record["comm"]), name)


def pids_that_share(live, apart, n):
    """Pids that nobody has: so many in a row, and the one that has that distance from the first."""
    begin = live.run(live.target, [b"pid"]).pid
    limit = int(pathlib.Path("/proc/sys/kernel/pid_max").read_text(encoding="ascii"))
    for first in range(begin + 1000, begin + limit):
        row = [300 + (first + i) % (limit - 300) for i in (*range(n), apart)]
        if row[0] + apart == row[-1] and not any(os.path.exists(f"/proc/{pid}") for pid in row):
            return row
    raise check.Failure("there are no such pids")


def test_comm_beside_those_that_died_in_their_exec(live):
    """
    The kernel side keeps what the caller was by pid, in places that more than one pid shares; next to its own, a process
    may take another three. One that died in its exec keeps none.
    """
    places, tries = 8192, 4  # DESKS and DESK_TRIES of bpf/caller.bpf.h
    broken = elf.broken(live)
    pids = pids_that_share(live, places, tries)

    def become(pid, name, path, argv):
        made = kernel.fork_as(pid)
        if made == 0:
            try:
                kernel.set_comm(name)
                os.setresuid(0, 4321, 4321)
                os.execv(path, argv)
            finally:
                os._exit(127)
        return os.waitpid(made, 0)[1]

    token = live.token()
    statuses, records = live.observe(lambda: [
        *(become(pid, b"dies", broken, [b"broken"]) for pid in pids[:-1]),
        become(pids[-1], b"second", live.target, [b"after", token])])
    check.equal("statuses", [os.WIFSIGNALED(s) for s in statuses], [True] * tries + [False])
    record, = live.with_token(records, token)
    check.fields(record, pid=pids[-1], comm="second", euid=4321, flags=None)


def test_parent_comm(live):
    name = b"my \"pa\nrent\xfe"

    def setup():
        kernel.set_comm(name)
        pid = os.fork()
        if pid == 0:
            kernel.set_comm(b"other")
            os.execv(live.target, [b"child", token])
        os.waitpid(pid, 0)

    token = live.token()
    _, records = live.observe(lambda: live.run(live.target, [b"parent"], setup=setup))
    record = live.with_token(records, token)[0]
    check.equal("comm of the parent", raw(record["parent_comm"]), name)
    check.equal("comm", raw(record["comm"]), b"other")


def test_timestamp(live):
    def held():
        before = time.time_ns() // 1000
        process = live.hold([b"time"])
        return process, before, time.time_ns() // 1000

    (process, before, after), records = live.observe(held)
    record = live.only(records, process.pid)
    check.between("timestamp", record["timestamp"], before - CLOCK_SLACK, after + CLOCK_SLACK)
    process.release()


def test_terminal(live):
    master, slave = os.openpty()
    live.cleanup(os.close, master)
    live.cleanup(os.close, slave)

    def setup():
        os.setsid()
        fcntl.ioctl(slave, kernel.TIOCSCTTY, 0)

    record = live.one(live.target, [b"tty"], setup=setup)
    check.fields(record, tty=os.ttyname(slave).removeprefix("/dev/"))


def test_no_terminal(live):
    record = live.one(live.target, [b"no tty"], setup=os.setsid)
    check.fields(record, tty=None)


def own_loginuid():
    try:
        with open("/proc/self/loginuid", encoding="ascii") as file:
            return int(file.read())
    except FileNotFoundError:
        raise check.Skip("this kernel has no login uid (CONFIG_AUDIT)") from None


def test_login_uid(live):
    """Set as a login does it; the kernel then gives a session id, too."""
    if own_loginuid() != 0xFFFFFFFF:
        raise check.Skip("these tests were started in a login session, whose uid can't be set again")
    check.fields(live.one(live.target, [b"no login"]), loginuid=None, session=None)

    def setup():
        with open("/proc/self/loginuid", "w", encoding="ascii") as file:
            file.write("4321")

    def held():
        process = live.hold([b"login"], setup=setup)
        with open(f"/proc/{process.pid}/sessionid", encoding="ascii") as file:
            return process, int(file.read())

    (process, session), records = live.observe(held)
    check.fields(live.only(records, process.pid), loginuid=4321, session=session)
    process.release()

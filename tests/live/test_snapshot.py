# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that ran before recording began, one record each; and what a daemon makes of clocks that are not everybody's."""

import ctypes
import mmap
import os
import signal
import threading
import time

from lib import check, fuse, kernel
from lib.cgroup import Group
from lib.daemon import argv_of, raw
from lib.journal import values
from lib.loop import DEADLINE
from lib.plan import Job, Origin
from lib.service import Service

DAY = 86_400
CLOCK_SLACK = 1_000_000  # microseconds: far less than a day
USER = 54326
HANGS = b"hangs"
PF_KTHREAD = 0x200000  # include/linux/sched.h


def mine(records, pid):
    return [r for r in records if r["pid"] == pid]


def before(daemon, pid):
    """The one record of a program that ran before."""
    found = mine(daemon.before, pid)
    check.equal(f"number of records of {pid}, which ran before", len(found), 1)
    return found[0]


def test_what_ran_before(live):
    """As it would have been recorded, but unnumbered."""
    group = Group(live, "/live-a.slice/live-before.service")
    directory = live.scratch()

    def setup():
        os.chdir(directory)
        group.enter()
        kernel.become(USER, USER)

    argv = [b"ran before", b"", b"two words", b"\xff"]
    held = live.hold(argv, setup=setup)
    daemon = live.daemon()
    live.observe(lambda: None, daemon)
    record = before(daemon, held.pid)
    check.equal("arguments", argv_of(record), argv)
    check.fields(record, seq=None, ppid=os.getpid(), uid=USER, gid=USER, unit="live-before.service", truncated=False,
                 exe=os.fsdecode(os.path.realpath(live.target)))
    check.fields(record, comm=None)  # it is the caller's, which is over
    check.equal("cwd", raw(record["cwd"]), os.path.realpath(directory))
    check.equal("flags", record["flags"], ["running"])
    check.equal("records of what was executed", mine(daemon.records, held.pid), [])
    check.true(f"first number: {min(daemon.seqs)}", min(daemon.seqs) == 1)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_filters_by_the_caller(live):
    """Nobody knows any more who called the exec: no name matches, also not that of the process itself."""
    held = live.hold([b"held"], setup=lambda: kernel.set_comm(b"own name"))
    with open(f"/proc/{held.pid}/comm", encoding="utf-8", errors="replace") as file:
        own = file.read().strip()
    for config, recorded in (f"[Filter]\nExcludeParent={own}", 1), (f"[Filter]\nIncludeParent={own}", 0), (
            "[Filter]\nIncludeParent=*", 0), (f"[Tag here]\nParent={own}\n[Tag not]\nParent=!{own}", 1):
        daemon = live.daemon(f"{config}\n")
        daemon.stop()
        found = mine(daemon.before, held.pid)
        check.equal(f"records with {config!r}", len(found), recorded)
        if config.startswith("[Tag"):
            check.fields(found[0], tags=["not"])


def hold_address_space(path, is_read):
    """
    Threads of this process wait for the file, which is not answered for: one in a page fault, with the lock of the address
    space for reading, the other for that lock. Whoever wants to read then, waits behind the second.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    file, memory = os.open(path, os.O_RDONLY), os.open("/proc/self/mem", os.O_RDONLY)
    page = libc.mmap(None, ctypes.c_size_t(4096), mmap.PROT_READ, mmap.MAP_PRIVATE, file, ctypes.c_long(0))

    def fault():
        kernel.set_comm(HANGS)
        libc.pread(memory, ctypes.create_string_buffer(16), ctypes.c_size_t(16), ctypes.c_long(page))

    def change():
        libc.mmap(None, ctypes.c_size_t(4096), mmap.PROT_READ, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, ctypes.c_long(0))

    threads = [threading.Thread(target=one) for one in (fault, change)]
    threads[0].start()
    os.read(is_read, 1)
    threads[1].start()
    threads[1].join()
    os._exit(0)


def has_waiting_thread(pid):
    """Whether one cannot be interrupted now."""
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/stat", "rb") as file:
            if file.read().rpartition(b")")[2].split()[0] == b"D":
                return True
    return False


def test_process_that_lets_nobody_read(live):
    """Who reads its arguments waits as long as it likes. The daemon does not, neither at its start nor later."""
    if not os.path.exists("/dev/fuse"):
        raise check.Skip("this system has no /dev/fuse")
    hanging, end, is_read = fuse.mount_hanging(live, live.target, HANGS)
    pid = os.fork()
    if pid == 0:
        try:
            hold_address_space(hanging, is_read)
        finally:
            os._exit(1)
    try:
        deadline = time.monotonic() + DEADLINE
        while not has_waiting_thread(pid):
            check.true("its thread does not wait", time.monotonic() < deadline)
            time.sleep(0.01)
        held = live.hold([b"beside", b"it"])
        daemon = live.daemon()
        live.observe(lambda: None, daemon)
        record = before(daemon, pid)
        check.equal("what is said of its arguments", (record.get("argv", []), set(record["flags"])), ([], {"running", "unread"}))
        check.equal("arguments of another", argv_of(before(daemon, held.pid)), [b"beside", b"it"])
        daemon.stop()
    finally:
        os.kill(pid, signal.SIGKILL)
        end()
        os.waitpid(pid, 0)


def test_process_whose_first_thread_has_exited(live):
    """It is a program that runs, by its other threads."""
    pid = os.fork()
    if pid == 0:
        def go_on():
            time.sleep(600)

        for _ in range(3):
            threading.Thread(target=go_on).start()
        ctypes.CDLL(None).pthread_exit(None)
    try:
        deadline = time.monotonic() + DEADLINE
        while True:
            with open(f"/proc/{pid}/stat", "rb") as file:
                if file.read().rpartition(b")")[2].split()[0] == b"Z":
                    break
            check.true("its first thread does not exit", time.monotonic() < deadline)
            time.sleep(0.01)
        daemon = live.daemon()
        live.observe(lambda: None, daemon)
        record = before(daemon, pid)
        check.fields(record, ppid=os.getpid(), uid=os.getuid())
        check.equal("flags", set(record["flags"]) - {"thread"}, {"running"})
        daemon.stop()
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_each_once(live):
    """Every process that runs a program: no threads, and none of the kernel's own."""
    held = [live.hold([b"held", b"%d" % i]) for i in range(50)]
    daemon = live.daemon()
    live.observe(lambda: None, daemon)
    pids = [r["pid"] for r in daemon.before]
    check.equal("different pids", len(set(pids)), len(pids))
    check.equal("missing of those that wait", {p.pid for p in held} - set(pids), set())
    check.true("this process is missing", os.getpid() in pids)
    for pid in pids:
        try:
            with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
                status = file.read()
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                flags = int(file.read().rpartition(")")[2].split()[6])
        except (FileNotFoundError, ProcessLookupError):  # it has ended since
            continue
        check.true(f"{pid} is a thread", f"\nTgid:\t{pid}\n" in status)
        check.equal(f"{pid} is the kernel's", flags & PF_KTHREAD, 0)
    for number, process in enumerate(held):
        record = before(daemon, process.pid)
        check.equal("arguments", argv_of(record), [b"held", b"%d" % number])
        # The identity is what a record of an exec in it would have.
        check.equal("parent", int(record["parent"].partition("-")[0]), os.getpid())


def test_identity_goes_on(live):
    """What a process was when recording began and what it executes later have one identity."""
    token = live.token()
    shell = live.start(b"/bin/sh", [b"sh", b"-c", b'read line; exec "$0" "$@"', live.target, token], stdin=True)
    daemon = live.daemon()
    _, records = live.observe(shell.wait, daemon)
    then = before(daemon, shell.pid)
    after, = live.with_token(records, token)
    check.equal("identity", after["process"], then["process"])
    check.equal("parent", after["parent"], then["parent"])


def test_switched_off(live):
    live.hold([b"held"])
    daemon = live.daemon("[Trace]\nSnapshot=no\n")
    live.observe(lambda: None, daemon)
    check.equal("records", daemon.before, [])


def test_filters(live):
    """They hold for what ran before, too."""
    one, other = (live.hold([b"held"], setup=lambda u=user: kernel.become(u, u)) for user in (USER, USER + 1))
    daemon = live.daemon(f"[Filter]\nExcludeUser={USER}\n")
    live.observe(lambda: None, daemon)
    check.equal("of whom it is excluded", mine(daemon.before, one.pid), [])
    check.equal("of the other", len(mine(daemon.before, other.pid)), 1)


def test_nothing_is_missed_between(live):
    """While programs come and go: what is executed is in the snapshot or a record of its own, or both."""
    jobs = [Job(live.target, [b"between", b"%d" % i], origin=Origin.VFORK) for i in range(3000)]
    running, finish = live.start_jobs(jobs)
    live.loop.until(lambda: running.output, "the first job")
    done = len(running.output.splitlines())
    daemon = live.daemon()
    results = finish()
    live.observe(lambda: None, daemon)
    caller = before(daemon, running.pid)
    numbered = [r["pid"] for r in results.of(daemon.records)]
    check.equal("of those after the first that is recorded", numbered, results.pids[-len(numbered):])
    check.true("none of the jobs was there", 0 < len(numbered) <= len(jobs) - done)
    check.equal("parents", {r["parent"] for r in results.of(daemon.records)}, {caller["process"]})


def test_by_journal(live):
    """A message id of its own, no number; and nothing of it where one daemon takes over from another."""
    service = Service(live)
    held = live.hold([b"held"])
    service.journal.catch_up()

    def running():
        return [e for e in service.journal.entries if b"running" in values(e, "EXEC_FLAG")]

    first = running()
    check.true("no entries", first)
    check.true("a number", not any("EXEC_SEQ" in e for e in first))
    ids = {e["MESSAGE_ID"] for e in first}
    check.equal("message ids", len(ids), 1)
    check.equal("the same as that of an exec", ids & {e["MESSAGE_ID"] for e in service.journal.execs()}, set())
    check.equal("what started later", [e for e in first if int(e["EXEC_PID"]) == held.pid], [])
    service.restart()
    service.resumed()
    service.journal.catch_up()
    check.equal("entries after a restart that left no gap", len(running()), len(first))
    service.balance()


def in_time_namespace(live, seconds):
    """A setup() that enters a time namespace whose clock of the time since the boot is so much ahead."""
    def make():
        kernel.unshare(kernel.CLONE_NEWTIME)
        with open("/proc/self/timens_offsets", "w", encoding="ascii") as file:
            file.write(f"boottime {seconds} 0\n")

    holder = live.hold([b"holds a time namespace"], setup=make)
    fd = os.open(f"/proc/{holder.pid}/ns/time_for_children", os.O_RDONLY | os.O_CLOEXEC)
    live.cleanup(os.close, fd)
    return lambda: kernel.setns(fd, kernel.CLONE_NEWTIME)


def test_time_namespace(live):
    """Times are everybody's, whatever the daemon's own clock says, and so are those of what it says of itself."""
    if not os.path.exists("/proc/self/ns/time"):
        raise check.Skip("this kernel has no time namespaces")
    daemon = live.daemon(setup=in_time_namespace(live, DAY))
    check.true("the daemon is in ours", kernel.namespace_id("time", daemon.pid) != kernel.namespace_id("time"))
    begin = time.time_ns() // 1000
    record = live.one(live.target, [b"when"], daemon)
    check.between("timestamp", record["timestamp"], begin - CLOCK_SLACK, time.time_ns() // 1000 + CLOCK_SLACK)
    in_ours = live.one(live.target, [b"when"])
    check.equal("parent's identity", record["parent"], in_ours["parent"])

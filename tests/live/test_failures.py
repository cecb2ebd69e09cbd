# SPDX-License-Identifier: GPL-2.0-or-later
"""Execs that failed: recorded as what they are, by whichever hook this kernel has."""

import ctypes
import errno
import os
import struct
import threading
import time

from lib import check, elf, failing, kernel
from lib.daemon import argv_of, raw
from lib.plan import Job, Origin, Way

REFUSALS = "Operation not permitted", "wants CAP_SYS_ADMIN", "no tracefs", "No such"
NO_TRAMPOLINES = "it has none for this architecture"
MISSING = b"/nonexistent/program"
AT_EXECVE_CHECK = 0x10000


def hooked(live, hook, config=""):
    """A daemon that sees failures by this hook; where the kernel refuses it, the test is skipped."""
    daemon = live.daemon(f"[Trace]\nFailures=all\nSyscallHook={hook}\n{config}")
    if hook not in daemon.event("started")["exectraced_hooks"].split():
        said = daemon.stderr().strip()
        refusals = REFUSALS if kernel.has_trampolines() else (*REFUSALS, NO_TRAMPOLINES)
        check.true(f"{hook}: refused for a reason that is not the kernel's or the privileges': {said}",
                   any(refusal in said for refusal in refusals))
        raise check.Skip(f"this kernel has no {hook}: {said}")
    return daemon


def failed(live, daemon, jobs, untouched=False, **how):
    """Has caller try the jobs, which must all fail; the one record of each."""
    (_, results), records = live.observe(lambda: live.run_jobs(jobs, untouched, **how), daemon)
    found = []
    for job, (pid, _, error) in zip(jobs, results):
        check.true(f"{job} did not fail", error != 0)
        mine = [r for r in results.of(records) if r["pid"] == pid]
        check.equal(f"number of records of {job.way.name} by {job.origin.name}", len(mine), 1)
        check.fields(mine[0], errno=error, error=errno.errorcode[error])
        found.append(mine[0])
    return found


def reasons(live, daemon):
    """Each error that an exec can easily have, and what was given."""
    text = live.script(b"x")
    with open(text, "w", encoding="ascii") as file:
        file.write("neither ELF nor script\n")
    plain = os.fsencode(live.write_file("plain", ""))
    orphan = live.script(b"/nonexistent/interpreter")
    jobs = [
        Job(MISSING, [b"missing", b"a b", b"", b"\xff\n"]),
        Job(text, [b"text"]),
        Job(plain, [b"plain"]),
        Job(orphan, [b"orphan", b"x"]),
        Job(plain + b"/below", [b"below"]),
        Job(b"", [b"empty"]),
        Job(b"/" + b"n" * 300, [b"long name"]),
    ]
    errors = [errno.ENOENT, errno.ENOEXEC, errno.EACCES, errno.ENOENT, errno.ENOTDIR, errno.ENOENT, errno.ENAMETOOLONG]
    for job, error, record in zip(jobs, errors, failed(live, daemon, jobs)):
        check.fields(record, errno=error, filename=os.fsdecode(job.path), comm="caller", truncated=False)
        check.equal("arguments", argv_of(record), job.argv)


def origins(live, daemon):
    """By child, by vfork, by a thread; the pid is always the process's."""
    jobs = [Job(MISSING, [b"origin"], Way.EXECVE, origin) for origin in (Origin.FORK, Origin.VFORK, Origin.THREAD)]
    for job, record in zip(jobs, failed(live, daemon, jobs)):
        check.equal("arguments", argv_of(record), job.argv)
        check.equal("thread flag", "thread" in record.get("flags", []), job.origin == Origin.THREAD)


def thread(live, daemon):
    """A thread that failed has not become its process's leader: the identity is that of the process."""
    token = live.token()

    def setup():
        def fail():
            try:
                os.execv(MISSING, [b"thread", token])
            except FileNotFoundError:
                pass

        fail()
        time.sleep(0.02)  # the thread has another age
        other = threading.Thread(target=fail)
        other.start()
        other.join()

    process, records = live.observe(lambda: live.run(live.target, [b"x"], setup=setup), daemon)
    mine = live.with_token(records, token)
    check.equal("records", len(mine), 2)
    check.equal("identities", len({r["process"] for r in mine}), 1)
    check.equal("pids", {r["pid"] for r in mine}, {process.pid})


def asked(live, daemon):
    """AT_EXECVE_CHECK executes nothing by intent, and is no attempt."""
    plain = os.fsencode(live.write_file("plain", ""))
    token = live.token()

    def setup():
        try:
            kernel.execveat(kernel.AT_FDCWD, plain, [b"check", token], AT_EXECVE_CHECK)
        except OSError as error:
            if error.errno == errno.EINVAL:
                os._exit(3)  # before 6.14

    process, records = live.observe(lambda: live.start(live.target, [b"x"], setup=setup).wait(), daemon)
    if process == 0:
        record, = live.with_token(records, token)
        check.fields(record, error="EACCES")
        check.equal("flags", set(record["flags"]), {"check"})


def died(live, daemon):
    """Refused after the old program was gone: who called is said, of the new memory nothing is taken for what was given."""
    machine = {"x86_64": 62, "aarch64": 183}[os.uname().machine]
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 2, machine, 1, 0x400078, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, 1 << 63, 1 << 63, 4096, 4096, 4096)  # where no program may be
    path = os.fsencode(live.write_file("dies", ""))
    with open(path, "wb") as file:
        file.write((header + segment).ljust(4096, b"x"))
    os.chmod(path, 0o755)

    def setup():
        kernel.set_comm(b"before-death")
        os.execv(path, [b"dies", b"given"])

    process, records = live.observe(lambda: live.start(path, [b"dies"], setup=setup), daemon)
    process.wait()
    live.observe(lambda: None, daemon)
    mine = [r for r in daemon.records if r["pid"] == process.pid and "error" in r]
    check.equal("records", len(mine), 1)
    check.equal("flags", set(mine[0]["flags"]), {"died"})
    check.fields(mine[0], exe=os.fsdecode(os.path.realpath(path)), comm="before-death", filename=None, argv=[])


def other_calls(live, daemon):
    """execveat in its forms."""
    text = live.script(b"x")
    with open(text, "w", encoding="ascii") as file:
        file.write("neither ELF nor script\n")
    jobs = [
        Job(MISSING, [b"at", b"1"], Way.EXECVEAT),
        Job(os.path.join(live.scratch(), b"missing"), [b"dirfd", b"2"], Way.DIRFD),
        Job(text, [b"fexecve", b"3"], Way.FEXECVE),
    ]
    for job, record in zip(jobs, failed(live, daemon, jobs)):
        check.equal("arguments", argv_of(record), job.argv)
        check.equal("fd flag", "fd" in record.get("flags", []), job.way != Way.EXECVEAT)


def identities(live, daemon):
    """Whose exec it was."""
    def setup():
        kernel.become(54327, 65533)

    path = live.write_file("plan", b"")
    os.chmod(path, 0o644)
    record, = failed(live, daemon, [Job(MISSING, [b"who"])], setup=setup)
    check.fields(record, uid=54327, gid=65533, exe=None)
    check.equal("cwd", raw(record["cwd"]), os.fsencode(os.getcwd()))


def search(live, daemon):
    """A search along PATH: each miss, then the hit, in this order and one process."""
    paths = [b"/nonexistent/%d" % i for i in range(3)]

    def setup():
        for path in paths:
            try:
                os.execv(path, [b"found", b"x"])
            except FileNotFoundError:
                pass

    process, records = live.observe(lambda: live.run(live.target, [b"found", b"x"], setup=setup), daemon)
    mine = [r for r in records if r["pid"] == process.pid]
    check.equal("filenames", [raw(r["filename"]) for r in mine], [*paths, live.target])
    check.equal("errors", [r.get("error") for r in mine], ["ENOENT"] * 3 + [None])
    check.equal("identities", len({r["process"] for r in mine}), 1)
    check.true("seq does not grow", [r["seq"] for r in mine] == sorted(r["seq"] for r in mine))


def unread(live, daemon):
    """Arguments in pages that are not there can't be read at a failure: the record says so, or has them."""
    job = Job(MISSING, [b"untouched", b"x" * 9000])
    record, = failed(live, daemon, [job], untouched=True)
    if argv_of(record) != job.argv:
        check.true(f"the record does not say that arguments are missing: {check.shown(record)}",
                   "unread" in record.get("flags", []))


def bad_addresses(live, daemon):
    """Addresses at which there is nothing: all that is known is recorded, and that there was more."""
    here = ctypes.create_string_buffer(b"argument")
    vectors = ((ctypes.c_void_p * 4)(ctypes.addressof(here), ctypes.addressof(here), 8, None), 16)

    def setup():
        for vector in vectors:
            try:
                kernel.execve_raw(live.target, vector)
            except OSError as error:
                check.equal("errno", error.errno, errno.EFAULT)

    process, records = live.observe(lambda: live.run(live.target, [b"good"], setup=setup), daemon)
    first, second, third = [r for r in records if r["pid"] == process.pid]
    for record, arguments in ((first, [b"argument", b"argument"]), (second, [])):
        check.fields(record, error="EFAULT", filename=os.fsdecode(live.target), flags=["unread"], truncated=True)
        check.equal("arguments", argv_of(record)[:len(arguments)], arguments)
    check.fields(third, error=None, flags=None, truncated=False)


def large(live, daemon):
    """More than is kept: the head is the right one, and the record says that something is missing."""
    record, = failed(live, daemon, [Job(MISSING, [b"large"] + [b"%04d" % i * 250 for i in range(100)])])
    check.fields(record, truncated=True)
    check.equal("first arguments", argv_of(record)[:2], [b"large", b"0000" * 250])


def one_by_one(live, hook):
    daemon = hooked(live, hook)
    for part in (reasons, origins, thread, asked, died, other_calls, identities, search, unread, bad_addresses, large):
        part(live, daemon)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_by_tracepoint(live):
    one_by_one(live, "tracepoint")


def test_by_trampoline(live):
    one_by_one(live, "trampoline")


def test_compat(live):
    """Where the daemon says that it covers 32-bit callers."""
    live.need_compat()
    daemon = live.daemon("[Trace]\nFailures=all\n")
    not_covered = daemon.event("started").get("exectraced_not_covered", "")
    if "failed execs" in not_covered:
        raise check.Skip(f"not covered by this kernel's hooks: {not_covered}")
    jobs = [Job(MISSING, [b"compat", b"x"], way) for way in (Way.COMPAT, Way.COMPAT_AT)]
    for job, record in zip(jobs, failed(live, daemon, jobs)):
        check.equal("arguments", argv_of(record), job.argv)
        check.true(f"flags: {record.get('flags')}", "compat" in record.get("flags", []))


def test_switched_off(live):
    daemon = live.daemon("[Trace]\nFailures=no\n")
    (_, results), records = live.observe(lambda: live.run_jobs([Job(MISSING, [b"off"])] * 5), daemon)
    check.equal("records", results.of(records), [])
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_filtered_by_user(live):
    daemon = live.daemon("[Filter]\nExcludeUser=54327\n")
    (_, results), records = live.observe(
        lambda: live.run_jobs([Job(MISSING, [b"filtered"])], setup=lambda: kernel.become(54327, 54327)), daemon)
    check.equal("records", results.of(records), [])


def test_threads(live):
    """Whichever thread it was, the identity is the process's, and so is that of what runs in the end."""
    daemon = failing.daemon(live, "Failures=all")

    def fail():
        try:
            os.execv(MISSING, [b"identity"])
        except FileNotFoundError:
            pass

    def setup():
        fail()
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()

    process, records = live.observe(lambda: live.run(live.target, [b"identity"], setup=setup), daemon)
    mine = [r for r in records if r["pid"] == process.pid]
    check.equal("errors", [r.get("error") for r in mine], ["ENOENT"] * 2 + [None])
    check.equal("thread flags", ["thread" in r.get("flags", []) for r in mine], [False, True, False])
    check.equal("identities", len({r["process"] for r in mine}), 1)


def test_checks(live):
    """AT_EXECVE_CHECK executes nothing by intent: what it refuses is no failure of anything."""
    daemon = failing.daemon(live)
    arguments = [b"check", live.token()]
    refused = os.fsencode(live.write_file("refused", ""))

    def setup():
        for path in (live.target, refused):
            try:
                kernel.execveat(kernel.AT_FDCWD, path, arguments, kernel.AT_EXECVE_CHECK)
                os.write(write, b"0 ")
            except OSError as error:
                os.write(write, b"%d " % error.errno)

    read, write = os.pipe()
    process, records = live.observe(lambda: live.run(live.target, [b"after"], setup=setup), daemon)
    os.close(write)
    with open(read, "rb") as file:
        asked = [int(word) for word in file.read().split()]
    if asked == [errno.EINVAL] * 2:
        raise check.Skip("this kernel has no AT_EXECVE_CHECK")
    check.equal("answers", asked, [0, errno.EACCES])
    *found, last = [r for r in records if r["pid"] == process.pid]
    check.equal("what ran", argv_of(last), [b"after"])
    check.equal("what was asked", [(raw(r["filename"]), argv_of(r), r.get("flags")) for r in found],
                [(refused, arguments, ["check"])])


def test_died(live):
    """
    A program that dies inside of its exec, when the old one is gone: who called, by which name and which ids, is what was
    before. The memory that filename and arguments were in is gone; which file was to run the kernel knows.
    """
    daemon = failing.daemon(live)
    broken = elf.broken(live)
    os.chown(broken, 4322, 4322)
    os.chmod(broken, 0o6755)
    token = live.token()

    def setup():
        if os.fork() == 0:
            kernel.set_comm(b"caller of it")
            os.setresgid(10, 11, 11)
            os.setresuid(20, 21, 21)
            kernel.execve(broken, [b"broken", token], {})
        _, status = os.wait()
        if not os.WIFSIGNALED(status):
            raise AssertionError(f"it ended with {status}")

    process, records = live.observe(lambda: live.run(live.target, [b"parent"], setup=setup), daemon)
    record, = [r for r in records if r["ppid"] == process.pid and "error" in r]
    check.fields(record, exe=os.fsdecode(broken), comm="caller of it", uid=20, gid=10, euid=21, egid=11, flags=["died"])
    check.true(f"filename {record.get('filename')}, arguments {argv_of(record)}",
               "filename" not in record and argv_of(record) == [])


def test_limit(live):
    """Beyond the limit of its user failures are counted and not recorded, and others' are recorded all the same."""
    daemon = hooked(live, "tracepoint", "FailureLimit=10\n")
    jobs = [Job(MISSING, [b"flood"])] * 300
    (_, results), records = live.observe(lambda: live.run_jobs(jobs, setup=lambda: kernel.become(64123, 65533)), daemon)
    recorded = len(results.of(records))
    check.between("recorded of one user", recorded, 100, 160)
    _, records = live.observe(lambda: live.run_jobs([Job(MISSING, [b"another"])] * 20,
                                                    setup=lambda: kernel.become(64124, 65533)), daemon)
    check.equal("recorded of another", sum(b"another" in argv_of(r) for r in records), 20)
    daemon.stop()
    said = daemon.event("suppressed")
    check.fields(daemon.event("stopped"), exectraced_failure_ring_used=0, exectraced_failure_ring_size=2 << 20)
    # Others of this machine may fail execs at the same time.
    users = said["exec_dropped_failure_limit_uid"].split()
    check.true(f"users: {users}", "64123" in users and "64124" not in users)
    check.between("dropped", said["exec_dropped_failure_limit"], 300 - recorded,
                  300 - recorded if len(users) == 1 else 100_000)
    check.balance(daemon.seqs, daemon.event("stopped"))
    check.fields(daemon.event("stopped"), exec_lost=0)

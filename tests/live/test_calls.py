# SPDX-License-Identifier: GPL-2.0-or-later
"""Every way to execute is seen, and its record says which it was."""

import errno
import os
import signal

from lib import check, kernel
from lib.daemon import argv_of, raw
from lib.plan import Job, Origin, Way


def flags_of(record):
    return set(record.get("flags", []))


def check_flags(record, *expected):
    check.equal("flags", flags_of(record), set(expected))


def test_execve(live):
    for origin in (Origin.FORK, Origin.VFORK):
        record = live.one_by(Job(live.target, [b"plain", b"1"], Way.EXECVE, origin))
        check.equal("arguments", argv_of(record), [b"plain", b"1"])
        check.fields(record, filename=os.fsdecode(live.target), exe=os.fsdecode(live.target), flags=None)


def test_execveat_of_a_path(live):
    record = live.one_by(Job(live.target, [b"at", b"1"], Way.EXECVEAT))
    check.fields(record, filename=os.fsdecode(live.target), exe=os.fsdecode(live.target), flags=None)


def test_name_relative_to_a_descriptor(live):
    record = live.one_by(Job(live.target, [b"dirfd"], Way.DIRFD))
    check_flags(record, "fd")
    check.equal("exe", raw(record["exe"]), live.target)
    check.true(f"filename: {record['filename']}", record["filename"].endswith("/target"))


def test_descriptor_of_the_file(live):
    record = live.one_by(Job(live.target, [b"fexecve", b"x"], Way.FEXECVE))
    check_flags(record, "fd")
    check.equal("exe", raw(record["exe"]), live.target)
    check.equal("arguments", argv_of(record), [b"fexecve", b"x"])


def test_memfd(live):
    record = live.one_by(Job(live.target, [b"memfd", b"x"], Way.MEMFD))
    check_flags(record, "fd", "memfd")
    check.fields(record, exe="/memfd:target")
    check.equal("arguments", argv_of(record), [b"memfd", b"x"])


def test_memfd_by_path(live):
    """Not by execveat, but by its name in /proc."""
    fd = os.memfd_create("by path", 0)
    with open(live.target, "rb") as file:
        os.write(fd, file.read())
    live.cleanup(os.close, fd)
    record = live.one(f"/proc/self/fd/{fd}", [b"memfd"], setup=lambda: os.set_inheritable(fd, True))
    check_flags(record, "memfd")
    check.fields(record, exe="/memfd:by path", filename=f"/proc/self/fd/{fd}")


def test_deleted_file_by_descriptor(live):
    path = live.copy_target()
    record = live.one_by(Job(path, [b"unlinked"], Way.UNLINKED))
    check_flags(record, "fd", "deleted")
    check.equal("exe", raw(record["exe"]), path)


def test_deleted_file_by_path(live):
    path = live.copy_target()
    fd = os.open(path, os.O_RDONLY)
    live.cleanup(os.close, fd)
    os.unlink(path)
    record = live.one(f"/proc/self/fd/{fd}", [b"unlinked"], setup=lambda: os.set_inheritable(fd, True))
    check_flags(record, "deleted")
    check.equal("exe", raw(record["exe"]), path)


def test_compat(live):
    """The 32-bit system call, by which a 64-bit program is executed."""
    live.need_compat()
    for way in (Way.COMPAT, Way.COMPAT_AT):
        for origin in (Origin.FORK, Origin.VFORK):
            record = live.one_by(Job(live.target, [b"compat", b"y" * 5000, b""], way, origin))
            check_flags(record, "compat")
            check.equal("arguments", argv_of(record), [b"compat", b"y" * 5000, b""])
            check.equal("filename", raw(record["filename"]), live.target)


def test_thread(live):
    """The thread takes its leader's pid, which is the one that caller waited for."""
    for way, expected in ((Way.EXECVE, {"thread"}), (Way.FEXECVE, {"thread", "fd"})):
        record = live.one_by(Job(live.target, [b"thread", b"z"], way, Origin.THREAD))
        check_flags(record, *expected)
        check.equal("arguments", argv_of(record), [b"thread", b"z"])


def test_compat_by_a_thread(live):
    live.need_compat()
    record = live.one_by(Job(live.target, [b"both"], Way.COMPAT, Origin.THREAD))
    check_flags(record, "thread", "compat")


def test_script(live):
    script = live.script(live.target + b" -x a b")
    record = live.one(script, [b"name", b"one", b"two"])
    check_flags(record, "script")
    check.equal("filename", raw(record["filename"]), script)
    check.equal("exe", raw(record["exe"]), live.target)
    check.equal("arguments", argv_of(record), [live.target, b"-x a b", script, b"one", b"two"])


def test_script_without_an_argument(live):
    script = live.script(b" " + live.target)
    record = live.one(script, [b"name"])
    check_flags(record, "script")
    check.equal("arguments", argv_of(record), [live.target, script])


def test_script_whose_interpreter_is_a_script(live):
    inner = live.script(live.target + b" -i")
    outer = live.script(inner + b" -o")
    record = live.one(outer, [b"name", b"last"])
    check_flags(record, "script")
    check.equal("filename", raw(record["filename"]), outer)
    check.equal("exe", raw(record["exe"]), live.target)
    check.equal("arguments", argv_of(record), [live.target, b"-i", inner, b"-o", outer, b"last"])


def test_script_by_a_shell(live):
    script = live.write_file("real.sh", "#!/bin/sh -e\n: \"$1\"\n")
    os.chmod(script, 0o755)
    record = live.one(script, [b"real.sh", b"argument"])
    check_flags(record, "script")
    check.equal("arguments", argv_of(record), [b"/bin/sh", b"-e", os.fsencode(script), b"argument"])
    check.equal("exe", record["exe"], os.path.realpath("/bin/sh"))


def test_script_by_descriptor(live):
    script = live.script(live.target)
    record = live.one_by(Job(script, [b"name", b"one"], Way.FEXECVE))
    check_flags(record, "script", "fd")
    check.equal("exe", raw(record["exe"]), live.target)
    check.equal("last argument", argv_of(record)[2:], [b"one"])


def test_script_in_a_memfd(live):
    """The memfd is the script and not what runs."""
    script = live.script(live.target + b" -m")
    record = live.one_by(Job(script, [b"name", b"one"], Way.MEMFD))
    check_flags(record, "script", "fd")
    check.equal("exe", raw(record["exe"]), live.target)
    check.equal("arguments but the script", [argv_of(record)[i] for i in (0, 1, 3)], [live.target, b"-m", b"one"])


def test_two_execs_of_one_process(live):
    process, records = live.observe(lambda: live.become(Job(live.target, [b"second"], origin=Origin.SELF)))
    first, second = [r for r in records if r["pid"] == process.pid]
    check.equal("arguments of the first", argv_of(first)[0], b"caller")
    check.equal("arguments of the second", argv_of(second), [b"second"])
    check.true("seq does not grow", second["seq"] > first["seq"])
    check.true("time does not grow", second["timestamp"] >= first["timestamp"])
    check.equal("comm of the second", second["comm"], "caller")


def test_failures_are_not_taken_for_execs(live):
    """A missing file, one that is no program, one that may not be executed, and arguments that are too large."""
    text = os.fsencode(live.write_file("text", "neither ELF nor script\n"))
    os.chmod(text, 0o755)
    attempts = [
        (Job(b"/nonexistent/program", [b"failed"]), errno.ENOENT),
        (Job(text, [b"failed"]), errno.ENOEXEC),
        (Job(os.fsencode(live.write_file("plain", "")), [b"failed"]), errno.EACCES),
        (Job(live.target, [b"x" * 200000]), errno.E2BIG),
        (Job(live.script(b"/nonexistent/interpreter"), [b"failed"]), errno.ENOENT),
    ]
    (_, results), records = live.observe(lambda: live.run_jobs([job for job, _ in attempts]))
    for (pid, _, error), (_, expected) in zip(results, attempts):
        check.equal("errno", error, expected)
        check.equal("records of execs that ran", [r for r in records if r["pid"] == pid and "error" not in r], [])


def test_success_after_failures(live):
    """What the failure left behind on the kernel side is not mixed into the next record."""
    def search_path():
        for _ in range(3):
            try:
                os.execv("/nonexistent/program", ["failed"])
            except FileNotFoundError:
                pass

    record = live.one(live.target, [b"found"], setup=search_path)
    check.equal("arguments", argv_of(record), [b"found"])
    check.equal("filename", raw(record["filename"]), live.target)


def test_usermode_helper(live):
    """The kernel itself executes a program for the core of a process that crashes."""
    token = live.token()
    helper = live.copy_target(live.scratch(), b"h")
    pattern = "|" + os.fsdecode(helper) + " " + os.fsdecode(token) + " %p"
    live.entered(kernel.written("/proc/sys/kernel/core_pattern", pattern))

    def crash():
        process = live.hold([b"crashes"])
        process.kill(signal.SIGSEGV)
        check.equal("status", process.wait(), -signal.SIGSEGV)
        return process

    process, records = live.observe(crash)
    record = live.with_token(records, token)
    check.equal("number of the helper's records", len(record), 1)
    check_flags(record[0], "kernel")
    check.equal("arguments", argv_of(record[0]), [helper, token, b"%d" % process.pid])
    check.fields(record[0], exe=os.fsdecode(helper), filename=os.fsdecode(helper), uid=0, gid=0)

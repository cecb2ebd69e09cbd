# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a flag could be taken for another, or for one that is not there."""

import errno
import os

from lib import check, elf32, fuse, kernel
from lib.child import ChildError
from lib.daemon import argv_of, raw


def check_flags(record, *expected):
    check.equal("flags", set(record.get("flags", [])), set(expected))


def by_descriptor(fd, argv):
    """A setup() that executes the file, whatever is to be executed after it."""
    return lambda: kernel.execveat(fd, b"", argv, kernel.AT_EMPTY_PATH)


def opened(live, path):
    fd = os.open(path, os.O_RDONLY)
    live.cleanup(os.close, fd)
    return fd


def test_descriptor_that_does_not_count(live):
    """Beside an absolute path the descriptor is not looked at, and without one there is none."""
    directory = os.open(live.scratch(), os.O_PATH)
    live.cleanup(os.close, directory)
    record = live.one(live.target, [b"never"], setup=lambda: kernel.execveat(directory, live.target, [b"absolute"]))
    check_flags(record)
    check.equal("filename", raw(record["filename"]), live.target)

    def relative():
        os.chdir(os.path.dirname(live.target))
        kernel.execveat(kernel.AT_FDCWD, b"./target", [b"relative"])

    record = live.one(live.target, [b"never"], setup=relative)
    check_flags(record)
    check.equal("filename", raw(record["filename"]), b"./target")


def test_deleted_file_that_is_called_like_a_memfd(live):
    path = live.copy_target(name=b"memfd:x")
    fd = opened(live, path)
    os.unlink(path)
    record = live.one(live.target, [b"never"], setup=by_descriptor(fd, [b"deleted"]))
    check_flags(record, "fd", "deleted")
    check.equal("exe", raw(record["exe"]), os.path.realpath(path))


def test_file_that_is_called_like_a_memfd(live):
    check_flags(live.one(live.copy_target(name=b"memfd:x"), [b"there"]))


def test_file_that_never_had_a_name(live):
    """O_TMPFILE: on the disk, but in no directory."""
    directory = live.scratch()
    try:
        written = os.open(directory, os.O_TMPFILE | os.O_RDWR, 0o755)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EISDIR):
            raise
        raise check.Skip("this file system has no O_TMPFILE") from error
    with open(live.target, "rb") as file:
        os.write(written, file.read())
    fd = opened(live, f"/proc/self/fd/{written}")
    os.close(written)  # what is open for writing can't be executed
    check_flags(live.one(live.target, [b"never"], setup=by_descriptor(fd, [b"nameless"])), "fd", "deleted")


def test_one_of_two_names_deleted(live):
    """It still has a name, if not the one that it was opened by: what the kernel says of it is said."""
    path = os.path.realpath(live.copy_target())
    os.link(path, path + b"-2")
    fds = opened(live, path), opened(live, path + b"-2")
    os.unlink(path)
    for fd, deleted in zip(fds, (True, False)):
        check.equal("the kernel's link", os.readlink(f"/proc/self/fd/{fd}").endswith(" (deleted)"), deleted)
        record = live.one(live.target, [b"never"], setup=by_descriptor(fd, [b"linked"]))
        check_flags(record, "fd", *(["deleted"] if deleted else []))


def test_deleted_on_an_overlay(live):
    """From the layer above and from the one below, where the file itself stays."""
    with open("/proc/filesystems", encoding="ascii") as file:
        if "\toverlay\n" not in file.read():
            raise check.Skip("this kernel has no overlayfs")
    base = live.scratch()
    lower, upper, work, merged = (os.path.join(base, name) for name in (b"lower", b"upper", b"work", b"merged"))
    for directory in (lower, upper, work, merged):
        os.mkdir(directory)
    live.copy_target(lower, b"lower")

    def setup(name):
        kernel.private_mounts()
        kernel.mount("overlay", merged, "overlay", 0, b"lowerdir=%s,upperdir=%s,workdir=%s" % (lower, upper, work))
        if name == b"upper":
            live.copy_target(merged, name)
        fd = os.open(os.path.join(merged, name), os.O_RDONLY)
        os.unlink(os.path.join(merged, name))
        by_descriptor(fd, [name])()

    for name in (b"upper", b"lower"):
        record = live.one(live.target, [b"never"], setup=lambda n=name: setup(n))
        check_flags(record, "fd", "deleted")
        check.equal("exe", raw(record["exe"]), os.path.join(os.path.realpath(merged), name))


def test_file_system_that_counts_no_links(live):
    """Some FUSE file systems leave the number of links at 0; their files are there nevertheless."""
    if not os.path.exists("/dev/fuse"):
        raise check.Skip("this system has no /dev/fuse")
    path, _ = fuse.mount(live, live.target, links=0)
    check.equal("links of the file", os.stat(path).st_nlink, 0)
    held = live.hold([b"no links"], path=path)
    check.equal("/proc/PID/exe", os.readlink(f"/proc/{held.pid}/exe"), os.fsdecode(path))
    _, records = live.observe(lambda: live.run(path, [b"no links", b"again"]))
    record = [r for r in records if r["argv"] == ["no links", "again"]][0]
    check_flags(record)


def test_script_whose_interpreter_is_a_memfd(live):
    fd = os.memfd_create("interpreter", 0)
    live.cleanup(os.close, fd)
    with open(live.target, "rb") as file:
        os.write(fd, file.read())
    script = live.script(b"/proc/self/fd/%d" % fd)
    record = live.one(script, [b"x"], setup=lambda: os.set_inheritable(fd, True))
    check_flags(record, "script", "memfd")
    check.fields(record, exe="/memfd:interpreter", filename=os.fsdecode(script))


def test_program_of_32_bits(live):
    """It is a 64-bit call that executes it, and a 32-bit call by which it executes the next one."""
    live.need_compat()
    path = os.path.join(live.scratch(), b"program")
    with open(path, "wb") as file:
        file.write(elf32.executing(live.target, [b"by 32 bits", b"x" * 300, b""]))
    os.chmod(path, 0o755)
    try:
        process, records = live.observe(lambda: live.run(path, [b"32 bits"]))
    except ChildError as error:
        raise check.Skip("this kernel runs no 32-bit programs") from error
    first, second = [r for r in records if r["pid"] == process.pid]
    check_flags(first)
    check.fields(first, exe=os.fsdecode(os.path.realpath(path)))
    check_flags(second, "compat")
    check.equal("filename", raw(second["filename"]), live.target)
    check.equal("arguments", argv_of(second), [b"by 32 bits", b"x" * 300, b""])

# SPDX-License-Identifier: GPL-2.0-or-later
"""Paths of processes whose root is not everybody's, and of files to which no path leads from there."""

import os

from lib import check, kernel
from lib.daemon import argv_of, raw

UNREACHABLE = b"(unreachable)"


def as_is(path):
    return os.path.realpath(path)


def check_paths(record, **expected):
    for key, path in expected.items():
        check.equal(key, raw(record[key]), path)


def root_with_program(live):
    root = as_is(live.scratch())
    os.makedirs(os.path.join(root, b"bin/deep"))
    live.copy_target(os.path.join(root, b"bin"), b"program")
    return root


def pivot(root):
    """Makes the directory the root of the mount namespace, and has nothing left of the old one."""
    kernel.private_mounts()
    kernel.bind(root, root)
    os.chdir(root)
    kernel.pivot_root(".", ".")
    kernel.umount(".", kernel.MNT_DETACH)
    os.chdir("/")


def test_pivot_root(live):
    root = root_with_program(live)

    def setup():
        pivot(root)
        os.chdir("/bin/deep")

    check_paths(live.one(b"../program", [b"pivot"], setup=setup),
                filename=b"../program", exe=b"/bin/program", cwd=b"/bin/deep")
    check_paths(live.one(b"/bin/program", [b"pivot"], setup=lambda: pivot(root)), exe=b"/bin/program", cwd=b"/")


def test_pivot_root_with_mounts(live):
    root = root_with_program(live)
    os.mkdir(os.path.join(root, b"mnt"))

    def setup():
        pivot(root)
        kernel.mount("tmpfs", "/mnt", "tmpfs")
        kernel.bind("/bin", "/mnt")
        os.chdir("/mnt/deep")

    check_paths(live.one(b"/mnt/program", [b"pivot"], setup=setup), exe=b"/mnt/program", cwd=b"/mnt/deep")


def test_chroot_in_a_root(live):
    root = root_with_program(live)

    def setup():
        pivot(root)
        os.chroot("/bin")
        os.chdir("/deep")

    check_paths(live.one(b"/program", [b"both"], setup=setup), exe=b"/program", cwd=b"/deep")


def test_entered_mount_namespace(live):
    """As nsenter and those who execute in a container do it."""
    root = root_with_program(live)
    held = live.hold([b"held"], path=b"/bin/program", setup=lambda: pivot(root))
    namespace = os.open(f"/proc/{held.pid}/ns/mnt", os.O_RDONLY)
    live.cleanup(os.close, namespace)
    record = live.one(b"/bin/program", [b"entered"], setup=lambda: kernel.setns(namespace, kernel.CLONE_NEWNS))
    check_paths(record, exe=b"/bin/program", cwd=b"/")


def test_working_directory_outside_of_the_root(live):
    root = root_with_program(live)
    outside = as_is(live.scratch())

    def setup(directory):
        os.chdir(directory)
        os.chroot(root)

    record = live.one(b"/bin/program", [b"outside"], setup=lambda: setup(outside))
    check_paths(record, exe=b"/bin/program", cwd=UNREACHABLE + outside)
    record = live.one(b"/bin/program", [b"outside"], setup=lambda: setup("/"))
    check_paths(record, exe=b"/bin/program", cwd=UNREACHABLE + b"/")


def test_program_outside_of_the_root(live):
    """By a descriptor, as whoever breaks out of a container by way of the runtime's own program does it."""
    root = root_with_program(live)
    program = os.open(live.target, os.O_RDONLY)
    live.cleanup(os.close, program)

    def setup(chroot):
        (os.chroot if chroot else pivot)(root)
        os.chdir("/")
        kernel.execveat(program, b"", [b"outside", b"x"], kernel.AT_EMPTY_PATH)

    for chroot in (True, False):
        record = live.one(b"/bin/program", [b"never"], setup=lambda c=chroot: setup(c))
        check_paths(record, exe=UNREACHABLE + as_is(live.target), cwd=b"/")
        check.equal("arguments", argv_of(record), [b"outside", b"x"])
        check.equal("flags", record["flags"], ["fd"])


def test_program_of_another_mount_namespace(live):
    """What was opened before is on a mount that is not there any more, though there is one like it."""
    program = os.open(live.target, os.O_RDONLY)
    live.cleanup(os.close, program)

    def setup():
        kernel.private_mounts()
        kernel.execveat(program, b"", [b"before"], kernel.AT_EMPTY_PATH)

    record = live.one(live.target, [b"never"], setup=setup)
    check_paths(record, exe=UNREACHABLE + as_is(live.target), cwd=os.fsencode(os.getcwd()))


def test_memfd_in_a_root(live):
    """It is in no directory at all, wherever the root is."""
    root = root_with_program(live)
    fd = os.memfd_create("inside", 0)
    live.cleanup(os.close, fd)
    with open(live.target, "rb") as file:
        os.write(fd, file.read())

    def setup():
        pivot(root)
        kernel.execveat(fd, b"", [b"memfd"], kernel.AT_EMPTY_PATH)

    check_paths(live.one(b"/bin/program", [b"never"], setup=setup), exe=b"/memfd:inside", cwd=b"/")


def test_detached_mount(live):
    """A copy of a mount that is mounted nowhere: open_tree(2)."""
    root = root_with_program(live)

    def setup():
        kernel.private_mounts()
        tree = kernel.open_tree(root)
        os.fchdir(os.open(b"bin/deep", os.O_PATH, dir_fd=tree))
        kernel.execveat(tree, b"bin/program", [b"detached"])

    record = live.one(live.target, [b"never"], setup=setup)
    check_paths(record, exe=UNREACHABLE + b"/bin/program", cwd=UNREACHABLE + b"/bin/deep")


def test_moved_out_of_its_mount(live):
    """A directory that was renamed to where no path of the mount leads, with a program in it."""
    base = as_is(live.scratch())
    source, target, moved = (os.path.join(base, name) for name in (b"source", b"target", b"moved"))
    os.makedirs(os.path.join(source, b"deep"))
    os.mkdir(target)
    live.copy_target(os.path.join(source, b"deep"), b"program")
    read, write = os.pipe()
    live.cleanup(os.close, read)

    def setup():
        kernel.private_mounts()
        kernel.bind(source, target)
        os.chdir(os.path.join(target, b"deep"))
        os.rename(os.path.join(source, b"deep"), moved)
        os.write(write, kernel.getcwd())

    record = live.one(b"./program", [b"moved"], setup=setup)
    os.close(write)
    check.equal("the kernel's getcwd", os.read(read, 4096), UNREACHABLE + b"/")
    for key, end in (("cwd", b"/moved"), ("exe", b"/moved/program")):
        path = raw(record[key])
        check.true(f"{key}: {path}", path.startswith(UNREACHABLE + b"/") and path.endswith(end) and b"//" not in path)


def test_mount_that_is_gone(live):
    """Unmounted while in use."""
    directory = as_is(live.scratch())

    def setup():
        kernel.private_mounts()
        kernel.mount("tmpfs", directory, "tmpfs")
        live.copy_target(directory, b"program")
        os.mkdir(directory + b"/sub")
        os.chdir(directory + b"/sub")
        kernel.umount(directory, kernel.MNT_DETACH)

    check_paths(live.one(b"../program", [b"gone"], setup=setup),
                filename=b"../program", exe=UNREACHABLE + b"/program", cwd=UNREACHABLE + b"/sub")


def test_mount_on_the_root_of_a_mount(live):
    """Several on one directory: it is the uppermost that is seen."""
    directory = as_is(live.scratch())

    def setup():
        kernel.private_mounts()
        for name in (b"first", b"second", b"third"):
            kernel.mount("tmpfs", directory, "tmpfs")
            live.copy_target(directory, name)
        os.chdir(directory)

    check_paths(live.one(directory + b"/third", [b"stack"], setup=setup), exe=directory + b"/third", cwd=directory)

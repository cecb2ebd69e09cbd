# SPDX-License-Identifier: GPL-2.0-or-later
"""Paths as the process sees them: what it was called by, what runs, where it works."""

import os

from lib import check, kernel
from lib.daemon import argv_of, raw

PATH_MAX = 4096  # with its NUL
NAME_MAX = 256
DEPTH_KEPT = 500  # components that are kept of every path, at least


def as_is(path):
    return os.path.realpath(path)


def test_relative(live):
    directory = live.scratch()
    path = live.copy_target(directory, b"program")
    for name in (b"./program", b"program", b"../" + os.path.basename(directory) + b"/./program"):
        record = live.one(name, [b"relative"], setup=lambda: os.chdir(directory))
        check.equal("filename", raw(record["filename"]), name)
        check.equal("exe", raw(record["exe"]), as_is(path))
        check.equal("cwd", raw(record["cwd"]), as_is(directory))


def test_root_as_working_directory(live):
    check.fields(live.one(live.target, [b"root"], setup=lambda: os.chdir("/")), cwd="/")


def test_symbolic_link(live):
    path = live.copy_target()
    link = os.path.join(live.scratch(), b"link")
    os.symlink(path, link)
    record = live.one(link, [b"link"])
    check.equal("filename", raw(record["filename"]), link)
    check.equal("exe", raw(record["exe"]), as_is(path))


def test_odd_names(live):
    for name in (b"with blank", b"new\nline", b"quote'\"", b"\xff\xfe", "ümlaut-€".encode(), b"] x=[", b"\x1b[0m",
                 b"x" * 255, "ä".encode() * 127, b"...", b"back\\slash"):
        directory = os.path.join(live.scratch(), name)
        os.mkdir(directory)
        path = live.copy_target(directory, name)
        record = live.one(path, [b"odd"], setup=lambda d=directory: os.chdir(d))
        check.equal("filename", raw(record["filename"]), path)
        check.equal("exe", raw(record["exe"]), as_is(path))
        check.equal("cwd", raw(record["cwd"]), as_is(directory))


def deep_directory(live, depth):
    """A directory of that many one-letter components below a scratch directory, and its path."""
    path = live.scratch()
    fd = os.open(path, os.O_PATH | os.O_DIRECTORY)
    for _ in range(depth):
        os.mkdir(b"a", dir_fd=fd)
        below = os.open(b"a", os.O_PATH | os.O_DIRECTORY, dir_fd=fd)
        os.close(fd)
        fd = below
    os.close(fd)
    return path + b"/a" * depth


def check_path(what, got, expected):
    """The path itself, or, for one that is too deep, its end behind three dots."""
    if expected.count(b"/") <= DEPTH_KEPT:
        check.equal(what, got, expected)
        return
    if got == expected:
        return
    check.true(f"{what} does not say that its front is missing: {check.shown(got)}", got.startswith(b".../"))
    tail = got.removeprefix(b"...")
    check.true(f"{what} is not the end of the path: {check.shown(got)}", expected.endswith(tail))
    check.true(f"{what} has {tail.count(b'/')} components", tail.count(b"/") >= DEPTH_KEPT)


def test_deep_paths(live):
    for depth in (130, 400, 520, 2000):
        directory = deep_directory(live, depth)
        path = os.path.join(directory, b"x")
        os.link(live.copy_target(), path)
        record = live.one(path, [b"deep"], setup=lambda d=directory: os.chdir(d))
        check.equal("filename", raw(record["filename"]), path)
        check_path("exe", raw(record["exe"]), as_is(path))
        check_path("cwd", raw(record["cwd"]), as_is(directory))


def test_longest_path(live):
    """As many bytes as the kernel takes."""
    directory = live.scratch()
    while len(directory) + 1 + 200 < PATH_MAX - 10:
        directory = os.path.join(directory, b"n" * 200)
        os.mkdir(directory)
    path = os.path.join(directory, b"x" * (PATH_MAX - 2 - len(directory)))
    check.equal("length of the path", len(path), PATH_MAX - 1)
    os.link(live.copy_target(), path)
    record = live.one(path, [b"long"], setup=lambda: os.chdir(directory))
    check.equal("filename", raw(record["filename"]), path)
    check.equal("exe", raw(record["exe"]), as_is(path))
    check.equal("cwd", raw(record["cwd"]), as_is(directory))


def test_path_that_is_longer_than_any_call_takes(live):
    """Reached step by step: the file's absolute path has over 6,000 bytes."""
    names = [b"%02d" % i + b"n" * 198 for i in range(30)]
    top = as_is(live.scratch())
    program = live.copy_target()

    def setup():
        os.chdir(top)
        for name in names:
            os.mkdir(name)
            os.chdir(name)
        os.link(program, b"x")

    record = live.one(b"./x", [b"longer"], setup=setup)
    whole = b"/".join([top, *names])
    for key, path in (("exe", whole + b"/x"), ("cwd", whole)):
        got = raw(record[key])
        check.true(f"{key}: {check.shown(got)}", got.startswith(b".../"))
        check.true(f"{key} is not the end of the path", path.endswith(got.removeprefix(b"...")))
        check.between(f"length of {key}", len(got), PATH_MAX - NAME_MAX, PATH_MAX + NAME_MAX + len("..."))


def test_deleted_working_directory(live):
    directory = live.scratch()

    def setup():
        os.chdir(directory)
        os.rmdir(directory)

    record = live.one(live.target, [b"no directory"], setup=setup)
    check.equal("cwd", raw(record["cwd"]), as_is(directory))


def test_chroot(live):
    """The process's own root is where its paths begin."""
    root = live.scratch()
    os.makedirs(os.path.join(root, b"bin/deep"))
    live.copy_target(os.path.join(root, b"bin"), b"program")

    def setup():
        os.chroot(root)
        os.chdir("/bin/deep")

    record = live.one(b"/bin/program", [b"chroot"], setup=setup)
    check.fields(record, filename="/bin/program", exe="/bin/program", cwd="/bin/deep")


def test_chroot_root_directory(live):
    root = live.scratch()
    live.copy_target(root, b"program")

    def setup():
        os.chroot(root)
        os.chdir("/")

    check.fields(live.one(b"/program", [b"chroot"], setup=setup), exe="/program", cwd="/")


def test_bind_mount(live):
    """A directory and a file that are mounted a second time, seen there and not where they came from."""
    source = live.scratch()
    program = live.copy_target(source, b"program")
    os.mkdir(os.path.join(source, b"sub"))
    directory = as_is(live.scratch())
    file = os.fsencode(live.write_file("file", ""))

    def setup():
        kernel.private_mounts()
        kernel.bind(source, directory)
        kernel.bind(program, file)
        os.chdir(os.path.join(directory, b"sub"))

    record = live.one(os.path.join(directory, b"program"), [b"directory"], setup=setup)
    check.equal("exe", raw(record["exe"]), os.path.join(directory, b"program"))
    check.equal("cwd", raw(record["cwd"]), os.path.join(directory, b"sub"))
    record = live.one(file, [b"file"], setup=setup)
    check.equal("exe", raw(record["exe"]), as_is(file))


def test_mount_in_a_mount(live):
    """A tmpfs on a directory of a tmpfs on a directory."""
    outer = as_is(live.scratch())
    inner = os.path.join(outer, b"a/b")

    def setup():
        kernel.private_mounts()
        kernel.mount("tmpfs", outer, "tmpfs")
        os.makedirs(inner)
        kernel.mount("tmpfs", inner, "tmpfs")
        os.mkdir(inner + b"/c")
        live.copy_target(inner + b"/c", b"program")
        os.chdir(inner)

    record = live.one(inner + b"/c/program", [b"nested"], setup=setup)
    check.equal("exe", raw(record["exe"]), inner + b"/c/program")
    check.equal("cwd", raw(record["cwd"]), inner)


def test_mount_in_a_chroot(live):
    root = live.scratch()
    os.mkdir(os.path.join(root, b"mnt"))

    def setup():
        kernel.private_mounts()
        kernel.mount("tmpfs", os.path.join(root, b"mnt"), "tmpfs")
        live.copy_target(os.path.join(root, b"mnt"), b"program")
        os.chroot(root)
        os.chdir("/mnt")

    check.fields(live.one(b"/mnt/program", [b"both"], setup=setup), exe="/mnt/program", cwd="/mnt")


def test_overlay(live):
    with open("/proc/filesystems", encoding="ascii") as file:
        if "\toverlay\n" not in file.read():
            raise check.Skip("this kernel has no overlayfs")
    base = live.scratch()
    lower, upper, work, merged = (os.path.join(base, name) for name in (b"lower", b"upper", b"work", b"merged"))
    for directory in (lower + b"/bin", upper, work, merged):
        os.makedirs(directory)
    live.copy_target(lower + b"/bin", b"lower-program")
    merged = as_is(merged)

    def setup():
        kernel.private_mounts()
        options = b"lowerdir=%s,upperdir=%s,workdir=%s" % (lower, upper, work)
        kernel.mount("overlay", merged, "overlay", 0, options)
        live.copy_target(merged + b"/bin", b"upper-program")
        os.chdir(merged + b"/bin")

    for name in (b"lower-program", b"upper-program"):
        record = live.one(merged + b"/bin/" + name, [b"overlay"], setup=setup)
        check.equal("exe", raw(record["exe"]), merged + b"/bin/" + name)
        check.equal("cwd", raw(record["cwd"]), merged + b"/bin")
        check.equal("flags", record.get("flags", []), [])


def test_script_in_the_working_directory(live):
    directory = live.scratch()
    path = os.path.join(directory, b"script")
    os.rename(live.script(live.target), path)
    record = live.one(b"./script", [b"x"], setup=lambda: os.chdir(directory))
    check.fields(record, filename="./script")
    check.equal("arguments", argv_of(record), [live.target, b"./script"])

# SPDX-License-Identifier: GPL-2.0-or-later
"""The build-id of what runs is that of the very file that ran, or there is none."""

import os
import shutil
import signal
import subprocess
import sys
import time

from lib import builds, check, elf, kernel
from lib.builds import ON, ONE, OTHER, settle
from lib.daemon import argv_of
from lib.loop import DEADLINE


def test_off_by_default(live):
    check.fields(live.one(live.target, [b"off"]), build_id=None)


def test_real_programs(live):
    daemon = live.daemon(ON)
    calls = {"true": [], "ls": [b"--version"], "bash": [b"-c", b":"], "sh": [b"-c", b":"], "gcc": [b"--version"],
             sys.executable: [b"-c", b""]}
    known = {}
    for name, arguments in calls.items():
        path = shutil.which(name)
        if path and elf.is_elf(path):
            known[os.path.realpath(path)] = [os.fsencode(name), *arguments], elf.build_id(path)
    check.true("no program of this machine has a build-id", any(digits for _, digits in known.values()))
    for _ in range(2):
        for path, (argv, digits) in known.items():
            check.fields(builds.one(live, daemon, os.fsencode(path), argv, digits, stdout=True), exe=path)


def test_none(live):
    daemon = live.daemon(ON)
    path = builds.make(live, None)
    check.equal("build-id", elf.build_id(path), None)
    for _ in range(2):
        check.fields(live.one(path, [b"none"], daemon), build_id=None)


def test_script(live):
    """It is the interpreter that runs."""
    daemon = live.daemon(ON)
    interpreter = builds.make(live, ONE)
    builds.one(live, daemon, live.script(interpreter), [b"script"], ONE)


def test_failed(live):
    daemon = live.daemon(ON)
    path = live.write_file("not-a-program", "no magic")
    os.chmod(path, 0o755)

    def action():
        pid = os.fork()
        if pid == 0:
            try:
                os.execv(path, ["x"])
            finally:
                os._exit(0)
        os.waitpid(pid, 0)
        return pid

    pid, records = live.observe(action, daemon)
    mine = [r for r in records if r["pid"] == pid and "error" in r]
    if not mine:
        raise check.Skip("failed execs are not recorded here")
    check.fields(mine[0], build_id=None)


def test_changed(live):
    """Another file under the same path, and another content of the same file."""
    daemon = live.daemon(ON)
    path = builds.make(live, ONE)
    builds.one(live, daemon, path, [b"first"], ONE)
    os.replace(builds.make(live, OTHER), path)
    builds.one(live, daemon, settle(path), [b"replaced"], OTHER)
    with open(path, "r+b") as file:
        file.write(elf.with_build_id(path, ONE))
    builds.one(live, daemon, settle(path), [b"overwritten"], ONE)
    with open(path, "r+b") as file:
        file.write(elf.with_build_id(path, None))
    check.fields(live.one(settle(path), [b"taken away"], daemon), build_id=None)


def test_changed_in_a_hurry(live):
    """
    Executed right after it was written, and written again right after that, before the daemon gets to it: both contents
    may have the same time of change.
    """
    daemon = live.daemon(ON)
    first, second = (elf.with_build_id(live.target, digits) for digits in (ONE, OTHER))
    directory = live.scratch()

    # Not by open(), which has a look at the file: newer kernels give each change after that a time of its own.
    def write(path, content, flags):
        fd = os.open(path, os.O_WRONLY | flags, 0o755)
        os.write(fd, content)
        os.close(fd)

    def hurry(path):
        write(path, first, os.O_CREAT)
        pid = live.run(path, [b"hurry"]).pid
        write(path, second, 0)
        return pid

    def action():
        daemon.signal(signal.SIGSTOP)
        pids = [hurry(os.path.join(directory, b"p%d" % i)) for i in range(20)]
        daemon.signal(signal.SIGCONT)
        return pids

    pids, records = live.observe(action, daemon)
    for pid in pids:
        found = live.only(records, pid).get("build_id")
        check.true(f"build-id: {found}, of a program with {ONE}", found in (None, ONE))


def test_changed_before_it_is_read(live):
    """What is under the path when the daemon gets to it is not what ran, but for the last one."""
    daemon = live.daemon(ON)
    path = builds.make(live, ONE)

    def action():
        daemon.signal(signal.SIGSTOP)
        pids = [live.run(path, [b"first"]).pid]
        with open(path, "r+b") as file:
            file.write(elf.with_build_id(path, OTHER))
        pids.append(live.run(settle(path), [b"overwritten"]).pid)
        os.replace(builds.make(live, ONE), path)
        pids.append(live.run(settle(path), [b"replaced"]).pid)
        os.chmod(path, 0o711)
        pids.append(live.run(settle(path), [b"of another mode"]).pid)
        daemon.signal(signal.SIGCONT)
        return pids

    pids, records = live.observe(action, daemon)
    *before, last = [live.only(records, pid).get("build_id") for pid in pids]
    check.equal("build-ids", before, [None, None, None])
    # It may not have been read in time.
    check.true(f"build-id of the last: {last}", last in (None, ONE))
    builds.one(live, daemon, path, [b"once more"], ONE)


def test_memfd_and_deleted(live):
    """No path leads there, but the process does."""
    daemon = live.daemon(ON)
    path = builds.make(live, ONE)
    fd = os.open(path, os.O_RDONLY)
    live.cleanup(os.close, fd)
    os.set_inheritable(fd, True)
    os.unlink(path)
    os.rename(builds.make(live, OTHER), path)
    memory = os.memfd_create("program", 0)
    live.cleanup(os.close, memory)
    with open(path, "rb") as file:
        os.write(memory, file.read())
    settle(fd, memory)
    for number, digits in ((fd, ONE), (memory, OTHER)):
        process, records = live.observe(lambda n=number: live.hold([b"held"], b"/proc/self/fd/%d" % n), daemon)
        check.fields(live.only(records, process.pid), build_id=digits)
        process.wait()


def test_chroot(live):
    """The same path leads to one program inside and to another one outside."""
    daemon = live.daemon(ON)
    outside = builds.make(live, ONE)
    root = live.scratch()
    directory = root + os.path.dirname(outside)
    os.makedirs(directory)
    builds.make(live, OTHER, directory)
    how = {"setup": lambda: os.chroot(root)}
    process, records = live.observe(lambda: live.hold([b"held"], outside, **how), daemon)
    check.fields(live.only(records, process.pid), exe=os.fsdecode(outside), build_id=OTHER)
    builds.one(live, daemon, outside, [b"known by now"], OTHER, **how)
    builds.one(live, daemon, outside, [b"outside"], ONE)


def test_mount_namespace(live):
    """Another file under a path, in a mount namespace that has ended before anybody could look."""
    daemon = live.daemon(ON)
    outside = builds.make(live, ONE)
    inside = builds.make(live, OTHER)

    def setup():
        kernel.private_mounts()
        kernel.bind(inside, outside)

    found = live.one(outside, [b"gone"], daemon, setup=setup).get("build_id")
    check.true(f"build-id: {found}, of a program with {OTHER}", found in (None, OTHER))
    builds.one(live, daemon, outside, [b"outside"], ONE)

    # One that is there long enough is found, once the file is asked for again.
    deadline = time.monotonic() + DEADLINE
    while found is None and time.monotonic() < deadline:
        process, records = live.observe(lambda: live.hold([b"held"], outside, setup=setup), daemon)
        found = live.only(records, process.pid).get("build_id")
        process.wait()
    check.equal("build-id", found, OTHER)


def test_parents_root(live):
    """A process that lives for too short, in a mount namespace of its parent's."""
    daemon = live.daemon(ON)
    directory = live.scratch()

    def setup():
        kernel.private_mounts()
        kernel.mount("tmpfs", directory, "tmpfs")
        builds.make(live, OTHER, directory)

    script = b'"$0" run; "$0" again; echo done; read x'
    program = directory + b"/program"

    def action():
        process = live.start(b"/bin/sh", [b"sh", b"-c", script, program], stdin=True, stdout=True, setup=setup)
        process.wait_output(b"done\n")
        return process

    process, records = live.observe(action, daemon)
    mine = [r for r in records if r["ppid"] == process.pid and "error" not in r]
    check.equal("programs that the shell ran", [argv_of(r)[1] for r in mine], [b"run", b"again"])
    for record in mine:
        check.fields(record, build_id=OTHER)


def test_overlay_and_tmpfs(live):
    """stat(2) shows other devices than the file system's own."""
    with open("/proc/filesystems", encoding="ascii") as file:
        if "\toverlay\n" not in file.read():
            raise check.Skip("this kernel has no overlayfs")
    daemon = live.daemon(ON)
    base, memory = live.scratch(), live.scratch()
    kernel.mount("tmpfs", memory, "tmpfs")
    live.cleanup(kernel.detach, memory)
    lower, merged = base + b"/lower", os.path.realpath(base) + b"/merged"
    upper, work = memory + b"/upper", memory + b"/work"
    for path in (lower, merged, upper, work):
        os.mkdir(path)
    builds.make(live, ONE, lower, b"lower")
    kernel.mount("overlay", merged, "overlay", 0, b"lowerdir=%s,upperdir=%s,workdir=%s" % (lower, upper, work))
    live.cleanup(kernel.detach, merged)
    builds.make(live, OTHER, merged, b"upper")
    builds.one(live, daemon, merged + b"/lower", [b"lower"], ONE)
    builds.one(live, daemon, merged + b"/upper", [b"upper"], OTHER)
    builds.one(live, daemon, memory + b"/upper/upper", [b"tmpfs"], OTHER)
    # Copied up it is another file, and not known by its old identity.
    os.chmod(merged + b"/lower", 0o711)
    builds.one(live, daemon, settle(merged + b"/lower"), [b"copied up"], ONE)

    def setup():
        kernel.private_mounts()
        kernel.detach(merged)
        kernel.mount("overlay", merged, "overlay", 0, b"lowerdir=%s:%s" % (lower, upper))

    process, records = live.observe(lambda: live.hold([b"inside"], merged + b"/lower", setup=setup), daemon)
    check.fields(live.only(records, process.pid), build_id=ONE)


def twins(live):
    """
    Two programs with different build-ids on one btrfs, each the first file of its subvolume and written in the same tick:
    inode, superblock and time of change are the same.
    """
    directory = os.path.realpath(live.scratch())
    image = os.path.join(live.scratch(), b"image")
    with open(image, "wb") as file:
        file.truncate(256 << 20)
    subprocess.run(["mkfs.btrfs", "--quiet", "--force", image], check=True, capture_output=True)
    subprocess.run(["mount", "-t", "btrfs", "-o", "loop", image, directory], check=True)
    live.cleanup(kernel.detach, directory)
    contents = [elf.with_build_id(live.target, digits) for digits in (ONE, OTHER)]
    for i in range(100):
        paths = []
        for name in b"a", b"b":
            volume = os.path.join(directory, b"%d-%s" % (i, name))
            subprocess.run(["btrfs", "--quiet", "subvolume", "create", volume], check=True)
            paths.append(os.path.join(volume, b"program"))
        fds = [os.open(path, os.O_CREAT | os.O_WRONLY, 0o755) for path in paths]
        for fd, content in zip(fds, contents):
            os.write(fd, content)
        for fd in fds:
            os.close(fd)
        first, second = map(os.stat, paths)
        if (first.st_ino, first.st_ctime_ns) == (second.st_ino, second.st_ctime_ns):
            return paths
    raise check.Skip("no two files were changed at the same time")


def test_btrfs_subvolumes(live):
    """The kernel side can't tell them apart; the paths do."""
    with open("/proc/filesystems", encoding="ascii") as file:
        if "\tbtrfs\n" not in file.read() or not shutil.which("mkfs.btrfs"):
            raise check.Skip("no btrfs, or no mkfs.btrfs")
    daemon = live.daemon(ON)
    paths = twins(live)
    settle(*paths)
    for path, digits in zip(paths * 3, [ONE, OTHER] * 3):
        builds.one(live, daemon, path, [b"twin"], digits)


def test_many(live):
    """One new file after the other: each with its own, in order, none lost."""
    daemon = live.daemon(ON)
    directory = live.scratch()
    wanted = {}
    for i in range(100):
        digits = "%040x" % (i + 1)
        path = os.path.join(directory, b"p%d" % i)
        with open(path, "wb") as file:
            file.write(elf.with_build_id(live.target, digits))
        os.chmod(path, 0o755)
        wanted[path] = digits
    settle(*wanted)
    pids, records = live.observe(
        lambda: [live.run(path, [b"many"]).pid for _ in range(2) for path in wanted], daemon)
    mine = [r for r in records if r["ppid"] == os.getpid() and argv_of(r) == [b"many"]]
    check.equal("pids", [r["pid"] for r in mine], pids)
    check.equal("build-ids", [r.get("build_id") for r in mine], list(wanted.values()) * 2)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))

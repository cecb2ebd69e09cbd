# SPDX-License-Identifier: GPL-2.0-or-later
"""Control groups of the unified hierarchy, made for a test."""

import os

from lib import check, kernel


def mounts(wanted):
    """(mount point, options) of all mounts of this type."""
    with open("/proc/self/mounts", encoding="utf-8") as file:
        lines = [line.split(" ") for line in file]
    return [(path, options) for _, path, kind, options, *_ in lines if kind == wanted]


def mount_point():
    for path, _ in mounts("cgroup2"):
        return path
    raise check.Skip("no cgroup2 is mounted")


def unmount_all(*places):
    """Those that show the unified hierarchy, or those of them at these places."""
    for path, _ in mounts("cgroup2"):
        if not places or path in places:
            kernel.umount(path)


class Group:
    """
    `path` below the root of the hierarchy (of another, if it is given where that is mounted); its parents are made, too.
    All that was made is removed with the test.
    """

    def __init__(self, live, path, root=None):
        self.path = path
        self.directory = root or mount_point()
        for name in filter(None, path.split("/")):
            self.directory = os.path.join(self.directory, name)
            if not os.path.isdir(self.directory):
                os.mkdir(self.directory)
                live.cleanup(remove, self.directory)

    def enter(self):
        """A setup() for what is to run inside."""
        with open(os.path.join(self.directory, "cgroup.procs"), "w", encoding="ascii") as file:
            file.write("0")

    def remove(self):
        remove(self.directory)


def remove(directory):
    if os.path.isdir(directory):
        os.rmdir(directory)


class DeepGroup:
    """Groups one in the other, below a Group: the last one. They may lie deeper than a path reaches."""

    def __init__(self, live, top, names):
        self.path = "/".join([top.path, *names])
        self._names = names
        self._made = 0
        self._fd = os.open(top.directory, os.O_PATH | os.O_DIRECTORY)
        live.cleanup(self._remove)
        for name in names:
            os.mkdir(name, dir_fd=self._fd)
            self._made += 1
            self._go(name)

    def _go(self, name):
        fd = os.open(name, os.O_PATH | os.O_DIRECTORY, dir_fd=self._fd)
        os.close(self._fd)
        self._fd = fd

    def enter(self):
        """As that of Group."""
        with open("cgroup.procs", "w", encoding="ascii",
                  opener=lambda path, flags: os.open(path, flags, dir_fd=self._fd)) as file:
            file.write("0")

    def _remove(self):
        for name in reversed(self._names[:self._made]):
            self._go("..")
            os.rmdir(name, dir_fd=self._fd)
        os.close(self._fd)

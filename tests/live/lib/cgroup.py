# SPDX-License-Identifier: GPL-2.0-or-later
"""Control groups of the unified hierarchy, made for a test."""

import os

from lib import check


def mount_point():
    with open("/proc/self/mounts", encoding="utf-8") as file:
        for line in file:
            _, path, kind, *_ = line.split(" ")
            if kind == "cgroup2":
                return path
    raise check.Skip("no cgroup2 is mounted")


class Group:
    """`path` below the root of the hierarchy; its parents are made, too. All that was made is removed with the test."""

    def __init__(self, live, path):
        self.path = path
        self.directory = mount_point()
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

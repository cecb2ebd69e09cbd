# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that differ in their build-id only, and when these are certain."""

import os
import time

from lib import check, elf
from lib.loop import DEADLINE

ON = "[Output]\nBuildId=yes\n"
ONE, OTHER = "aa" * 20, "bb" * 20
FRESH_NS = 25_000_000  # two ticks of the slowest clock, and some


def settle(*paths):
    """A file that was changed just now has no build-id: waits until that is over."""
    for path in paths:
        while (left := os.stat(path).st_ctime_ns + FRESH_NS - time.time_ns()) > 0:
            time.sleep(left / 1e9)
    return paths[0]


def make(live, digits, directory=None, name=b"program"):
    """A copy of target with this build-id, or with none, that has settled. Its path."""
    path = os.path.join(directory or live.scratch(), name)
    with open(path, "wb") as file:
        file.write(elf.with_build_id(live.target, digits))
    os.chmod(path, 0o755)
    return settle(path)


def one(live, daemon, path, argv, digits, **how):
    """
    Runs a program; its one record, which has this build-id. On a machine that is too busy to answer in time it may have
    none at first, but never another.
    """
    deadline = time.monotonic() + DEADLINE
    while True:
        record = live.one(path, argv, daemon, **how)
        found = record.get("build_id")
        if found == digits:
            return record
        check.true(f"build-id {found} of {os.fsdecode(path)}, which has {digits}; the daemon said: {daemon.stderr()}",
                   found is None and time.monotonic() < deadline)

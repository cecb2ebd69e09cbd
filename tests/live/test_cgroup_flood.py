# SPDX-License-Identifier: GPL-2.0-or-later
"""A user who may make cgroups makes as many, as deep and as fast as he can: neither does the daemon stall, nor grow."""

import os
import signal
import time

from lib import check
from lib.cgroup import Group

LEVELS = 15
GROUPS = 8000
NAME = "n" * 240
TRIES = 10
LATENCY = 0.5  # seconds that the daemon may compute until it has reloaded
GROWTH = 8 << 20  # bytes: with the path of each it would be four times as many


def resident(daemon):
    with open(f"/proc/{daemon.pid}/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("Anonymous:"))


class Flood:
    """A process that makes GROUPS groups at the end of a path of LEVELS, then makes and removes others until it is ended."""

    def __init__(self, live, top):
        self._top = top
        reader, writer = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                os.close(reader)
                self._run(writer)
            finally:
                os._exit(1)
        os.close(writer)
        live.cleanup(self._remove)
        live.cleanup(self.end)
        check.equal("all groups are made", os.read(reader, 1), b"1")
        os.close(reader)

    def _run(self, writer):
        fd = os.open(self._top.directory, os.O_PATH)
        for level in range(LEVELS):
            name = f"{level:03}{NAME}"
            os.mkdir(name, dir_fd=fd)
            fd = os.open(name, os.O_PATH, dir_fd=fd)
        for index in range(GROUPS):
            os.mkdir(f"{index:06}{NAME}", dir_fd=fd)
        os.write(writer, b"1")
        while True:
            os.mkdir(f"x{NAME}", dir_fd=fd)
            os.rmdir(f"x{NAME}", dir_fd=fd)

    def end(self):
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0

    def _remove(self):
        fds = [os.open(self._top.directory, os.O_PATH)]
        for level in range(LEVELS):
            fds.append(os.open(f"{level:03}{NAME}", os.O_PATH, dir_fd=fds[-1]))
        for name in [f"{index:06}{NAME}" for index in range(GROUPS)] + [f"x{NAME}"]:
            if os.access(name, os.F_OK, dir_fd=fds[-1]):
                os.rmdir(name, dir_fd=fds[-1])
        for level in reversed(range(LEVELS)):
            os.close(fds.pop())
            os.rmdir(f"{level:03}{NAME}", dir_fd=fds[-1])
        os.close(fds.pop())


def reload_seconds(live, daemon):
    count = sum(event["event"] == "reloaded" for event in daemon.events)
    begin = daemon.computed()
    daemon.signal(signal.SIGHUP)
    live.loop.until(lambda: sum(event["event"] == "reloaded" for event in daemon.events) > count, daemon.state)
    return daemon.computed() - begin


def test_flood(live):
    """With a ring that is too small for what is told of the groups, so that the hierarchy is walked all the time."""
    unit = Group(live, "/live-a.slice/live-flood.service")
    config = live.write_file("flood.conf", "[Trace]\nEventBuffer=256K\n")
    daemon = live.daemon(options=[f"--config={config}"])
    live.one(live.target, [b"before"], daemon)
    before = resident(daemon)

    flood = Flood(live, unit)
    late = Group(live, "/live-a.slice/live-late.service")
    reloads, most = [], 0
    for _ in range(TRIES):
        reloads.append(reload_seconds(live, daemon))
        live.run(live.target, [b"meanwhile"])
        most = max(most, resident(daemon))
    check.true(f"a reload took {max(reloads):.3f} s", max(reloads) < LATENCY)
    flood.end()
    live.note = f"longest reload {max(reloads):.3f} s, grown by {(most - before) >> 10} KiB"
    if "ASAN_OPTIONS" not in os.environ:  # the sanitizer keeps what was freed
        check.true(f"grown by {most - before} bytes", most - before < GROWTH)

    # What could not be told of is found by the next walk.
    end = time.monotonic() + 10
    while True:
        record = live.one(live.target, [b"late"], daemon, setup=late.enter)
        if record.get("unit") or time.monotonic() > end:
            break
    check.fields(record, unit="live-late.service", cgroup=late.path)


def test_there_before(live):
    """The daemon is ready before it knows them all, if there are many, and soon knows them."""
    unit = Group(live, "/live-a.slice/live-flood.service")
    flood = Flood(live, unit)
    flood.end()
    begin = time.monotonic()
    daemon = live.daemon()
    live.note = f"started in {time.monotonic() - begin:.3f} s"
    inside = Group(live, unit.path + "/inside")
    record = live.one(live.target, [b"inside"], daemon, setup=inside.enter)
    check.fields(record, unit="live-flood.service", cgroup=inside.path)

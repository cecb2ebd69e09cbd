# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel says that a process has used."""

import os
import re

from lib import bpf

# What the daemon shares with the kernel: its rings and counters, whose sizes are set by the configuration.
SHARED_WITH_KERNEL = re.compile(r"bpf[-_]map|bpf_ringbuf")
MAPPING = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+ *(.*)$")


def _read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def cpu_ns(pid):
    """Nanoseconds on a CPU. Of a process that has one thread: those that ended are not counted."""
    return int(_read(f"/proc/{pid}/schedstat").split()[0])


def cpu_coarse_ns(pid):
    """The same in the clock's ticks, threads that ended included."""
    fields = _read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def private_bytes(pid):
    """Anonymous pages and file pages that no other process maps, without what is shared with the kernel."""
    total, counted = 0, True
    for line in _read(f"/proc/{pid}/smaps").splitlines():
        mapping = MAPPING.match(line)
        if mapping:
            counted = not SHARED_WITH_KERNEL.search(mapping.group(1))
        elif counted and line.startswith(("Private_Clean:", "Private_Dirty:", "Swap:")):
            total += int(line.split()[1]) * 1024
    return total


def _infos(pid):
    """What the kernel tells of each descriptor of a process."""
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        try:
            text = _read(f"/proc/{pid}/fdinfo/{fd}")
        except FileNotFoundError:  # closed meanwhile
            continue
        yield dict(line.split(":", 1) for line in text.splitlines() if ":" in line)


def programs(pid):
    """
    The BPF programs that a process holds or has attached, by id: (runs, nanoseconds), counted with
    kernel.bpf_stats_enabled.
    """
    found = {}
    for identity in {int(info["prog_id"]) for info in _infos(pid) if "prog_id" in info}:
        fd = bpf.open_program(identity)
        try:
            found[identity] = tuple(bpf.fdinfo(fd, key) for key in ("run_cnt", "run_time_ns"))
        finally:
            os.close(fd)
    return found


def largest_ring(pid):
    """A descriptor of the largest ring that a process holds."""
    rings = {int(info["max_entries"]): int(info["map_id"]) for info in _infos(pid)
             if int(info.get("map_type", 0)) == bpf.MAP_TYPE_RINGBUF}
    return bpf.open_map(rings[max(rings)])

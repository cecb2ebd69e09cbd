# SPDX-License-Identifier: GPL-2.0-or-later
"""More than is comfortable: long storms, large arguments, a reader that does not read."""

import os
import signal
from contextlib import closing

from lib import bpf, check

from bench import processes
from bench.journald import Journald
from bench.tracers import Exectraced, journal_numbers
from bench.world import Numbers

RING_STORM = 2_000  # execs, far fewer than fit
LARGE = 40_000  # bytes of each of three arguments
OWN_LINES = 3  # of the daemon: started, lost, stopped


def _lost_by_journal(world, count, **how):
    """How many of a storm are not in the journal once all has come to rest. The configuration is the default."""
    mark = world.mark()
    with closing(Journald(world)) as journal, closing(Exectraced(world, journal=journal)) as daemon:
        world.storm(count, mark, **how)
        daemon.stop()
        journal.stop()
        return journal_numbers(journal, mark).lost(count)


def _records_that_fit(world, count):
    """How many records come out of the ring when nobody reads before the end of a storm: its own, and some of others."""
    mark = world.mark()
    with closing(Exectraced(world, "json")) as daemon:
        daemon.signal(signal.SIGSTOP)
        world.storm(count, mark)
        daemon.signal(signal.SIGCONT)
        daemon.stop()
        numbers = Numbers(mark).take_file(daemon.path)
        check.true("the ring was not full", numbers.lost(count) > 0)
        return numbers.lines - OWN_LINES


def ring_bytes(world, count=RING_STORM, storms=3):
    """
    Bytes that an exec of a storm takes in the ring, its head there included. What others execute meanwhile is in it, too:
    the lowest of some storms is the nearest.
    """
    return min(_ring_bytes(world, count) for _ in range(storms))


def _ring_bytes(world, count):
    with closing(Exectraced(world, "json")) as daemon:
        ring = processes.largest_ring(daemon.pid)
        try:
            before = bpf.written_to_ring(ring)
            world.storm(count, world.mark())
            spent = bpf.written_to_ring(ring) - before
        finally:
            os.close(ring)
        daemon.stop()
    return spent / count


def measure(world, results):
    results.add("lost-journal", [_lost_by_journal(world, results.amounts["storm_lost"])])
    results.add("lost-large", [_lost_by_journal(world, results.amounts["storm_large"], size=LARGE)])
    results.add("ring-bytes", [ring_bytes(world)])
    count = results.amounts["storm_stopped"]
    results.add("ring-records", [_records_that_fit(world, count)], f"while {count:,} were executed")

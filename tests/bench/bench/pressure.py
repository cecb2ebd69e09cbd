# SPDX-License-Identifier: GPL-2.0-or-later
"""More than is comfortable: long storms, large arguments, a reader that does not read."""

import signal
from contextlib import closing

from lib import check

from bench.journald import Journald
from bench.tracers import Exectraced, journal_numbers
from bench.world import Numbers

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


def measure(world, results):
    results.add("lost-journal", [_lost_by_journal(world, results.amounts["storm_lost"])])
    results.add("lost-large", [_lost_by_journal(world, results.amounts["storm_large"], size=LARGE)])
    count = results.amounts["storm_stopped"]
    results.add("ring-records", [_records_that_fit(world, count)], f"while {count:,} were executed")

# SPDX-License-Identifier: GPL-2.0-or-later
"""A storm under each tracer, each time right after one under none: what it costs, and what is lost of it."""

import os
import time
from contextlib import closing

from bench import processes
from bench.journald import Journald, Reader
from bench.tracers import Execsnoop, Exectraced, journal_numbers
from bench.world import Numbers


class Run:
    """One storm: seconds until the last exec and until all is stored, and what the tracer needed."""

    def __init__(self):
        self.execs = self.stored = 0.0
        self.tracer_us = self.journald_us = 0.0  # CPU, for an exec of the storm
        self.journal_bytes = 0.0  # for an exec
        self.lost = 0


def _none(world, count):
    return world.storm(count, world.mark())


def _json(world, count):
    run, mark = Run(), world.mark()
    with closing(Exectraced(world, "json")) as daemon:
        begin = time.monotonic()
        run.execs = world.storm(count, mark)
        last = f"last-{mark}"
        world.execute(last)
        daemon.wait_file_holds(last)
        run.stored = time.monotonic() - begin
        daemon.stop()
        run.lost = Numbers(mark).take_file(daemon.path).lost(count)
    return run


def _journal(world, count):
    run, mark = Run(), world.mark()
    with (closing(Journald(world)) as journal, closing(Exectraced(world, journal=journal)) as daemon,
          closing(Reader(world, journal)) as reader):
        before = daemon.cpu_ns(), processes.cpu_coarse_ns(journal.pid)
        begin = time.monotonic()
        run.execs = world.storm(count, mark)
        # What is executed last comes last.
        last = f"last-{mark}"
        world.execute(last)
        reader.expect(f'EXEC_ARGV=["{world.leaf_name}","{last}"]')
        reader.wait_looking()
        run.stored = time.monotonic() - begin
        after = daemon.cpu_ns(), processes.cpu_coarse_ns(journal.pid)
        daemon.stop()
        journal.stop()
        numbers = journal_numbers(journal, mark)
        run.lost = numbers.lost(count)
        # Others may have executed something meanwhile: what was spent is divided by all entries.
        run.tracer_us, run.journald_us = ((a - b) / 1000 / numbers.lines for a, b in zip(after, before))
        run.journal_bytes = journal.bytes_used() / numbers.lines
    return run


def _execsnoop(world, count):
    run, mark = Run(), world.mark()
    with closing(Execsnoop(world)) as tracer:
        before = tracer.cpu_ns()
        run.execs = world.storm(count, mark)
        run.tracer_us = (tracer.cpu_ns() - before) / 1000 / count
        tracer.stop()
        run.lost = Numbers(mark).take_file(tracer.path).lost(count)
    return run


def measure(world, results):
    count, rounds = world.thorough(100_000, 10_000), world.thorough(9, 1)
    tracers = {"json": _json, "journal": _journal, "execsnoop": _execsnoop}
    runs = {name: [] for name in tracers}
    ratios = {name: [] for name in ("json", "journal", "journal-execs", "execsnoop")}
    plain = []
    for _ in range(rounds):
        for name, function in tracers.items():
            os.sync()  # what the tracer before has left to be written is not this one's
            none = _none(world, count)
            run = function(world, count)
            plain.append(none)
            runs[name].append(run)
            ratios[name].append((run.execs if name == "execsnoop" else run.stored) / none)
            if name == "journal":
                ratios["journal-execs"].append(run.execs / none)
    for name, values in ratios.items():
        results.add(f"storm-{name}", values)
    results.add("lost-execsnoop", [run.lost for run in runs["execsnoop"]], f"of {count:,}")
    results.add("daemon-cpu", [run.tracer_us for run in runs["journal"]])
    results.add("journald-cpu", [run.journald_us for run in runs["journal"]])
    results.add("execsnoop-cpu", [run.tracer_us for run in runs["execsnoop"]])
    results.add("journal-bytes", [run.journal_bytes for run in runs["journal"]])
    results.storms = {"execs": count, "none": [none * 1e6 / count for none in plain],
                      **{name: [run.execs * 1e6 / count for run in found] for name, found in runs.items()}}
    return runs

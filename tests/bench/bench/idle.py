# SPDX-License-Identifier: GPL-2.0-or-later
"""What the daemon takes to start, keeps while it runs, and does while there is nothing to do."""

import time
from contextlib import closing

from lib import kernel

from bench import processes
from bench.journald import Journald
from bench.tracers import Exectraced
from bench.world import EmptyPidNamespace

NOTHING_EXECUTED = "all execs and their records filtered by the PID namespace of a process that does nothing"


def measure_memory(world, results):
    """After a storm: what it made the daemon allocate is its for good."""
    with closing(Journald(world)) as journal, closing(Exectraced(world, journal=journal)) as daemon:
        fresh = processes.private_bytes(daemon.pid)
        mark = world.mark()
        world.storm(world.thorough(20_000, 2_000), mark)
        results.add("memory", [processes.private_bytes(daemon.pid) / 1e6], f"{fresh / 1e6:.2f} MB after the start")
        daemon.stop()


def measure_wakeups(world, results):
    seconds = results.amounts["idle_seconds"]
    with (closing(EmptyPidNamespace(world)) as namespace, closing(Journald(world)) as journal,
          closing(Exectraced(world, journal=journal, options=[f"--pid-ns={namespace.id}"])) as daemon):
        time.sleep(world.thorough(6, 1))  # 5 s after its start the daemon may tell its totals
        before = kernel.switches(daemon.pid)
        time.sleep(seconds)
        results.add("wakeups", [kernel.switches(daemon.pid) - before], NOTHING_EXECUTED)
        daemon.stop()


def measure_start(world, results):
    """With everything at its default, as the unit starts it."""
    found = []
    for _ in range(world.thorough(15, 3)):
        with closing(Journald(world)) as journal, closing(Exectraced(world, journal=journal)) as daemon:
            found.append(daemon.start_seconds * 1000)
            daemon.stop()
    results.add("start", found)

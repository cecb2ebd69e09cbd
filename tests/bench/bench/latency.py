# SPDX-License-Identifier: GPL-2.0-or-later
"""How soon after an exec its record can be read from the journal."""

import random
import time
from contextlib import closing

from bench.journald import Journald, Reader
from bench.tracers import Exectraced

# Of the pause before an exec: longer than the daemon waits for more, so that each finds it asleep.
PAUSE_SECONDS = (0.03, 0.08)


def _latencies(world, count, wait):
    """Milliseconds from just before an exec until a reader has its entry."""
    mark, found = world.mark(), []
    with (closing(Journald(world)) as journal, closing(Exectraced(world, journal=journal)) as daemon,
          closing(Reader(world, journal)) as reader):
        for i in range(count):
            time.sleep(random.uniform(*PAUSE_SECONDS))
            argument = f"{mark}-{i}"
            reader.expect(f'EXEC_ARGV=["{world.leaf_name}","{argument}"]')
            begin = time.monotonic()
            world.spawn(argument)
            wait(reader)
            found.append((time.monotonic() - begin) * 1000)
            world.reap()
        daemon.stop()
    return found


def measure(world, results):
    results.add_percentile("latency", _latencies(world, world.thorough(500, 60), Reader.wait_looking), 0.99)
    results.add_percentile("latency-told", _latencies(world, world.thorough(100, 4), Reader.wait_told), 0.99)

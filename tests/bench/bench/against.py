# SPDX-License-Identifier: GPL-2.0-or-later
"""This build against another one, pair by pair in the same run, so that the machine does not matter."""

import os
from contextlib import closing

from lib import kernel

from bench import kernel_side, pressure
from bench.journald import Journald
from bench.tracers import Exectraced

NO_OTHER = "there is no other build to compare with: --against"
KEYS = ("against-exec", "against-user-drop", "against-ring-bytes", "against-start")


def _kernel_side(world, count, config):
    """Microseconds for an exec."""
    parts = kernel_side.storm(world, count, lambda: Exectraced(world, "json", config=config))
    return sum(kernel_side.of_execs(parts).values())


def _start(world):
    with closing(Journald(world)) as journal, closing(Exectraced(world, journal=journal)) as daemon:
        daemon.stop()
        return daemon.start_seconds * 1000


def _compare(results, key, world, rounds, function, unit, digits):
    """The first of a pair is another one each time: what the one leaves to the other is not always the same one's."""
    pairs = []
    for i in range(rounds):
        found = {}
        for name, which in (("new", world), ("old", world.other()))[::-1 if i % 2 else 1]:
            found[name] = function(which)
        pairs.append((found["new"], found["old"]))
    new, old = (sorted(values)[len(values) // 2] for values in zip(*pairs))
    results.add(key, [a / b for a, b in pairs], f"{new:.{digits}f} {unit}, the other build {old:.{digits}f}")


def measure(world, results):
    if not world.other():
        for key in KEYS:
            results.skip(key, NO_OTHER)
        return
    count, rounds = world.thorough(20_000, 2_000), world.thorough(9, 3)
    with kernel.written(kernel_side.STATISTICS, "1"):
        _compare(results, KEYS[0], world, rounds, lambda w: _kernel_side(w, count, ""), "µs", 3)
        drop = f"[Filter]\nExcludeUser={os.getuid()}\n"
        _compare(results, KEYS[1], world, rounds, lambda w: _kernel_side(w, count, drop), "µs", 3)
    _compare(results, KEYS[2], world, world.thorough(5, 1), pressure.ring_bytes, "bytes", 0)
    _compare(results, KEYS[3], world, world.thorough(15, 3), _start, "ms", 0)

# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tracers cost who executes nothing: the cheapest system call, under each of them and under none."""

from contextlib import closing

from bench.tracers import Execsnoop, Exectraced

GETPPID_CALLS = 200_000
REFUSED = "the kernel refuses trampolines"


def _getppid_ratios(world, make):
    """Calls under a tracer against calls under none, pair by pair. None: it can't be made."""
    ratios = []
    for _ in range(world.thorough(15, 3)):
        plain = world.getppid(GETPPID_CALLS, world.thorough(10, 5))
        tracer = make()
        if not tracer:
            return None
        with closing(tracer):
            ratios.append(world.getppid(GETPPID_CALLS, world.thorough(10, 5)) / plain)
            tracer.stop()
    return ratios


def measure(world, results):
    def daemon(config):
        return lambda: Exectraced(world, "json", config=f"[Trace]\n{config}\n")

    def trampoline():
        made = Exectraced(world, "json", config="[Trace]\nSyscallHook=trampoline\n")
        if "failed execs" not in made.said():
            return made
        made.close()
        return None

    ways = {"quiet": daemon("Failures=no"), "trampoline": trampoline, "tracepoint": daemon("SyscallHook=tracepoint"),
            "execsnoop": lambda: Execsnoop(world)}
    for name in world.thorough(list(ways), ["quiet"]):
        make = ways[name]
        ratios = _getppid_ratios(world, make)
        if ratios:
            results.add(f"getppid-{name}", ratios)
        else:
            results.skip(f"getppid-{name}", REFUSED)

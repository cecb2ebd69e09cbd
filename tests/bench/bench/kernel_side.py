# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel side takes for an exec, by the kernel's own clock around each BPF program."""

import collections
import json
import os
import subprocess
from contextlib import closing

from lib import check, kernel

from bench import processes
from bench.tracers import Execsnoop, Exectraced
from bench.world import EmptyPidNamespace

STATISTICS = "/proc/sys/kernel/bpf_stats_enabled"
# How the programs are called: of what every exec runs through, first what runs once for each; of what every exit does; of
# what an exec does not run through. Where programs call others, the one that is attached counts.
EXEC = ("exec_", "hook_exec", "hook_rename")
MADE = ("exec_done", "hook_exec")
EXIT = ("hook_exit",)
CGROUP = ("cgroup_", "hook_made", "hook_gone")


def _name(program):
    """As the loader gave it; the kernel cuts a name at 15 bytes, which leaves what is asked for here."""
    text = subprocess.run(["bpftool", "--json", "prog", "show", "id", str(program)],
                          check=True, capture_output=True).stdout
    return json.loads(text)["name"]


class Spent:
    """What the programs of a tracer have run, and how long, since this was made."""

    def __init__(self, pid):
        self._pid = pid
        self._before = processes.programs(pid)
        self._names = {program: _name(program) for program in self._before}

    def take(self):
        """(runs, nanoseconds) by name."""
        found = collections.defaultdict(lambda: (0, 0))
        after = processes.programs(self._pid)
        for program, name in self._names.items():
            difference = (a - b for a, b in zip(after[program], self._before[program]))
            found[name] = tuple(x + y for x, y in zip(found[name], difference))
        self._before = after
        return found


def storm(world, count, make):
    """Microseconds of each program for an exec."""
    with closing(make()) as tracer:
        spent = Spent(tracer.pid)
        world.storm(count, world.mark())
        found = {name: value for name, value in spent.take().items() if not name.startswith(CGROUP)}
        tracer.stop()
    # What makes the record runs once for each exec; of others' programs each does.
    execs = sum(runs for name, (runs, _) in found.items() if name in MADE) or max(runs for runs, _ in found.values())
    check.true(f"only {execs} of {count} execs seen by {list(found)}", execs >= count)
    return {name: ns / 1000 / execs for name, (_, ns) in found.items()}


def of_execs(parts):
    """Of the microseconds by program, those that every exec takes."""
    return {name: us for name, us in parts.items() if name.startswith(EXEC)}


def of_failures(parts):
    return {name: us for name, us in parts.items() if not name.startswith((*EXEC, *EXIT))}


def _text(parts):
    return ", ".join(f"{name} {us:.3f}" for name, us in parts.items() if us > 0)


def _measure(world, results, key, count, rounds, config="", options=()):
    sums, last = [], {}
    for _ in range(rounds):
        parts = storm(world, count, lambda: Exectraced(world, "json", config=config, options=options))
        last = of_execs(parts)
        sums.append((sum(last.values()), sum(of_failures(parts).values()), parts))
    sums.sort(key=lambda s: s[0])
    results.add(key, [s[0] for s in sums], _text(last))
    return sums


def _measure_execsnoop(world, results, count, rounds):
    parts = [storm(world, count, lambda: Execsnoop(world)) for _ in range(rounds)]
    results.add("kernel-execsnoop", [sum(p.values()) for p in parts], _text(parts[-1]))


def _measure_forks(world, results, count, rounds):
    """Of processes that execute nothing: what their fork takes, and what their exit."""
    forks, exits = [], []
    for _ in range(rounds):
        with closing(Exectraced(world, "json")) as tracer:
            spent = Spent(tracer.pid)
            process = world.start_forks(count)
            # What others execute meanwhile runs fewer times than there are forks.
            forks.append(sum(ns for runs, ns in spent.take().values() if runs >= count) / count)
            world.end_forks(process)
            exits.append(sum(ns for runs, ns in spent.take().values() if runs >= count) / count)
            tracer.stop()
    results.add("kernel-fork", forks)
    results.add("kernel-exit", exits)


def measure(world, results):
    count, rounds = world.thorough(50_000, 2_000), world.thorough(3, 1)
    own = kernel.namespace_id("pid")
    with kernel.written(STATISTICS, "1"):
        sums = _measure(world, results, "kernel-exec", count, rounds)
        failures = of_failures(sums[0][2])
        if any(failures.values()):
            results.add("kernel-failures", [s[1] for s in sums], _text(failures))
        else:
            results.skip("kernel-failures", "none runs when an exec succeeds, or none could be attached")
        _measure(world, results, "kernel-pidns-match", count, rounds, options=[f"--pid-ns={own}"])
        with closing(EmptyPidNamespace(world)) as other:
            _measure(world, results, "kernel-pidns-drop", count, rounds, options=[f"--pid-ns={other.id}"])
        _measure(world, results, "kernel-user-drop", count, rounds, f"[Filter]\nExcludeUser={os.getuid()}\n")
        _measure_forks(world, results, world.thorough(5_000, 1_000), rounds)
        _measure_execsnoop(world, results, count, rounds)

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
# How the programs are called that every exec runs through. Time is counted for the program that is attached, with what it calls.
RECORD = ("hook_exec", "hook_exec_copy", "hook_rename")
RECORD_MADE = ("hook_exec",)
OTHERS = ("hook_made", "hook_gone", "hook_exit")  # cgroups, and processes that end


def _name(program):
    """As the loader gave it; the kernel cuts a name at 15 bytes, which leaves what is asked for here."""
    text = subprocess.run(["bpftool", "--json", "prog", "show", "id", str(program)],
                          check=True, capture_output=True).stdout
    return json.loads(text)["name"]


def _storm(world, count, make):
    """Microseconds of each program for an exec."""
    with closing(make()) as tracer:
        names = {program: _name(program) for program in processes.programs(tracer.pid)}
        before = processes.programs(tracer.pid)
        world.storm(count, world.mark())
        after = processes.programs(tracer.pid)
        tracer.stop()
    runs, spent = collections.Counter(), collections.Counter()
    for program, name in names.items():
        if name not in OTHERS:
            runs[name] += after[program][0] - before[program][0]
            spent[name] += after[program][1] - before[program][1]
    # What makes the record runs once for each exec; of others' programs each does.
    execs = sum(n for name, n in runs.items() if name in RECORD_MADE) or max(runs.values())
    check.true(f"only {execs} of {count} execs seen by {names}", execs >= count)
    return {name: ns / 1000 / execs for name, ns in spent.items()}


def _text(parts):
    return ", ".join(f"{name} {us:.3f}" for name, us in parts.items() if us > 0)


def _measure(world, results, key, count, rounds, config="", options=()):
    sums, last = [], {}
    for _ in range(rounds):
        parts = _storm(world, count, lambda: Exectraced(world, "json", config=config, options=options))
        last = {name: us for name, us in parts.items() if name in RECORD}
        sums.append((sum(last.values()), sum(us for name, us in parts.items() if name not in RECORD), parts))
    sums.sort(key=lambda s: s[0])
    results.add(key, [s[0] for s in sums], _text(last))
    return sums


def _measure_execsnoop(world, results, count, rounds):
    parts = [_storm(world, count, lambda: Execsnoop(world)) for _ in range(rounds)]
    results.add("kernel-execsnoop", [sum(p.values()) for p in parts], _text(parts[-1]))


def measure(world, results):
    count, rounds = world.thorough(50_000, 2_000), world.thorough(3, 1)
    own = kernel.namespace_id("pid")
    with kernel.written(STATISTICS, "1"):
        sums = _measure(world, results, "kernel-exec", count, rounds)
        failures = {name: us for name, us in sums[0][2].items() if name not in RECORD}
        if any(failures.values()):
            results.add("kernel-failures", [s[1] for s in sums], _text(failures))
        else:
            results.skip("kernel-failures", "none runs when an exec succeeds, or none could be attached")
        _measure(world, results, "kernel-pidns-match", count, rounds, options=[f"--pid-ns={own}"])
        with closing(EmptyPidNamespace(world)) as other:
            _measure(world, results, "kernel-pidns-drop", count, rounds, options=[f"--pid-ns={other.id}"])
        _measure(world, results, "kernel-user-drop", count, rounds, f"[Filter]\nExcludeUser={os.getuid()}\n")
        _measure_execsnoop(world, results, count, rounds)

# SPDX-License-Identifier: GPL-2.0-or-later
"""The figures: what each is called, its unit, what it must be and what it is to be."""

import dataclasses
import statistics

AT_MOST, AT_LEAST = "≤", "≥"
EXECSNOOP = "execsnoop's"  # a bound that the same run gives
REFERENCE = "storm-execsnoop"


@dataclasses.dataclass(frozen=True)
class Figure:
    key: str
    title: str
    unit: str = ""
    must: object = None  # None: it is told, and nothing is asked of it
    aim: object = None
    sense: str = AT_MOST
    digits: int = 2


FIGURES = (
    Figure("kernel-exec", "kernel side, for an exec that ran, all default fields", "µs", 1.5, 1.0),
    Figure("kernel-failures", "the hooks for failed execs, for an exec that ran", "µs"),
    Figure("kernel-pidns-match", "kernel side, PID namespace filter that matches", "µs", 1.5, 1.0),
    Figure("kernel-pidns-drop", "kernel side, PID namespace filter that drops", "µs", 0.2, 0.1),
    Figure("kernel-user-drop", "kernel side, user filter that drops", "µs", 0.2, 0.1),
    Figure("kernel-exit", "kernel side, exit of a process without children", "ns", 60, 30, digits=0),
    Figure("kernel-fork", "kernel side, fork", "ns", 0, 0, digits=0),
    Figure("kernel-execsnoop", "execsnoop's kernel side, for an exec", "µs"),
    Figure("storm-json", "storm, -f json to a file, against no tracer", "×", 1.08, 1.02),
    Figure("storm-journal", "storm into the journal until all of it is stored, likewise", "×", EXECSNOOP, 1.15),
    Figure("storm-journal-execs", "... until the last exec", "×"),
    Figure("storm-execsnoop", "storm under execsnoop, until the last exec, likewise", "×"),
    Figure("lost-journal", "lost of {storm_lost:,} into the journal", "", 0, 0, digits=0),
    Figure("lost-large", "lost of {storm_large:,} with 120 KB of arguments each", "", 0, 0, digits=0),
    Figure("lost-execsnoop", "lost of a storm by execsnoop", "", digits=0),
    Figure("daemon-cpu", "daemon's CPU for a record into the journal", "µs", 3.0, 1.5),
    Figure("journald-cpu", "journald's CPU for it", "µs", digits=1),
    Figure("execsnoop-cpu", "execsnoop's CPU for an exec, its kernel side apart", "µs"),
    Figure("ring-records", "records that fit while the reader is stopped", "", 68_000, 80_000, AT_LEAST, 0),
    Figure("ring-bytes", "bytes in the ring, for an exec", "bytes", 240, 200, digits=0),
    Figure("journal-bytes", "journal on disk, for an exec", "bytes", 1400, 1300, digits=0),
    Figure("getppid-quiet", "getppid with Failures=no, against no tracer", "×", 1.01, 1.00, digits=3),
    Figure("getppid-trampoline", "getppid with trampolines, likewise", "×", 1.01, 1.00, digits=3),
    Figure("getppid-tracepoint", "getppid with tracepoints, likewise", "×", digits=3),
    Figure("getppid-execsnoop", "getppid under execsnoop, likewise", "×", digits=3),
    Figure("latency", "from the exec until a reader finds it in the journal, 99th percentile", "ms", 50, 20, digits=1),
    Figure("latency-told", "... until journald tells one that waits (journalctl -f)", "ms", digits=0),
    Figure("memory", "memory, the rings apart, after a storm", "MB", 6.0, 3.0),
    Figure("wakeups", "wake-ups in {idle_seconds} idle seconds", "", 0, 0, digits=0),
    Figure("start", "start to READY=1", "ms", 100, 40, digits=0),
    Figure("against-exec", "kernel side, for an exec that ran, against the other build", "×", 1.0, 0.8),
    Figure("against-user-drop", "kernel side, user filter that drops, likewise", "×", 0.9, 0.6),
    Figure("against-ring-bytes", "bytes in the ring, for an exec, likewise", "×"),
    Figure("against-start", "start to READY=1, likewise", "×", 0.8, 0.5),
)


class Results:
    """What was measured, and how. `amounts` stand in the titles."""

    def __init__(self, amounts):
        self.amounts = amounts
        self._found = {}
        self.storms = {}  # microseconds of each exec, round by round

    def add(self, key, values, note=""):
        """One value for each round, of which the median counts."""
        values = list(values)
        self._found[key] = {"value": statistics.median(values), "lowest": min(values), "highest": max(values),
                            "rounds": len(values), "note": note}

    def add_percentile(self, key, values, share):
        """The value that this share of all does not exceed."""
        ordered = sorted(values)
        place = min(len(ordered) - 1, int(share * len(ordered)))
        self._found[key] = {"value": ordered[place], "lowest": ordered[0], "highest": ordered[-1],
                            "rounds": len(ordered), "note": ""}

    def skip(self, key, why):
        self._found[key] = {"value": None, "note": why}

    def value(self, key):
        return self._found.get(key, {}).get("value")

    def rows(self):
        """One dictionary for each figure that was looked at, in their order: what the reports are made from."""
        return [self._row(figure) for figure in FIGURES if figure.key in self._found]

    def _row(self, figure):
        bounds = {"must": self._bound(figure.must), "aim": self._bound(figure.aim)}
        row = {"key": figure.key, "title": figure.title.format(**self.amounts), "unit": figure.unit,
               "digits": figure.digits, "sense": figure.sense, **bounds, **self._found[figure.key]}
        row["verdict"] = verdict(row)
        return row

    def _bound(self, bound):
        return self.value(REFERENCE) if bound == EXECSNOOP else bound


def reaches(row, bound):
    value = round(row["value"], row["digits"])
    return value <= bound if row["sense"] == AT_MOST else value >= bound


def verdict(row):
    """"aim", "must" or "missed": what is reached; "" where nothing is asked or nothing was measured."""
    if row["value"] is None or row["must"] is None:
        return ""
    if row["aim"] is not None and reaches(row, row["aim"]):
        return "aim"
    return "must" if reaches(row, row["must"]) else "missed"

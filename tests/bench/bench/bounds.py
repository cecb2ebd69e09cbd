# SPDX-License-Identifier: GPL-2.0-or-later
"""
What a quick run holds the figures to. Counts are exact on any machine; times are far from what they are to be, because
a quick run is short and the machine may be busy: only what has gone wrong altogether is found.
"""

AT_MOST = {
    "lost-journal": 0,
    "lost-large": 0,
    "kernel-exec": 10.0,
    "kernel-pidns-match": 10.0,
    "kernel-pidns-drop": 2.0,
    "kernel-user-drop": 2.0,
    "kernel-exit": 1000,
    "kernel-fork": 0,
    "ring-bytes": 600,
    "storm-json": 5.0,
    "storm-journal": 8.0,
    "daemon-cpu": 30.0,
    "journal-bytes": 4000,
    "getppid-quiet": 1.5,
    "latency": 5000,
    "memory": 30.0,
    "wakeups": 20,
    "start": 5000,
}
AT_LEAST = {"ring-records": 50_000}


def judge(rows, whole):
    """A line for each figure that has a bound here, and their sum; the exit status. `whole`: all are to be there."""
    values = {row["key"]: row["value"] for row in rows}
    passed = failed = 0
    for key, bound in {**AT_MOST, **AT_LEAST}.items():
        if key not in values and not whole:
            continue
        value = values.get(key)
        good = value is not None and (value <= bound if key in AT_MOST else value >= bound)
        passed, failed = passed + good, failed + (not good)
        sense = "at most" if key in AT_MOST else "at least"
        print(f"PASS  {key}" if good else f"FAIL  {key}\n      | {value}, expected {sense} {bound}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0

# SPDX-License-Identifier: GPL-2.0-or-later
"""Redaction of what is made to be slow: the daemon still answers, and nothing is recorded of it."""

import os
import pathlib
import signal

from lib import check
from lib.daemon import argv_of
from lib.plan import Job

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "config" / "exectraced.conf"
SIZE = 32 * 1024 - 300  # what is kept of the arguments, by default, and some room
FLOOD = 100
ANSWER_SECONDS = 0.2
WATCHDOG_SECONDS = 0.4


def sample_patterns():
    """The patterns that the sample configuration suggests, as lines of one."""
    with open(SAMPLE, encoding="utf-8") as file:
        lines = [line[2:] for line in file if line.startswith("# Redact=")]
    check.equal("patterns of the sample", len(lines), 13)
    return "[Output]\n" + "".join(lines)


def slow_arguments():
    """Each has many places where a pattern may begin to match, and far to go from each."""
    return [(piece * SIZE)[:SIZE] for piece in (b"token", b"--token-", b"secret_", b"tokenXtoken-")]


def flood(live):
    """Fills the ring with them; jobs that are done, and theirs is the parent of their records."""
    slow = slow_arguments()
    return live.run_jobs([Job(live.target, [b"flood", slow[i % len(slow)]]) for i in range(FLOOD)])[1]


def recorded(daemon, results):
    return len(results.of(daemon.records))


def check_flood(daemon, results):
    records = results.of(daemon.records)
    check.equal("records of the flood", len(records), FLOOD)
    check.equal("arguments", {argument for r in records for argument in argv_of(r)[1:]}, {b"***"})
    # As the ring fills, arguments are cut: these are hidden without a search.
    check.true("some are hidden without a reason", all(r.get("redact_timeout") or r["truncated"] for r in records))
    check.true("none was slow", any(r.get("redact_timeout") for r in records))


def answered(live, daemon, number, answer):
    """Sends a signal while the flood is redacted; the answer must come soon, and before the end of the flood."""
    results = flood(live)
    begin = daemon.computed()
    daemon.signal(number)
    live.loop.until(answer, "the answer")
    seconds = daemon.computed() - begin
    left = FLOOD - recorded(daemon, results)
    live.note = f"{seconds * 1000:.0f} ms, {left} records before the end of the flood"
    check.true(f"the flood was over before the signal was answered ({live.note})", left > 0)
    check.true(f"it took {live.note}", seconds <= ANSWER_SECONDS)
    return results


def test_reloads_while_it_is_flooded(live):
    daemon = live.daemon(sample_patterns())
    results = answered(live, daemon, signal.SIGHUP, lambda: daemon.event("reloaded"))
    live.loop.until(lambda: recorded(daemon, results) == FLOOD, daemon.state)
    check_flood(daemon, results)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_stops_while_it_is_flooded(live):
    """It answers at once; then it delivers what it owes."""
    daemon = live.daemon(sample_patterns())
    results = answered(live, daemon, signal.SIGTERM, lambda: daemon.notified("STOPPING=1"))
    check.equal("exit status", daemon.wait_end(), 0)
    check_flood(daemon, results)
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_feeds_the_watchdog_while_it_is_flooded(live):
    daemon = live.daemon(sample_patterns(), env={"WATCHDOG_USEC": str(int(WATCHDOG_SECONDS * 1e6))})
    results = flood(live)
    fed, longest = daemon.computed(), 0.0
    seen = daemon.notifications("WATCHDOG=1")
    while recorded(daemon, results) < FLOOD:
        live.loop.turn(1)
        now, count = daemon.computed(), daemon.notifications("WATCHDOG=1")
        if count > seen:
            seen, fed, longest = count, now, max(longest, now - fed)
        check.true(f"the watchdog was not fed for {now - fed:.2f} s", now - fed < WATCHDOG_SECONDS)
    live.note = f"at least every {longest * 1000:.0f} ms"


def test_slow_argument_hides_itself_alone(live):
    """Wherever it stands: what is beside it is searched and recorded."""
    daemon = live.daemon(sample_patterns())
    slow = b"--" + b"token-" * 5000
    for argv, expected in (
            ([b"x", slow, b"--password=hunter2", b"plain"], [b"x", b"***", b"***", b"plain"]),
            ([b"x", b"plain", b"--password=hunter2", slow], [b"x", b"plain", b"***", b"***"])):
        record = live.one(live.target, argv, daemon)
        check.equal("arguments", argv_of(record), expected)
        check.fields(record, redact_timeout=True, truncated=False)
    record = live.one(live.target, [b"x", b"--password=hunter2"], daemon)
    check.fields(record, redact_timeout=None, argv=["x", "***"])


def test_gap(live):
    """Of a secret that was cut nothing is left."""
    daemon = live.daemon(sample_patterns().replace("[Output]", "[Trace]\nArgumentBytes=1K\n[Output]"))
    token = b"ghp_" + b"0123456789abcdefghij" * 200
    record = live.one(live.target, [b"x", token, b"end"], daemon)
    check.fields(record, truncated=True, redact_timeout=None)
    check.equal("arguments", argv_of(record), [b"x", b"***", b"end"])


def test_paths(live):
    """As filename, as what runs, and as working directory; failed ones, too."""
    daemon = live.daemon("[Output]\nRedact=hunter[0-9]\n")
    directory = os.path.join(live.scratch(), b"hunter2")
    os.mkdir(directory)
    program = live.copy_target(directory=directory, name=b"run-hunter3")
    hidden = os.fsdecode(directory.replace(b"hunter2", b"***"))
    record = live.one(program, [b"x"], daemon, setup=lambda: os.chdir(directory))
    check.fields(record, filename=f"{hidden}/run-***", exe=f"{hidden}/run-***", cwd=hidden)
    check.true("it is in the record", "hunter" not in str(record))

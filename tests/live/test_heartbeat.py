# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon makes sure that it sees what is executed."""

import os
import signal
import subprocess
import time

from lib import check
from lib.daemon import argv_of, parse_line


def own_execs(daemon):
    return [r for r in daemon.records if r["ppid"] == daemon.pid and argv_of(r) == [b"exectraced", b"--version"]]


def test_alive(live):
    daemon = live.daemon("[Trace]\nHeartbeat=1s\n")
    event = daemon.wait_event("alive")
    check.true(f"seen after {event['exectraced_seen_usec']} us", 0 < event["exectraced_seen_usec"] < 10_000_000)
    check.true("the exec is recorded like any other", len(own_execs(daemon)) >= 1)
    check.equal("lost", event["exec_lost"], 0)
    check.true(f"last number {event['exec_seq']}", event["exec_seq"] >= event["exec_recorded"])
    check.equal("size of the ring", event["exectraced_ring_size"], 16 << 20)
    seen = {"tracepoint", "trampoline"} & set(daemon.event("started")["exectraced_hooks"].split())
    check.equal("size of the ring of failures", event.get("exectraced_failure_ring_size"), 2 << 20 if seen else None)
    daemon.stop()
    check.equal("blind", daemon.event("blind"), None)
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_last_number(live):
    """What `alive` says was recorded, and the last number, are those of the records before it."""
    path = live.write_file("records", "")
    with open(path, "wb") as file:
        daemon = live.daemon("[Trace]\nHeartbeat=1s\nFailures=no\nSnapshot=no\n", stdout=file.fileno())
    # Some of these are always in the batch that the daemon's own exec is in.
    with subprocess.Popen(["/bin/sh", "-c", "while :; do /bin/true & /bin/true & /bin/true & wait; done"]) as shell:
        time.sleep(4)
        shell.kill()
    daemon.signal(signal.SIGTERM)
    check.equal("exit status", daemon.wait_end(), 0)
    with open(path, "rb") as reader:
        items = [parse_line(line) for line in reader.read().splitlines()]
    recorded = lost = beats = 0
    for item in items:
        if item.get("event") == "alive":
            beats += 1
            check.fields(item, exec_recorded=recorded, exec_lost=lost, exec_suppressed=0, exec_seq=recorded + lost)
        elif item.get("event") == "lost":
            lost += item["exec_lost"]
        elif "seq" in item:
            recorded += 1
            check.equal("number", item["seq"], recorded + lost)
    check.true(f"{beats} records alive", beats >= 2)


def test_filtered(live):
    """What the filters drop in the kernel must not look like blindness."""
    daemon = live.daemon(f"[Trace]\nHeartbeat=1s\n[Filter]\nExcludeUser={os.getuid()}\n")
    daemon.wait_event("alive")
    daemon.stop()
    check.equal("its own execs are dropped as asked for", own_execs(daemon), [])
    check.equal("blind", daemon.event("blind"), None)


def test_never(live):
    for never in "0", "infinity":
        daemon = live.daemon(f"[Trace]\nHeartbeat={never}\n")
        live.observe(lambda: None, daemon)
        daemon.stop()
        check.equal("own execs", own_execs(daemon), [])


def test_reload_changes_it(live):
    config = live.write_file("heartbeat.conf", "[Trace]\nHeartbeat=0\n")
    daemon = live.daemon(options=[f"--config={config}"])
    with open(config, "w", encoding="ascii") as file:
        file.write("[Trace]\nHeartbeat=1s\n")
    daemon.signal(signal.SIGHUP)
    daemon.wait_event("reloaded")
    daemon.wait_event("alive")
    daemon.stop()
    check.equal("blind", daemon.event("blind"), None)

# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon makes sure that it sees what is executed."""

import os
import signal

from lib import check
from lib.daemon import argv_of


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
    daemon.stop()
    check.equal("blind", daemon.event("blind"), None)
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_filtered(live):
    """What the filters drop in the kernel must not look like blindness."""
    daemon = live.daemon(f"[Trace]\nHeartbeat=1s\n[Filter]\nExcludeUser={os.getuid()}\n")
    daemon.wait_event("alive")
    daemon.stop()
    check.equal("its own execs are dropped as asked for", own_execs(daemon), [])
    check.equal("blind", daemon.event("blind"), None)


def test_never(live):
    daemon = live.daemon("[Trace]\nHeartbeat=0\n")
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

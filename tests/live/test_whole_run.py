# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs last: the shared daemon has recorded all that the other tests and the machine executed."""

from lib import check


def test_of_the_shared_daemon(live):
    """Nothing is missing, nothing is there twice, and its own account says the same."""
    tracer = live.tracer
    live.observe(lambda: None)
    tracer.stop()
    stopped = tracer.event("stopped")
    check.balance(tracer.seqs, stopped)
    check.fields(stopped, exec_suppressed=0, exec_filtered=0)
    check.equal("first event", tracer.events[0]["event"], "started")
    lost = sum(event["exec_lost"] for event in tracer.events if event["event"] == "lost")
    check.equal("sum of the lost events", lost, stopped["exec_lost"])
    live.note = f"{len(tracer.seqs)} records, {lost} lost"

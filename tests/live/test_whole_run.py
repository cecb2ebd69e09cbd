# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs last: the shared daemon has recorded all that the other tests and the machine executed."""

from lib import check


def test_of_the_shared_daemon(live):
    """Nothing is missing, nothing is there twice, and its own account says the same."""
    tracer = live.tracer
    live.observe(lambda: None)
    tracer.stop()
    numbers = sorted(tracer.seqs)
    check.equal("numbers", numbers, list(range(1, len(numbers) + 1)))
    stopped = tracer.event("stopped")
    check.fields(stopped, exec_recorded=len(numbers), exec_lost=0, exec_suppressed=0)
    check.equal("first event", tracer.events[0]["event"], "started")
    check.true("a lost event", tracer.event("lost") is None)
    live.note = f"{len(numbers)} records"

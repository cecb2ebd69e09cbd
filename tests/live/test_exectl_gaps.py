# SPDX-License-Identifier: GPL-2.0-or-later
"""exectl gaps, on journals of which it is known what is missing, and on what the daemon itself writes."""

import signal

from lib import check
from lib.plan import Job, Origin
from lib.viewer import Viewer
from lib.written import Written, execution, notice


def execs(*numbers):
    return [execution(n, 1000 + n, ["/usr/bin/true", str(n)]) for n in numbers]


def totals(event, recorded, suppressed=0, lost=0, **fields):
    return notice(event, exec_recorded=recorded, exec_suppressed=suppressed, exec_lost=lost, exec_filtered=0,
                  exec_seq=recorded + suppressed + lost, **fields)


STARTED = notice("started", exectraced_version="0.1.0")


def gaps(live, status, entries):
    """What it finds: (state, gap, execs, first number, last number) each, but for times without the service."""
    journal = Written(live)
    journal.write(entries)
    journal.stop()
    result = Viewer(live, journal.directory()).run("gaps", "-o", "json", status=status)
    return [(o["state"], o["gap"], o["execs"], o.get("seq_first"), o.get("seq_last"))
                    for o in result.objects() if o["state"] not in ("not-yet", "shutdown", "died")]


def test_nothing_is_missing(live):
    found = gaps(live, 0, [STARTED, *execs(1, 2, 3), notice("started", exectraced_resumed=3), *execs(4, 5),
                                totals("stopped", 5)])
    check.equal("found", found, [("recorded", False, 5, 1, 5)])


def test_a_restart_goes_on(live):
    """systemctl restart: the service says that it stopped, with its totals, and the next process that it goes on."""
    found = gaps(live, 0, [STARTED, *execs(1, 2, 3), totals("stopped", 3), notice("started", exectraced_resumed=3),
                           *execs(4, 5), totals("stopped", 5)])
    check.equal("found", found, [("recorded", False, 5, 1, 5)])


def test_explained(live):
    found = gaps(live, 1, [
        STARTED, *execs(1, 2, 5), notice("lost", exec_lost=2, exec_lost_cause="ring-full", exec_lost_seq_first=3,
                                         exec_lost_seq_last=4), *execs(6, 9),
        notice("suppressed", exec_suppressed=2, exec_filtered=7), totals("stopped", 5, 2, 2)])
    check.equal("found", sorted(found), sorted([
        ("recorded", False, 5, 1, 9), ("lost", True, 2, 3, 4), ("filtered", False, 2, None, None)]))


def test_deleted(live):
    found = gaps(live, 1, [STARTED, *execs(1, 2, 6, 7), totals("stopped", 7)])
    check.equal("found", found, [("recorded", False, 4, 1, 7), ("missing", True, 3, 3, 5), ("mismatch", True, 7, None, None)])


def test_beginning_is_removed(live):
    found = gaps(live, 1, [*execs(101, 102), totals("stopped", 102)])
    check.equal("found", sorted(found), sorted([("removed", True, 100, 1, 100), ("recorded", False, 2, 101, 102)]))


def test_twice(live):
    found = gaps(live, 0, [STARTED, *execs(1, 2, 3, 2, 3, 4), totals("stopped", 4)])
    check.equal("found", found, [("recorded", False, 4, 1, 4), ("twice", False, 2, 2, 3)])


def test_forged_notices_do_not_count(live):
    journal = Written(live)
    journal.write([STARTED, *execs(1, 2, 5)])
    journal.write_as([notice("lost", exec_lost=2, exec_lost_cause="ring-full")], 1000)
    journal.write([totals("stopped", 5)])
    journal.stop()
    result = Viewer(live, journal.directory()).run("gaps", "-o", "json", status=1)
    states = [o["state"] for o in result.objects()]
    check.true(f"what was forged explains nothing: {states}", "missing" in states and "lost" not in states)


def test_absurd_notices(live):
    found = gaps(live, 1, [
        STARTED, *execs(1, 2), notice("lost", exec_lost=-1, exec_lost_cause="x" * 5000, exec_lost_seq_first="\x1b[2J"),
        notice("suppressed", exec_suppressed=2 ** 70), notice("stopped", exec_recorded="?"), notice("started")])
    check.true(f"an answer: {found}", ("recorded", False, 2, 1, 2) in found)


def test_text(live):
    journal = Written(live)
    journal.write([STARTED, *execs(1, 2, 6, 7), totals("stopped", 7)])
    journal.stop()
    result = Viewer(live, journal.directory()).run("gaps", status=1)
    out = result.out
    for word in ("Boot ", "FROM", "recorded", "missing", "3-5", "no notice speaks of them", "gaps."):
        check.true(f"{word!r} in {out!r}", word in out)


def test_no_records(live):
    journal = Written(live)
    journal.write_as([notice("started")], 1000)
    journal.stop()
    result = Viewer(live, journal.directory()).run("gaps", status=1)
    check.true(f"a word: {result.err}", "no records" in result.err)


def test_real_losses(live):
    """The daemon is stopped while more is executed than its ring holds: gaps finds what it says, and no more."""
    journal = Written(live)
    daemon = journal.trace("[Trace]\nEventBuffer=64K\nFailures=no\n")
    daemon.signal(signal.SIGSTOP)
    live.run_jobs([Job(live.target, [b"flood", b"%d" % i, b"x" * 100], origin=Origin.VFORK) for i in range(3000)])
    daemon.signal(signal.SIGCONT)
    journal.settle()
    result = Viewer(live, journal.directory()).run("gaps", "-o", "json", status=1)
    objects = result.objects()
    lost = sum(o["execs"] for o in objects if o["state"] == "lost")
    check.true(f"lost {lost}", lost > 0)
    check.equal("what is missing without a word", [o for o in objects if o["state"] in ("missing", "mismatch", "removed")], [])

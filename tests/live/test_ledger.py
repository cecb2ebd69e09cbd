# SPDX-License-Identifier: GPL-2.0-or-later
"""The books balance: what is executed is recorded, or counted as lost."""

import os
import signal
import time

from lib import check, kernel
from lib.daemon import argv_of
from lib.journal import value
from lib.loop import DEADLINE
from lib.plan import Job, Origin
from lib.service import Service

FLOOD = 4000
USER = 54321


def missing(seqs):
    """How many numbers up to the last are not there."""
    return max(seqs) - len(set(seqs))


def settle(live, daemon):
    """Executes until one of it is recorded: with a small ring a sentinel may be lost like anything else."""
    for _ in range(DEADLINE):
        token = live.token()
        live.execute_token(token)
        try:
            daemon.wait_record(lambda r, t=token: t in argv_of(r), "a sentinel's record", deadline=1)
            return
        except check.Failure:
            continue
    raise check.Failure(f"none of {DEADLINE} sentinels was recorded; the daemon said: {daemon.stderr()}")


def flooded(live, config, overflows):
    """A daemon that was stopped while far more was executed than its ring holds, and goes on."""
    daemon = live.daemon(config)
    live.observe(lambda: None, daemon)
    before = time.time_ns() // 1000
    daemon.signal(signal.SIGSTOP)
    _, results = live.run_jobs([Job(live.target, [b"flood", b"%d" % i, b"x" * 100], origin=Origin.VFORK)
                                for i in range(FLOOD)])
    after = time.time_ns() // 1000
    daemon.signal(signal.SIGCONT)
    if overflows:  # what is executed before the ring is drained would be lost, too
        daemon.wait_event("lost")
    settle(live, daemon)
    return daemon, results, before, after


def test_lost_are_counted(live):
    daemon, results, before, after = flooded(live, "[Trace]\nEventBuffer=64K\nFailures=no\n", True)
    mine = [r["pid"] for r in results.of(daemon.records)]
    check.true(f"{len(mine)} of {FLOOD} were recorded: the ring was not full", 0 < len(mine) < FLOOD)
    check.equal("order", mine, [pid for pid in results.pids if pid in set(mine)])

    daemon.stop()
    lost = [event for event in daemon.events if event["event"] == "lost"]
    total = sum(event["exec_lost"] for event in lost)
    stopped = daemon.event("stopped")
    # What else runs on the machine can be lost behind the last that was recorded.
    check.between("sum of the lost events", total, missing(daemon.seqs), missing(daemon.seqs) + FLOOD // 20)
    check.equal("lost, at the stop", stopped["exec_lost"], total)
    check.equal("recorded, at the stop", stopped["exec_recorded"], len(daemon.records))
    check.true(f"lost: {total}", total >= FLOOD - len(mine))
    for event in lost:
        check.equal("cause", event["exec_lost_cause"], "ring-full")
        check.true(f"times: {event}", event["exec_lost_first"] <= event["exec_lost_last"])
        check.between("first time", event["exec_lost_first"], before - 1_000_000, after + 1_000_000)
    numbers = set(range(1, max(daemon.seqs) + 1)) - set(daemon.seqs)
    # Two processors may lose records at once, each with the number before or behind the other's.
    check.between("first number", lost[0]["exec_lost_seq_first"], min(numbers), min(numbers) + 2)
    known = [event for event in lost if event["exec_lost_seq_first"] < max(daemon.seqs)]
    check.between("last number", known[-1]["exec_lost_seq_last"], max(numbers) - 2, max(numbers))
    live.note = f"{total} lost, {len(mine)} of {FLOOD} recorded"


def alone(live, config):
    """A daemon that records one user only, in the kernel: nobody else takes room in its ring."""
    def setup():
        kernel.become(USER, USER)

    daemon = live.daemon(f"{config}[Filter]\nIncludeUser={USER}\n",
                         sentinel=lambda token: live.run(live.target, [b"sentinel", token], setup=setup))
    live.observe(lambda: None, daemon)
    return daemon, setup


def drained(live, daemon, results):
    """Not by a sentinel alone: in a ring that is still full it would have no arguments."""
    daemon.wait_record(lambda r: r["pid"] == results.pids[-1], "the last record")
    live.observe(lambda: None, daemon)


def test_detail_goes_before_records(live):
    """
    While nobody reads the ring, large arguments fill it to a half, then less and less of them is kept, and none where
    only records of what ran still fit. All say what is missing, and not one is lost.
    """
    daemon, setup = alone(live, "[Trace]\nEventBuffer=1M\nFailures=no\n")
    daemon.signal(signal.SIGSTOP)
    sizes, count = (30000, 100), 720
    _, results = live.run_jobs([Job(live.target, [b"pressure", b"x" * sizes[i % 2]], origin=Origin.VFORK)
                                for i in range(count)], setup=setup)
    daemon.signal(signal.SIGCONT)
    drained(live, daemon, results)
    results.check("records", daemon.records)

    kept = {size: [] for size in sizes}
    for index, record in enumerate(results.of(daemon.records)):
        size, argv = sizes[index % 2], argv_of(record)
        whole = len(b"pressure") + 1 + size + 1
        if not record["truncated"]:
            check.equal("arguments", argv, [b"pressure", b"x" * size])
            kept[size].append(whole)
        else:
            check.fields(record, argv_bytes=whole)
            kept[size].append(sum(map(len, argv)) - len(b"...") if argv != [b"..."] else 0)
    for size, lengths in kept.items():
        check.equal(f"kept of {size} bytes, in their order", lengths, sorted(lengths, reverse=True))
    large = kept[sizes[0]]
    check.true(f"what was kept of large arguments: {large}",
               large[0] == 30010 and any(4000 < n < 4096 for n in large) and any(400 < n < 512 for n in large)
               and large[-1] == 0)
    check.true("small arguments are cut before the last step", kept[sizes[1]][len(large) * 3 // 4] == 110)
    daemon.stop()
    check.fields(daemon.event("stopped"), exec_lost=0)


def test_long_paths_in_a_full_ring(live):
    """They are kept from their end, and the filename from its front."""
    directory = live.scratch()
    while len(directory) < 3000:
        directory = os.path.join(directory, b"n" * 200)
        os.mkdir(directory)
    path = os.path.join(directory, b"program")
    os.link(live.copy_target(), path)
    daemon, setup = alone(live, "[Trace]\nEventBuffer=1M\nFailures=no\n")
    daemon.signal(signal.SIGSTOP)
    _, results = live.run_jobs([Job(path, [b"path"], origin=Origin.VFORK)] * 175,
                               setup=lambda: (os.chdir(directory), setup()))
    daemon.signal(signal.SIGCONT)
    drained(live, daemon, results)
    results.check("records", daemon.records)
    records = results.of(daemon.records)
    check.fields(records[0], filename=os.fsdecode(path), cwd=os.fsdecode(directory))
    check.true(f"exe: {records[0]['exe']}", records[0]["exe"].endswith(os.fsdecode(path)))
    last = records[-1]
    check.true(f"filename: {last['filename']}", last["filename"] == os.fsdecode(path[:255]) + "...")
    check.true(f"exe: {last['exe']}", last["exe"].startswith(".../nnn") and last["exe"].endswith("n/program"))
    check.true(f"cwd: {last['cwd']}", last["cwd"].startswith(".../nnn") and len(last["cwd"]) < 600)
    daemon.stop()
    check.fields(daemon.event("stopped"), exec_lost=0)
    check.true("messages of the kernel side", daemon.event("kernel-log") is None)


def test_default_ring_loses_none(live):
    """The same flood, and a ring that holds it."""
    daemon, results, _, _ = flooded(live, "", False)
    results.check("records", daemon.records)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_large_records_in_a_small_ring(live):
    """Records that are larger than the ring are lost and counted; the ones behind them are not touched by it."""
    daemon = live.daemon("[Trace]\nFailures=no\nEventBuffer=64K\nArgumentBytes=128K\n")
    large = [b"large", b"x" * 100000]
    _, records = live.observe(lambda: live.run(live.target, large), daemon)
    check.equal("large records", [r for r in records if argv_of(r)[0] == b"large"], [])
    check.equal("arguments", argv_of(live.one(live.target, [b"small"], daemon)), [b"small"])
    daemon.stop()
    check.equal("lost", daemon.event("stopped")["exec_lost"], missing(daemon.seqs))
    check.true("none is lost", missing(daemon.seqs) >= 1)


def test_storm(live):
    """A reader that keeps up: all of it, in the order of each process, numbers without a gap."""
    daemon = live.daemon()
    (_, results), records = live.observe(
        lambda: live.run_jobs([Job(live.target, [b"storm", b"%d" % i]) for i in range(5000)]), daemon)
    results.check("records", records)
    check.equal("jobs", [argv_of(r)[1] for r in results.of(records)], [b"%d" % i for i in range(5000)])
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_users_of_the_failure_limit(live):
    """Each record names the users of its own number alone, the largest first; over a reload and a restart."""
    service = Service(live, "[Trace]\nSyscallHook=tracepoint\nFailures=all\nFailureLimit=5\n")
    if b"tracepoint" not in value(service.started(), "EXECTRACED_HOOKS").split():
        raise check.Skip("failed execs are not covered here")

    def burst(uid, n):
        live.run_jobs([Job(b"/nonexistent/program", [b"flood"])] * n, setup=lambda: kernel.become(uid, 65533))

    def said(reports):
        entry = service.wait_events("suppressed", reports)
        users = [int(uid) for uid in value(entry, "EXEC_DROPPED_FAILURE_LIMIT_UID").split()]
        return int(value(entry, "EXEC_DROPPED_FAILURE_LIMIT")), users

    for reports, bursts, end in ((1, ((64201, 300),), "reload"), (2, ((64202, 200), (64203, 400)), "reload"),
                                 (3, ((64201, 250),), "restart"), (4, ((64204, 150), (64203, 350)), "restart"),
                                 (5, ((64205, 300),), "end")):
        for uid, n in bursts:
            burst(uid, n)
        if end == "reload":
            service.daemon.signal(signal.SIGHUP)
        elif end == "restart":
            service.restart()
        else:
            service.end()
        number, users = said(reports)
        check.equal("users", [uid for uid in users if 64200 < uid < 64300],
                    [uid for uid, _ in sorted(bursts, key=lambda one: -one[1])])
        # Some tokens come back while a burst takes its time, and others of this machine may fail execs, too.
        if len(users) == len(bursts):
            all_of_them = sum(n for _, n in bursts)
            check.between("number", number, all_of_them - 120 * len(bursts), all_of_them)

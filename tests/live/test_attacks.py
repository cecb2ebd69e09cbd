# SPDX-License-Identifier: GPL-2.0-or-later
"""One user does what he can to push out, cut or stall the records of another."""

import collections
import os
import signal
import time

from lib import check, failing, kernel
from lib.cgroup import Group
from lib.daemon import argv_of
from lib.failing import Flooder
from lib.native import NativeJournal
from lib.plan import Job, Origin

FLOODING, OTHER = 54326, 54323  # users of nothing else
ECHOES = 200
SECOND = 1_000_000  # in the unit of timestamps
PER_SECOND = 250
MANY = [b"echo", *(b"%d" % i for i in range(1, 1001))]  # what echo $(seq 1000) is given

DEPTH, NAME = 15, 250
EXECS = 2000
STOPPED_SECONDS = 2.0
# Makes and removes a cgroup in argv[1] without a pause, until its standard input is closed; prints how often.
CHURN = f"""
import os, select, sys
os.chdir(sys.argv[1])
name, done = "x" * {NAME}, 0
print("runs", flush=True)
while not select.select([0], [], [], 0)[0]:
    for _ in range(50):
        os.mkdir(name)
        os.rmdir(name)
        done += 1
print(done)
"""


def becomes(uid):
    return lambda: kernel.become(uid, uid)


def daemon_of_two(live, trace):
    """A daemon that records these two users only: what it counts is theirs. Its sentinel is the other's."""
    return failing.daemon(live, f"Failures=all\n{trace}\n[Filter]\nIncludeUser={FLOODING} {OTHER}", sentinel=lambda token: live.run(
        live.target, [b"sentinel", token], setup=becomes(OTHER)))


def dropped_by_limit(daemon):
    """How many failures the daemon says that were beyond the limit, and what it says of whose they were."""
    events = [e for e in daemon.events if e["event"] == "suppressed" and "exec_dropped_failure_limit" in e]
    return sum(int(e["exec_dropped_failure_limit"]) for e in events), events


def check_whose(events, uid):
    for event in events:
        check.true(f"no word of uid {uid} in {event}", any(str(uid) in str(value) for key, value in event.items()
                                                           if key != "exec_dropped_failure_limit"))


def check_accounted(what, known, lost, count):
    """Whose execs were lost nobody knows: a few can be of what else runs on the machine."""
    check.between(what, known + lost, count, count + count // 20)
    check.true(f"{what}: {known} are known of {count}", known <= count)


def test_failures_do_not_cut_what_runs(live):
    """Four loops that fail, of one user; another's long command lines are whole, each of them."""
    daemon = daemon_of_two(live, "")
    missing = os.path.join(live.scratch(), b"missing")

    def action():
        floods = [Flooder(live, path, setup=becomes(FLOODING)) for path in (b"/etc/passwd", missing) * 2]
        _, results = live.run_jobs([Job(live.target, MANY)] * ECHOES, setup=becomes(OTHER))
        end = time.monotonic() + 4
        while (left := end - time.monotonic()) > 0:
            live.loop.turn(left)
        return results, sum(flood.end() for flood in floods)

    (results, failed), records = live.observe(action, daemon)
    daemon.stop()
    results.check("records of what ran", records)
    whole = [r for r in results.of(records) if argv_of(r) == MANY and not r["truncated"]]
    check.equal("command lines that are whole", len(whole), ECHOES)

    times = [r["timestamp"] for r in daemon.records if "error" in r and r["uid"] == FLOODING]
    check.true("no failure is recorded", times)
    # At first a burst is let through.
    seconds = collections.Counter((t - min(times)) // SECOND for t in times)
    check.true(f"failures recorded in each second: {dict(seconds)}",
               len(seconds) >= 4 and all(n <= PER_SECOND for s, n in seconds.items() if s > 0))
    dropped, events = dropped_by_limit(daemon)
    check_whose(events, FLOODING)
    lost = daemon.event("stopped")["exec_lost"]
    check_accounted("recorded, beyond the limit and lost, of what failed", len(times) + dropped, lost, failed)
    check.balance(daemon.seqs, daemon.event("stopped"))
    live.note = f"{failed} failed, {len(times)} recorded"


def test_failure_limit(live):
    """So many a second and ten times as many at once, for each user on his own."""
    limit, count = 20, 3000
    daemon = failing.daemon(live, f"Failures=all\nFailureLimit={limit}")
    missing = os.path.join(live.scratch(), b"missing")

    def action():
        begin = time.monotonic()
        check.equal("failed", Flooder(live, missing, count, setup=becomes(FLOODING)).wait(), count)
        spent = time.monotonic() - begin
        check.equal("failed", Flooder(live, missing, 10 * limit, setup=becomes(OTHER)).wait(), 10 * limit)
        return spent

    spent, records = live.observe(action, daemon)
    daemon.stop()
    counts = collections.Counter(r["uid"] for r in records if "error" in r)
    check.between("recorded of one who fails more often", counts[FLOODING], 10 * limit, int((10 + spent + 1) * limit))
    check.equal("recorded of the other", counts[OTHER], 10 * limit)
    dropped, events = dropped_by_limit(daemon)
    check.equal("recorded, and beyond the limit", counts[FLOODING] + dropped, count)
    check_whose(events, FLOODING)
    check.equal("events that name the other", [e for e in events if str(OTHER) in str(e)], [])


def test_no_failure_limit(live):
    count = 6000
    daemon = failing.daemon(live, "Failures=all\nFailureLimit=0")
    missing = os.path.join(live.scratch(), b"missing")
    _, records = live.observe(lambda: Flooder(live, missing, count, setup=becomes(FLOODING)).wait(), daemon)
    check.equal("recorded", sum(r["uid"] == FLOODING for r in records if "error" in r), count)
    daemon.stop()
    check.equal("beyond the limit", dropped_by_limit(daemon)[0], 0)
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_full_failure_ring(live):
    """Failures that find no room are counted, and nothing that ran is lost or cut by them."""
    daemon = daemon_of_two(live, "FailureLimit=0\nFailureBuffer=64K")
    missing = os.path.join(live.scratch(), b"missing")
    count = 20_000

    def action():
        daemon.signal(19)
        failed = Flooder(live, missing, count, setup=becomes(FLOODING)).wait()
        _, results = live.run_jobs([Job(live.target, MANY)] * ECHOES, setup=becomes(OTHER))
        daemon.signal(18)
        return failed, results

    (failed, results), records = live.observe(action, daemon)
    daemon.stop()
    results.check("records of what ran", records)
    check.equal("cut", [r for r in results.of(records) if r["truncated"] or argv_of(r) != MANY], [])
    got = sum(r["uid"] == FLOODING for r in records if "error" in r)
    lost = daemon.event("stopped")["exec_lost"]
    check.true(f"{got} of {failed} were recorded: the ring was not full", 0 < got < failed)
    check_accounted("recorded and lost, of what failed", got, lost, failed)
    causes = {e["exec_lost_cause"] for e in daemon.events if e["event"] == "lost"}
    check.equal("number of causes", len(causes), 1)
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_cgroups_do_not_take_the_ring(live):
    """
    A user makes and removes deep cgroups, and the journal takes nothing for two seconds: what another executes meanwhile
    is there, all of it, and in the cgroup that it was in.
    """
    unit = Group(live, "/live-a.slice/live-churn.service")
    names = [f"{i:03}".ljust(NAME, "n") for i in range(DEPTH - 1)]
    deepest = Group(live, "/".join([unit.path, *names]))
    os.chown(deepest.directory, FLOODING, FLOODING)
    journal = NativeJournal(live)
    journal.trace()
    journal.catch_up()
    churn = live.start("/usr/bin/python3", ["python3", "-c", CHURN, deepest.directory], stdin=True, stdout=True,
                       setup=becomes(FLOODING))
    churn.wait_output(b"runs\n")
    journal.pause()
    end = time.monotonic() + STOPPED_SECONDS
    late = Group(live, "/live-a.slice/live-late.service")
    _, results = live.run_jobs([Job(live.target, [b"other", b"%d" % i], origin=Origin.VFORK) for i in range(EXECS)],
                               setup=lambda: (late.enter(), kernel.become(OTHER, OTHER)))
    while (left := end - time.monotonic()) > 0:
        live.loop.turn(left)
    journal.go_on()
    check.equal("exit status of the churn", churn.wait(), 0)
    made = int(churn.output.split()[1])
    journal.catch_up()
    journal.check_results(results)
    units = {e.get("EXEC_UNIT") for e in journal.execs() if int(e["EXEC_PPID"]) == results.parent}
    check.equal("units", units, {"live-late.service"})
    check.equal("lost", [e for e in journal.events("lost")], [])
    stopped = journal.stop_trace()
    check.equal("lost, at the stop", stopped["EXEC_LOST"], "0")
    live.note = f"{made} cgroups made and removed"


def test_auto_never_slows_other_system_calls(live):
    """Where trampolines are refused, failed execs are not seen, and it says so."""
    daemon = live.daemon()
    started = daemon.event("started")
    hooks = started["exectraced_hooks"].split()
    check.true(f"hooks: {hooks}", "tracepoint" not in hooks)
    covered = "trampoline" in hooks
    not_covered = started.get("exectraced_not_covered", "").split(", ")
    check.equal(f"failed execs are not covered ({not_covered})", "failed execs" in not_covered, not covered)
    if not covered:
        check.true(f"nothing said of them: {daemon.stderr()}", "failed execs" in daemon.stderr())


def test_no_hook_for_failures(live):
    daemon = live.daemon("[Trace]\nSyscallHook=none\n")
    hooks = daemon.event("started")["exectraced_hooks"].split()
    check.equal("hooks for failures", {"tracepoint", "trampoline"} & set(hooks), set())
    check.equal("configuration", daemon.stderr(), "")
    _, records = live.observe(lambda: live.run_jobs([Job(b"/nonexistent/x", [b"none"])]), daemon)
    check.equal("failures", [r for r in records if "error" in r], [])


def test_script_behind_a_link(live):
    """".." behind a symbolic link leads elsewhere than the text of a path says: an Exclude does not believe it."""
    excluded, own = (os.path.join(os.path.realpath(live.scratch()), name) for name in (b"excluded", b"own"))
    up = own.count(b"/") + 1  # as the text has it, to the root; as the link goes, to `own`
    deep = b"/".join([own, *[b"d"] * up])
    os.makedirs(deep)
    os.makedirs(own + excluded)
    script = os.path.join(own + excluded, b"script")
    with open(script, "wb") as file:
        file.write(b"#!" + live.target + b"\n")
    os.chmod(script, 0o755)
    link = os.path.join(own, b"link")
    os.symlink(deep, link)
    path = link + b"/.." * up + excluded + b"/script"
    check.true(f"{path} is the script", os.path.samefile(path, script))
    daemon = live.daemon(f"[Filter]\nExcludeExe={os.fsdecode(excluded)}/*\n")
    process, records = live.observe(lambda: live.run(path, [b"script"]), daemon)
    live.only(records, process.pid)


def test_unit_that_is_not_heard_of(live):
    """Beyond half of the ring no news of cgroups are sent. An Include by unit drops nobody's records for that."""
    known = Group(live, "/live-a.slice/live-known.service")
    daemon = live.daemon("[Trace]\nEventBuffer=256K\n[Filter]\nIncludeUnit=*.service\n",
                         sentinel=lambda token: live.run(live.target, [b"sentinel", token], setup=known.enter))

    def action():
        daemon.signal(signal.SIGSTOP)
        for _ in range(10):
            live.run(live.target, [b"x" * 20000], setup=known.enter)
        late = Group(live, "/live-a.slice/live-late.service")
        process = live.run(live.target, [b"late"], setup=late.enter)
        daemon.signal(signal.SIGCONT)
        return process

    process, records = live.observe(action, daemon)
    live.only(records, process.pid)

# SPDX-License-Identifier: GPL-2.0-or-later
"""
Programs of the kernel side that are interrupted, as Linux 7.0 and later do it: what is executed meanwhile is recorded, or
it is counted. What was executed is known from the children's ends, and not from any tracer.
"""

import os
import re
import signal
import time

from lib import check, failing, kernel
from lib.crowd import Crowd, Recorded, check_ledger, check_numbers
from lib.daemon import argv_of

CONFIG = "[Trace]\nFailures=no\nEventBuffer=64M\n"
CONFIG_FAILURES = "FailureLimit=0\nEventBuffer=64M\nFailureBuffer=64M"
PREEMPTIBLE = (7, 0)  # of Linux: from here on the programs of tracepoints are
RECORDED = 0.999  # of what was executed, at least
RECORDED_FAILURES = 0.99  # of what failed; no copy records what these hooks are skipped for, but it is counted
# Execs, workers, arguments, bytes of each.
SMALL, LARGE = (6000, 4, 3, 20), (6400, 64, 30, 1000)
USER = 54322
# What the guard is made of. Without this the kernel reschedules while the program is still entered.
GUARD = b"bpf_local_irq_save"

BUSY = 64  # tasks on the CPU of the idle one
IDLE_SHAPE = (0, 1, 30, 1000)  # its programs take the longest with all arguments that are kept
DEPTH = 1900  # of its working directory, likewise
IDLE_SECONDS = 0.1
ROUNDS = 40
ROUND_SECONDS = 0.4
ROUND_LIMIT = 8.0
RECOVERED_SECONDS = 2.0
STEP_SECONDS = 0.02


def preemptible():
    return tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups())) >= PREEMPTIBLE


def recorded_storm(live, shape, make=None, program=None, how_many=(1, 0)):
    """
    A storm under a daemon of its own, which writes to a file: what was recorded. `make(stdout)` makes that daemon; of what
    the storm does `how_many` are its execs that happen, and that fail, each for one of the shape's.
    """
    path = live.write_file("records", b"")
    with open(path, "wb", buffering=0) as file:
        daemon = make(file.fileno()) if make else live.daemon(CONFIG, stdout=file.fileno())
    crowd = Crowd(live, *shape, program=program)
    check.equal("executed and failed, by the storm's own count", crowd.wait(), tuple(n * shape[0] for n in how_many))
    daemon.signal(signal.SIGTERM)
    status = daemon.wait_ended()
    check.equal(f"exit status ({daemon.stderr()})", status, 0)
    recorded = Recorded(path, crowd)
    os.unlink(path)
    return recorded


def lost_of(recorded):
    """By cause."""
    causes = {}
    for event in recorded.of("lost"):
        causes[event["exec_lost_cause"]] = causes.get(event["exec_lost_cause"], 0) + event["exec_lost"]
    return causes


def check_storm(live, shape, recorded, at_least=RECORDED):
    executed = shape[0]
    got, lost = len(recorded.pairs), recorded.stopped()["exec_lost"]
    callers = sum(comm == b"crowd" for _, comm in recorded.pairs)
    live.note = f"{got} of {executed} recorded, lost: {lost_of(recorded) or 0}, without their caller: {got - callers}"
    check_numbers(recorded, executed)
    check.true(f"neither recorded nor lost: {executed - got - lost} ({live.note})", got + lost >= executed)
    if preemptible():  # nothing else is executed there
        check.equal(f"recorded and lost ({live.note})", got + lost, executed)
    check_ledger(recorded)
    check.true(f"too few: {live.note}", got >= at_least * executed)
    check.true(f"too few with their caller: {live.note}", callers >= at_least * executed)


def test_small_storm(live):
    check_storm(live, SMALL, recorded_storm(live, SMALL))


def test_large_storm(live):
    check_storm(live, LARGE, recorded_storm(live, LARGE))


def test_storm_of_failures(live):
    missing = os.path.join(os.path.realpath(live.scratch()), b"missing")
    recorded = recorded_storm(live, SMALL, how_many=(0, 1), program=missing, make=lambda stdout: failing.daemon(
        live, CONFIG_FAILURES, stdout=stdout))
    check_storm(live, SMALL, recorded, RECORDED_FAILURES)


def test_storm_of_failures_by_tracepoint(live):
    """Those are skipped while another program of this kind is preempted, whosever it is."""
    found, said = failing.hooks(live, "tracepoint")
    if "tracepoint" not in found:
        raise check.Skip(f"no tracepoints of system calls: {said}")
    missing = os.path.join(os.path.realpath(live.scratch()), b"missing")
    recorded = recorded_storm(live, SMALL, how_many=(0, 1), program=missing, make=lambda stdout: live.daemon(
        f"[Trace]\nSyscallHook=tracepoint\n{CONFIG_FAILURES}\n", stdout=stdout))
    check_storm(live, SMALL, recorded, RECORDED_FAILURES)


def test_storm_beside_hooks_of_failures(live):
    """What succeeds passes these hooks, too, and is no failure that they were skipped for."""
    check_storm(live, SMALL, recorded_storm(live, SMALL, make=lambda stdout: failing.daemon(
        live, CONFIG_FAILURES, stdout=stdout)))


def test_guard_is_felt(live):
    """With the name of the guard spoilt the kernel has no such function: the large storm must show that."""
    if not preemptible():
        raise check.Skip("this kernel does not preempt these programs")
    with open(live.program, "rb") as file:
        program = file.read()
    check.true(f"the daemon does not know {GUARD.decode()}", GUARD in program)
    path = live.write_file("unguarded", program.replace(GUARD, GUARD[:-1] + b"X"))
    os.chmod(path, 0o755)
    recorded = recorded_storm(live, LARGE, make=lambda stdout: live.daemon(CONFIG, stdout=stdout, program=path))
    executed, got, lost = LARGE[0], len(recorded.pairs), recorded.stopped()["exec_lost"]
    live.note = f"without it {got} of {executed} recorded, {lost} lost"
    check.equal("recorded and lost", got + lost, executed)
    check.true(f"the guard makes no difference: {live.note}", got < RECORDED * executed)


class Probes:
    """Another user's execs, one after another on CPU 0; each is known to have happened by its end."""

    def __init__(self, live, daemon):
        self._live = live
        self._daemon = daemon
        self._looked_at = 0
        self.token = live.token()
        self.times = []
        self.seen = set()  # numbers of those that are recorded

    @staticmethod
    def setup():
        os.sched_setaffinity(0, {0})
        os.setpriority(os.PRIO_PROCESS, 0, -20)
        kernel.become(USER, USER)

    def execute(self):
        number = len(self.times)
        self.times.append(time.monotonic())
        self._live.run(self._live.target, [self.token, b"%d" % number], setup=self.setup)

    def overdue(self):
        """For how many seconds nothing was recorded of what was executed behind the last that was."""
        records = self._daemon.records
        for record in records[self._looked_at:]:
            argv = argv_of(record)
            if argv[:1] == [self.token]:
                self.seen.add(int(argv[1]))
        self._looked_at = len(records)
        first = max(self.seen, default=-1) + 1
        return time.monotonic() - self.times[first] if first < len(self.times) else 0.0

    def gaps(self):
        """Seconds from the first that was missed to the next that was recorded, each time."""
        found, begin = [], None
        for number, when in enumerate(self.times):
            if number in self.seen:
                if begin is not None:
                    found.append(when - begin)
                begin = None
            elif begin is None:
                begin = when
        check.equal("the last was missed", begin, None)
        return found


def go_deep(directory):
    """Makes directories in each other, and goes to the last one: their path is longer than any system call takes."""
    os.chdir(directory)
    for _ in range(DEPTH):
        os.mkdir(b"d")
        os.chdir(b"d")


def one_round(live, probes, spinner):
    """All that is busy runs, and probes are made until they are recorded."""
    os.killpg(spinner.pid, signal.SIGCONT)
    begin = time.monotonic()
    try:
        while True:
            probes.execute()
            live.loop.turn(STEP_SECONDS)
            spent = time.monotonic() - begin
            overdue = probes.overdue()
            if spent >= ROUND_LIMIT or (spent >= ROUND_SECONDS and overdue < ROUND_SECONDS):
                return
    finally:
        os.killpg(spinner.pid, signal.SIGSTOP)


def test_idle_task_on_a_busy_cpu(live):
    """
    A task that runs only when nobody else wants to executes with long arguments without a pause. Then all of its CPU
    is taken from it, wherever it is: in the middle of a program of the kernel side, too.
    """
    if not preemptible():
        raise check.Skip("this kernel does not preempt these programs")
    daemon = live.daemon(CONFIG)
    directory = live.scratch()

    def idle():
        go_deep(directory)
        os.sched_setaffinity(0, {0})
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))

    spinner = live.start(live.actor("spinner"), [b"spinner", b"%d" % BUSY], stdout=True,
                         setup=lambda: os.sched_setaffinity(0, {0}))
    live.cleanup(os.killpg, spinner.pid, signal.SIGKILL)
    spinner.wait_output(b"runs\n")
    os.killpg(spinner.pid, signal.SIGSTOP)
    crowd = Crowd(live, *IDLE_SHAPE, setup=idle)
    probes = Probes(live, daemon)
    for _ in range(ROUNDS):
        end = time.monotonic() + IDLE_SECONDS
        while (left := end - time.monotonic()) > 0:
            live.loop.turn(left)
        one_round(live, probes, spinner)
    executed, failed = crowd.end()
    check.true(f"the idle task: {executed} executed, {failed} failed", executed > 0 and failed == 0)
    probes.execute()
    live.observe(lambda: None, daemon)
    probes.overdue()
    daemon.stop()

    gaps = probes.gaps()
    program = os.fsdecode(crowd.program)
    missed = len(probes.times) - len(probes.seen) + executed - sum(r["filename"] == program for r in daemon.records)
    lost = daemon.event("stopped")["exec_lost"]
    live.note = (f"{len(probes.times)} execs of others, {executed} of its own, {missed} missed, {lost} lost, "
                 f"in {len(gaps)} gaps of up to {max(gaps, default=0):.2f} s")
    check.between(f"longest gap ({live.note})", max(gaps, default=0), 0, RECOVERED_SECONDS)
    check.equal(f"missed ({live.note})", missed, lost)

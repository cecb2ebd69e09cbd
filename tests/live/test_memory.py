# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole daemon, its libraries included, while memory runs out: it ends with a word, or it goes on and loses nothing."""

import os
import random
import signal
import struct

from lib import check
from lib.journal import Journal
from lib.plan import Job

EXECS = 300
STARTS = 15  # of all the places where an allocation may fail before the daemon has started, so many are tried
CONFIG = "[Filter]\nExcludeUnit=*.none\n[Output]\nEnvironment=PATH\nRedact=secret\n"


class Memory:
    """What the preloaded library is told, and tells: actors/failing-memory.c."""

    def __init__(self, live):
        self.library = os.path.join(live.build, "tests/live/libfailing-memory.so")
        if not os.path.exists(self.library):
            raise check.Skip(f"not built: {self.library}")
        self._path = live.write_file("memory", bytes(16))

    def _write(self, offset, value):
        with open(self._path, "r+b") as file:
            file.seek(offset)
            file.write(struct.pack("I", value))

    def set(self, at=0, every=0):
        for offset, value in ((0, 0), (4, at), (8, every), (12, 0)):
            self._write(offset, value)

    def counts(self):
        """How many allocations there were, and how many of them failed."""
        with open(self._path, "rb") as file:
            count, _, _, failed = struct.unpack("4I", file.read(16))
        return count, failed

    def environment(self):
        return {"LD_PRELOAD": self.library, "FAILING_MEMORY": self._path}


def start(live, memory):
    """True: the daemon has started. False: it has ended."""
    daemon = live.unready_daemon(CONFIG, env=memory.environment())
    live.loop.until(lambda: not daemon.running() or daemon.notified("READY=1"), "the start or the end of the daemon", 30)
    return daemon, daemon.notified("READY=1")


def test_at_the_start(live):
    """One allocation fails: of some the daemon can do without, of the others it says so and ends."""
    memory = Memory(live)
    memory.set()
    daemon, started = start(live, memory)
    check.true(f"the daemon has not started: {daemon.stderr()}", started)
    count, _ = memory.counts()
    check.true(f"{count} allocations until it has started", count > 100)
    daemon.stop()

    seed = int(os.environ.get("EXECTRACED_TEST_SEED") or random.SystemRandom().randrange(1 << 32))
    live.note = f"EXECTRACED_TEST_SEED={seed}"
    for at in sorted(random.Random(seed).sample(range(1, count + 1), STARTS)):
        memory.set(at=at)
        daemon, started = start(live, memory)
        if started:
            daemon.stop()
            continue
        status = daemon.wait_ended()
        check.true(f"allocation {at} failed, exit status {status} ({live.note}): {daemon.stderr()}", status in (1, 77))
        check.true(f"allocation {at} failed, and it says nothing ({live.note})", daemon.stderr())


def jobs(live):
    return [Job(live.target, [b"memory", b"x" * (i * 37 % 3000)]) for i in range(EXECS)]


def fail_for_a_time(live, memory, daemon, every):
    """While programs are executed and the configuration is read again. Returns what was executed."""
    memory.set(every=every)
    _, results = live.run_jobs(jobs(live))
    daemon.signal(signal.SIGHUP)
    live.loop.until(lambda: memory.counts()[1] > 0, "an allocation that fails")
    memory.set()
    check.true(f"the daemon has ended: {daemon.stderr()}", daemon.running())
    return results


def test_while_recording(live):
    """Every 50th allocation fails, every third, every single one. What waits is delivered once there is memory."""
    memory = Memory(live)
    for every in (50, 7, 3, 2, 1):
        memory.set()
        daemon = live.daemon(CONFIG, env=memory.environment())
        live.observe(lambda: None, daemon)  # its loop goes round
        results = fail_for_a_time(live, memory, daemon, every)
        live.observe(lambda: None, daemon)
        results.check(f"records with every {every}. allocation failing", daemon.records)
        daemon.stop()
        check.balance(daemon.seqs, daemon.event("stopped"))
        check.true("the reload is neither done nor refused", daemon.event("reloaded") or daemon.event("reload-failed"))


def test_while_recording_to_the_journal(live):
    memory = Memory(live)
    journal = Journal(live)
    for every in (3, 1):
        memory.set()
        journal.trace(CONFIG, env=memory.environment())
        journal.catch_up()
        results = fail_for_a_time(live, memory, journal.daemon, every)
        journal.catch_up()
        journal.check_results(results)
        journal.daemon.stop()

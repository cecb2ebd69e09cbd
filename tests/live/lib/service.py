# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon as a service, whose processes come one after another, and what they recorded together."""

import signal
import time

from lib import bpf, check
from lib.journal import value
from lib.keeper import Keeper
from lib.native import NativeJournal

BATCH = 64  # entries that go to the journal together


class Service:
    """The daemon as a service: started, stopped, killed, and started again with what was kept."""

    def __init__(self, live, config="", **how):
        self.live = live
        self.config = config
        self.journal = NativeJournal(live)
        self.keeper = Keeper(live, **how)
        self.starts = 0
        self.daemon = None
        self.start()

    def start(self, config=None):
        if config is not None:
            self.config = config
        self.daemon = self.journal.trace(self.config, keeper=self.keeper)
        self.starts += 1
        self.wait_events("started", self.starts)

    def wait_events(self, kind, n):
        self.live.loop.until(lambda: len(self.journal.events(kind)) >= n,
                             lambda: f"{kind} number {n}; {self.daemon.state()}")
        return self.journal.events(kind)[n - 1]

    def end(self):
        """Asks it to stop, and waits for its end."""
        self.daemon.stop()

    def kill(self):
        self.daemon.signal(signal.SIGKILL)
        check.equal("status after SIGKILL", self.daemon.wait_ended(), -signal.SIGKILL)

    def restart(self, config=None):
        self.end()
        self.start(config)

    def started(self):
        return self.wait_events("started", self.starts)

    def resumed(self):
        """That the last start left no gap."""
        check.true(f"no EXECTRACED_RESUMED in {self.started()}", "EXECTRACED_RESUMED" in self.started())
        return int(value(self.started(), "EXECTRACED_RESUMED"))

    def seqs(self, begin=0):
        return [int(entry["EXEC_SEQ"]) for entry in self.journal.records()[begin:]]

    def balance(self):
        """Stops it for good: what is recorded, and what it says is missing, is all that was numbered."""
        self.journal.catch_up()
        stops = len(self.journal.events("stopped"))
        self.end()
        stopped = self.wait_events("stopped", stops + 1)
        seqs = self.seqs()
        lost = sum(int(value(entry, "EXEC_LOST")) for entry in self.journal.events("lost"))
        check.equal("lost, at the stop", int(stopped["EXEC_LOST"]), lost)
        check.equal("recorded, at the stop", int(stopped["EXEC_RECORDED"]), len(set(seqs)))
        check.between("last number", max(seqs), len(set(seqs)), len(set(seqs)) + lost + int(stopped["EXEC_SUPPRESSED"]))
        return stopped

    def programs(self):
        """The ids of the programs that the kept hooks call."""
        return {int.from_bytes(bpf.lookup(fd, 0, 4), "little") for fd in self.keeper.fds("hook.") if bpf.is_map(fd)}


def accounted(stopped):
    return sum(int(stopped[name]) for name in ("EXEC_RECORDED", "EXEC_LOST", "EXEC_SUPPRESSED"))


def wait_unloaded(programs):
    """The kernel lets go of them a little after their last descriptor is closed."""
    deadline = time.monotonic() + 10
    while any(bpf.is_loaded(program) for program in programs):
        check.true(f"still loaded: {[program for program in programs if bpf.is_loaded(program)]}", time.monotonic() < deadline)


def check_jobs(service, results, twice=0):
    """Each job is recorded once, or `twice` times one batch of all records twice, under the same number."""
    entries = [e for e in service.journal.execs() if int(e["EXEC_PPID"]) == results.parent]
    first = {}
    for entry in entries:
        pid = int(entry["EXEC_PID"])
        check.equal("number of what is there twice", first.setdefault(pid, entry["EXEC_SEQ"]), entry["EXEC_SEQ"])
    check.equal("jobs", list(first), results.pids)
    seqs = service.seqs()
    check.between("records that are there twice", len(seqs) - len(set(seqs)), 0, twice * BATCH)
    return len(seqs) - len(set(seqs))

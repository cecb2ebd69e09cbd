# SPDX-License-Identifier: GPL-2.0-or-later
"""Storms of execs that count themselves: what was executed is known without any tracer."""

import json
import os
import re

from lib import check
from lib.loop import DEADLINE

EXEC_SECONDS = 0.005  # more than an exec takes on a machine that is busy
FILENAME = re.compile(rb'"filename":"([^"]*)"')
COMM = re.compile(rb'"comm":"([^"]*)"')


class Recorded:
    """
    What a daemon has written of a crowd: `pairs` of the number, None where the arguments are missing, and the caller's
    name, None where that is missing; and all events. Read from a file, for there may be much of it.
    """

    def __init__(self, path, crowd):
        self.pairs = []
        self.events = []
        self.seqs = 0
        number = re.compile(rb"\b" + re.escape(crowd.mark) + rb"\.(\d+)\.")
        with open(path, "rb") as file:
            for line in file:
                if line.startswith(b'{"event":'):
                    self.events.append(json.loads(line))
                    continue
                if b'"seq":' not in line:  # what ran before
                    continue
                self.seqs += 1
                filename = FILENAME.search(line)
                if filename and filename[1] == crowd.program:
                    found, comm = number.search(line), COMM.search(line)
                    self.pairs.append((int(found[1]) if found else None, comm[1] if comm else None))

    def of(self, kind):
        return [event for event in self.events if event["event"] == kind]

    def stopped(self):
        found = self.of("stopped")
        check.equal("number of stopped events", len(found), 1)
        return found[0]


class Crowd:
    """A storm of `count` execs, or of as many as there are until end(), of a program that is nobody else's."""

    def __init__(self, live, count, workers, arguments, size, program=None, **how):
        self.mark = live.token().replace(b"token-", b"t")
        self.program = program or os.path.realpath(live.copy_target(name=b"counted"))
        self.count = count
        command = [b"crowd", *(b"%d" % n for n in (count, workers, arguments, size)), self.mark, self.program]
        self.process = live.start(live.actor("crowd"), command, stdout=True, **how)

    def end(self):
        """Asks one that has no count to come to its end."""
        self.process.kill(15)
        return self.wait()

    def wait(self):
        """How many execs happened, and how many were refused."""
        check.equal("exit status of crowd", self.process.wait(DEADLINE + self.count * EXEC_SECONDS), 0)
        executed, failed = map(int, self.process.output.split())
        return executed, failed


def check_numbers(recorded, executed):
    """Nothing is there twice, and nothing that was not executed."""
    numbers = [number for number, _ in recorded.pairs if number is not None]
    check.equal("different numbers", len(set(numbers)), len(numbers))
    check.true(f"numbers {min(numbers)} to {max(numbers)} of {executed}", 1 <= min(numbers) and max(numbers) <= executed)


def check_ledger(recorded):
    """Recorded, suppressed and lost are, together, the last number."""
    stopped = recorded.stopped()
    check.true(f"no last number in {stopped}", "exec_seq" in stopped)
    check.equal("recorded, suppressed and lost", sum(stopped[k] for k in ("exec_recorded", "exec_suppressed", "exec_lost")),
                stopped["exec_seq"])
    check.equal("lost, event by event", sum(e["exec_lost"] for e in recorded.of("lost")), stopped["exec_lost"])
    check.equal("recorded", stopped["exec_recorded"], recorded.seqs)

# SPDX-License-Identifier: GPL-2.0-or-later
"""Started without standard input, output or error: no other descriptor takes their place."""

import itertools
import os
import signal

from lib import check
from lib.native import NativeJournal

CLOSED = [set_ for n in (1, 2, 3) for set_ in itertools.combinations((0, 1, 2), n)]


def closing(fds):
    def setup():
        for fd in fds:
            os.close(fd)

    return setup


def standard(daemon):
    """Where the three lead."""
    return [os.readlink(f"/proc/{daemon.pid}/fd/{fd}") for fd in range(3)]


def run_some(live):
    return [live.run(live.target, [b"closed", b"%d" % i]).pid for i in range(20)]


def check_end(daemon, fds):
    daemon.signal(signal.SIGTERM)
    check.equal(f"status, without {fds}; it said: {daemon.stderr()}", daemon.wait_ended(), 0)


def check_null(daemon, fds):
    links = standard(daemon)
    for fd in range(3):
        check.equal(f"descriptor {fd}, without {fds}", links[fd] == "/dev/null", fd in fds or fd == 0)


def test_foreground(live):
    for fds in CLOSED:
        for output in "text", "json":
            daemon = live.daemon(output=output, setup=closing(fds))
            check_null(daemon, fds)
            run_some(live)
            check_end(daemon, fds)


def test_foreground_records(live):
    """Those that can be written are, when only the others are closed."""
    daemon = live.daemon(setup=closing((0, 2)))
    pids, records = live.observe(lambda: run_some(live), daemon)
    for pid in pids:
        live.only(records, pid)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_journal(live):
    for fds in CLOSED:
        journal = NativeJournal(live)
        daemon = journal.trace(setup=closing(fds))
        check_null(daemon, fds)
        pids = run_some(live)
        journal.catch_up()
        for pid in pids:
            check.equal(f"EXEC_PID, without {fds}", journal.of(pid)["EXEC_PID"], str(pid))
        check_end(daemon, fds)


def test_diagnostics_are_not_records(live):
    """What a reload has to say goes nowhere where standard error is closed, and harms nothing."""
    config = live.write_file("closed.conf", "")
    daemon = live.daemon(options=[f"--config={config}"], setup=closing((2,)))
    with open(config, "w", encoding="ascii") as file:
        file.write("[Trace]\nNoSuchKey=1\n[Output]\nLabel=bad\n")
    for _ in range(3):
        daemon.events.clear()
        daemon.signal(signal.SIGHUP)
        daemon.wait_event("reload-failed")
    pids, records = live.observe(lambda: run_some(live), daemon)
    for pid in pids:
        live.only(records, pid)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))

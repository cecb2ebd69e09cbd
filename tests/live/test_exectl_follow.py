# SPDX-License-Identifier: GPL-2.0-or-later
"""exectl follow, on records that come while it reads."""

import json
import os
import signal
import time

from lib import check
from lib.viewer import ENVIRONMENT, Viewer
from lib.written import Written, execution

MUST = 0.300  # seconds from the exec to the line, of 99 in 100
EXECS = 100


class Follower:
    def __init__(self, live, viewer, *arguments):
        self.lines = []
        self._live = live
        self._rest = b""
        env = {os.fsencode(k): os.fsencode(v) for k, v in ENVIRONMENT.items()}
        command = [os.fsencode(word) for word in viewer.command("follow", *arguments)]
        self.process = live.start(os.fsencode(viewer.program), command, env, stdout=True)
        self.process.on_output = self._on_output

    def _on_output(self, data):
        *lines, self._rest = (self._rest + data).split(b"\n")
        self.lines += [(time.time(), line.decode()) for line in lines]

    def wait(self, text, n=1):
        self._live.loop.until(lambda: sum(text in line for _, line in self.lines) >= n, lambda: f"{text} in {self.lines[-3:]}")

    def stop(self):
        self.process.kill(signal.SIGTERM)
        self.process.wait()


def test_follow(live):
    """The newest ten first, then what comes, and nothing that does not match."""
    journal = Written(live)
    journal.write(execution(i, 100 + i, ["old", str(i)], unit="a.service") for i in range(1, 31))
    viewer = Viewer(live, journal.directory())
    everything = Follower(live, viewer)
    everything.wait("old 30")
    check.equal("the newest", [line.split("| ")[1] for _, line in everything.lines], [f"old {i}" for i in range(21, 31)])
    by_name = Follower(live, viewer, "new")
    by_unit = Follower(live, viewer, "-u", "b*", "-o", "json")
    by_path = Follower(live, viewer, "/opt/other", "-o", "json")
    since = Follower(live, viewer, "-S", "-1h", "old")
    since.wait("old 30")
    check.equal("all since then", len(since.lines), 30)
    ended = Follower(live, viewer, "new", "old", "-n1")
    ended.wait("old 30")
    journal.write([execution(31, 200, ["new"], unit="a.service"), execution(32, 201, ["other"], unit="b.service", filename="./other", cwd="/opt")])
    by_path.wait('"pid":201')
    by_name.wait("| new")
    everything.wait("| other")
    by_unit.wait('"pid":201')
    check.equal("by name", [line.split("| ")[1] for _, line in by_name.lines], ["new"])
    check.equal("by unit", [json.loads(line)["pid"] for _, line in by_unit.lines], [201])
    for follower in (everything, by_name, by_unit, by_path, since, ended):
        follower.stop()


def test_rotation(live):
    """It goes on in the next file."""
    journal = Written(live)
    journal.write([execution(1, 1, ["first"])])
    follower = Follower(live, Viewer(live, journal.directory()))
    follower.wait("| first")
    for i in range(2, 5):
        os.kill(journal.process.pid, signal.SIGUSR2)
        journal.write([execution(i, i, [f"after{i}"])])
        follower.wait(f"| after{i}")
    check.equal("lines", len(follower.lines), 4)
    follower.stop()


def test_reader_goes(live):
    """It ends when nobody reads, also when nothing is to be written."""
    journal = Written(live)
    journal.write([execution(1, 1, ["first"])])
    viewer = Viewer(live, journal.directory())
    line = " ".join(f"'{word}'" for word in viewer.command("follow"))
    process = live.start("/bin/bash", ["bash", "-c", f"{line} | head -n 1"], {b"PATH": b"/usr/bin:/bin"}, stdout=True)
    check.equal("status", process.wait(), 0)


def test_latency(live):
    """From the exec, recorded by the daemon, to the line."""
    journal = Written(live)
    journal.trace()
    viewer = Viewer(live, journal.directory())
    token = live.token().decode()
    live.run(live.target, [b"begin", token.encode()])
    follower = Follower(live, viewer, "-o", "json", "-S", "-10min")
    follower.wait(token)
    for i in range(EXECS):
        live.run(live.target, [b"timed", f"{token}-{i}".encode()])
        # At other moments of the reader's and the daemon's own intervals.
        end = time.monotonic() + 0.005 + i * 0.0003
        while (left := end - time.monotonic()) > 0:
            live.loop.turn(left)
    follower.wait("timed", EXECS)
    delays = sorted(at - json.loads(line)["timestamp"] / 1e6 for at, line in follower.lines if '"timed"' in line)
    check.equal("lines", len(delays), EXECS)
    late, median = delays[int(EXECS * 0.99) - 1], delays[EXECS // 2]
    live.note = f"99th percentile {late * 1000:.0f} ms, median {median * 1000:.0f} ms"
    # A busy machine has the last ones wait for a processor; one that polls has them all wait.
    check.between("median in s", median, 0, MUST)
    follower.stop()

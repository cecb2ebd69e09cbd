# SPDX-License-Identifier: GPL-2.0-or-later
"""exectl, run on a journal: to a pipe or to a terminal."""

import fcntl
import json
import os
import pty
import struct
import subprocess
import termios
from typing import NamedTuple

from lib import check

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC",
               **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}}
SECONDS = 60


class Result(NamedTuple):
    status: int
    out: str
    err: str

    def lines(self):
        return self.out.splitlines()

    def json(self):
        return json.loads(self.out)

    def objects(self):
        return [json.loads(line) for line in self.lines()]


class Viewer:
    """What it prints is UTF-8, or the test fails."""

    def __init__(self, live, directory):
        self.program = os.path.join(live.build, "exectl", "exectl")
        self._journal = ["-D", os.fsdecode(directory)] if directory else []

    def command(self, *arguments):
        return [self.program, *arguments[:1], *self._journal, *arguments[1:]]

    def run(self, *arguments, status=0, setup=None, **env):
        """Its output must have gone well: `status` is what it must exit with."""
        done = subprocess.run(self.command(*arguments), env={**ENVIRONMENT, **env}, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=SECONDS, check=False, preexec_fn=setup)
        result = Result(done.returncode, done.stdout.decode(), done.stderr.decode())
        check.equal(f"status of exectl {arguments}, which says {result.err}", result.status, status)
        return result

    def on_terminal(self, *arguments, columns=80, status=0, setup=None, **env):
        """The same on a terminal that is so wide, with its pager."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        # Neither newlines nor anything else is to be changed on the way.
        attributes = termios.tcgetattr(slave)
        attributes[1] &= ~termios.OPOST
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
        process = subprocess.Popen(self.command(*arguments), env={**ENVIRONMENT, "TERM": "xterm-256color", **env},
                                   stdin=slave, stdout=slave, stderr=subprocess.PIPE, preexec_fn=setup)
        os.close(slave)
        out = bytearray()
        while True:
            try:
                data = os.read(master, 1 << 16)
            except OSError:  # the last one has closed it
                break
            if not data:
                break
            out += data
        os.close(master)
        err = process.stderr.read().decode()
        process.stderr.close()
        check.equal(f"status of exectl {arguments}, which says {err}", process.wait(SECONDS), status)
        return Result(status, out.decode(), err)

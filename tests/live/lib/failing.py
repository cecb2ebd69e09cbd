# SPDX-License-Identifier: GPL-2.0-or-later
"""Daemons that see failed execs, by whichever way this kernel and these privileges have."""

from lib import check
from lib.loop import DEADLINE

WAYS = ("trampoline", "tracepoint")


def daemon(live, trace="", more=""):
    """A daemon with these lines in [Trace], which sees failures; where nothing can, the test is skipped."""
    said = []
    for way in WAYS:
        made = live.daemon(f"[Trace]\nSyscallHook={way}\n{trace}\n{more}")
        if way in made.event("started")["exectraced_hooks"].split():
            return made
        said.append(made.stderr().strip())
        made.close()
    raise check.Skip(f"no way to see failed execs: {'; '.join(said)}")


class Flooder:
    """Fails to execute a path, as fast as it can, from when this returns on; `count` None: until it is ended."""

    def __init__(self, live, path, count=None, arguments=3, size=20, **how):
        command = [b"flooder", b"%d" % (count or 0), path, b"%d" % arguments, b"%d" % size]
        self.process = live.start(live.actor("flooder"), command, stdout=True, **how)
        self.process.wait_output(b"runs\n")

    def end(self):
        """How often it failed."""
        self.process.kill(15)
        return self.wait()

    def wait(self):
        check.equal("exit status of flooder", self.process.wait(2 * DEADLINE), 0)
        return int(self.process.output.split()[1])

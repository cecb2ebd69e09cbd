# SPDX-License-Identifier: GPL-2.0-or-later
"""Daemons that see failed execs, by whichever way this kernel and these privileges have."""

from lib import check
from lib.loop import DEADLINE

WAYS = ("trampoline", "tracepoint")


def hooks(live, way):
    """What of the kernel a daemon has attached when it is to see failures by this way, and what it said."""
    probe = live.daemon(f"[Trace]\nSyscallHook={way}\nSnapshot=no\n")
    found, said = probe.event("started")["exectraced_hooks"].split(), probe.stderr().strip()
    probe.close()
    return found, said


def daemon(live, trace="", **how):
    """A daemon with these lines in [Trace], which sees failures; where nothing can, the test is skipped."""
    refused = []
    for way in WAYS:
        found, said = hooks(live, way)
        if way in found:
            return live.daemon(f"[Trace]\nSyscallHook={way}\n{trace}\n", **how)
        refused.append(said)
    raise check.Skip(f"no way to see failed execs: {'; '.join(refused)}")


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

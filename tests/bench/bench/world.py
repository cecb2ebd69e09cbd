# SPDX-License-Identifier: GPL-2.0-or-later
"""What every measurement is handed: the programs, files on a real disk, processes, and how thorough to be."""

import contextlib
import copy
import itertools
import os
import re
import shutil
import subprocess
import tempfile

from lib import check, child, kernel
from lib.loop import Loop

STORM_DEADLINE = 600  # seconds, for the longest storm on a machine that is very busy
WORKERS = 2
ARGUMENT_BYTES = 20


class World:
    """
    `directory` is to be on a disk: what is measured includes writing there. `against`: another build, to compare with; its
    daemon is all that is taken of it.
    """

    def __init__(self, build, directory, quick, against=None):
        self.quick = quick
        self.loop = Loop()
        self.program = os.path.join(build, "exectraced")
        self._against = os.path.join(against, "exectraced") if against else None
        self._storm = os.path.join(build, "tests/bench/bench-storm")
        self._getppid = os.path.join(build, "tests/bench/getppid")
        self._forks = os.path.join(build, "tests/bench/forks")
        self._marks = itertools.count(1)
        self._files = itertools.count(1)
        self._spawned = []
        self._stack = contextlib.ExitStack()
        os.makedirs(directory, exist_ok=True)
        self._directory = self._temporary(directory)
        # Its path and its directory are a part of each record: about as long as usual, wherever this clone is.
        self._leaf = shutil.copy(os.path.join(build, "tests/system/leaf"), self._temporary("/tmp"))
        self.leaf_name = os.path.basename(self._leaf)

    def _temporary(self, directory):
        path = tempfile.mkdtemp(prefix="bench-", dir=directory)
        self._stack.callback(subprocess.run, ["rm", "-rf", "--", path], check=True)
        return path

    def close(self):
        self._stack.close()

    def other(self):
        """The same world with the daemon of the other build. None: there is none."""
        if not self._against:
            return None
        other = copy.copy(self)
        other.program = self._against
        return other

    def thorough(self, full, quick):
        """How many, in a run of the one or the other kind."""
        return quick if self.quick else full

    def scratch(self):
        path = os.path.join(self._directory, f"d{next(self._files)}")
        os.mkdir(path, 0o755)
        return path

    def write_file(self, name, content):
        path = os.path.join(self.scratch(), name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        return path

    def mark(self):
        """What no other process of this machine has among its arguments. Short: it stands in 20 bytes."""
        return f"{os.getpid() % 0xFFFF:04x}{next(self._marks):02x}"

    def start(self, path, argv, setup=None, stdout=False, env=None, stdin=False):
        """Starts a program, which does not outlive the World, whatever becomes of who started it."""
        process = child.start(self.loop, child.executor(path, argv, env), setup, stdin=stdin, stdout=stdout)
        self._stack.callback(process.close)
        return process

    def output_of(self, path, argv, setup=None):
        """What a program prints that ends well."""
        process = self.start(path, argv, setup, stdout=True)
        try:
            check.equal(f"exit status of {os.path.basename(path)}", process.wait(STORM_DEADLINE), 0)
            return process.output.decode()
        finally:
            process.close()

    def storm(self, count, mark, size=ARGUMENT_BYTES):
        """Seconds that this many execs take, two at a time."""
        arguments = [self._storm, str(count), str(WORKERS), str(size), mark, self._leaf]
        return int(self.output_of(self._storm, arguments, self._go_to_leaf)) / 1e9

    def _go_to_leaf(self):
        os.chdir(os.path.dirname(self._leaf))

    def getppid(self, calls, rounds):
        """Nanoseconds of one call, all on one CPU."""
        cpu = min(os.sched_getaffinity(0))

        def stay():
            os.sched_setaffinity(0, {cpu})

        return float(self.output_of(self._getppid, [self._getppid, str(calls), str(rounds)], stay))

    def start_forks(self, count):
        """Makes so many processes that do nothing."""
        process = self.start(self._forks, [self._forks, str(count)], stdin=True, stdout=True)
        process.wait_output(b"forked\n")
        return process

    def end_forks(self, process):
        process.write(b"\n")
        process.wait_output(b"ended\n")
        check.equal("exit status of forks", process.wait(STORM_DEADLINE), 0)

    def spawn(self, argument):
        """Executes leaf with one argument; returns at once."""
        pid = os.posix_spawn(self._leaf, [self.leaf_name, argument], {})
        self._spawned.append(pid)

    def execute(self, argument):
        """Executes leaf with one argument."""
        self.spawn(argument)
        self.reap()

    def reap(self):
        """Waits for all that were spawned."""
        while self._spawned:
            _, status = os.waitpid(self._spawned.pop(), 0)
            check.equal(f"wait status of {self.leaf_name}", status, 0)


class Numbers:
    """Which of a storm's execs a text of lines knows of; it may come piece by piece."""

    def __init__(self, mark):
        self._expression = re.compile(re.escape(mark.encode()) + rb"\.([0-9]+)\.x")
        self._rest = b""
        self._seen = []
        self.lines = 0

    def take(self, data):
        text = self._rest + data
        end = text.rfind(b"\n") + 1  # what follows may be a part of a line
        self._seen.extend(map(int, self._expression.findall(text, 0, end)))
        self.lines += text.count(b"\n", 0, end)
        self._rest = text[end:]

    def take_file(self, path):
        with open(path, "rb") as file:
            while data := file.read(1 << 24):
                self.take(data)
        return self

    def lost(self, count):
        """How many of the numbers from 1 to `count` are missing. None may be there twice, or one that was not given."""
        known = set(self._seen)
        check.equal("numbers that are there more than once", len(self._seen) - len(known), 0)
        check.true("a number that was not executed", not known or (min(known) >= 1 and max(known) <= count))
        return count - len(known)


class EmptyPidNamespace:
    """A PID namespace in which one process does nothing, and nothing is executed any more."""

    def __init__(self, world):
        def setup():
            kernel.unshare(kernel.CLONE_NEWPID)
            child.fork_on()
            kernel.end_with_parent()

        # The process that is started stays outside of the namespace, and waits for the one inside.
        self._holder = world.start("/bin/sleep", ["sleep", "infinity"], setup)
        with open(f"/proc/{self._holder.pid}/task/{self._holder.pid}/children", encoding="ascii") as file:
            inner = file.read().split()
        check.equal("processes in the new PID namespace", len(inner), 1)
        self.id = kernel.namespace_id("pid", inner[0])

    def close(self):
        self._holder.close()

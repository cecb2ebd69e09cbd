# SPDX-License-Identifier: GPL-2.0-or-later
"""The tracers that are compared, each with one life: made, ready, ended."""

import os
import signal
import subprocess
import tempfile
import time

from lib import check, child
from lib.daemon import Notify

from bench import processes
from bench.journald import Journald, Reader
from bench.world import Numbers

EXECSNOOP = "/usr/sbin/execsnoop"
READY_SECONDS = 60
FILE_LOOK_SECONDS = 0.001


class Exectraced:
    """The daemon. `output` is "json", which goes to a file, or None: to `journal`."""

    def __init__(self, world, output=None, journal=None, config="", options=()):
        self._world = world
        self._notify = Notify(world.loop)
        self._stderr = tempfile.TemporaryFile()
        self.path = os.path.join(world.scratch(), "records")
        file = world.write_file("exectraced.conf", config)
        arguments = [world.program, f"--config={file}", *options, *(["-f", output] if output else [])]

        def setup():
            os.dup2(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644), 1)
            os.dup2(self._stderr.fileno(), 2)
            if journal:
                journal.enter()

        begin = time.monotonic()
        self._process = world.start(world.program, arguments, setup, env={"NOTIFY_SOCKET": self._notify.address})
        self.pid = self._process.pid
        world.loop.until(lambda: self._notify.has("READY=1") or self._process.status is not None,
                         lambda: f"the start of the daemon; it said: {self.said()}", READY_SECONDS)
        self.start_seconds = time.monotonic() - begin
        check.true(f"the daemon ended with {self._process.status}: {self.said()}", self._process.status is None)

    def said(self):
        return child.written(self._stderr)

    def signal(self, number):
        self._process.kill(number)

    def cpu_ns(self):
        return processes.cpu_ns(self.pid)

    def wait_file_holds(self, text, deadline=READY_SECONDS):
        """Until its file of records ends with this in one of the last lines."""
        end = time.monotonic() + deadline
        while not _tail_holds(self.path, text.encode()):
            check.true(f"{text} did not come in {deadline} s", time.monotonic() < end)
            time.sleep(FILE_LOOK_SECONDS)

    def stop(self):
        self._process.kill(signal.SIGTERM)
        check.equal(f"exit status of the daemon (it said: {self.said()})", self._process.wait(READY_SECONDS), 0)

    def close(self):
        self._process.close()
        self._notify.close()
        self._stderr.close()


def _tail_holds(path, text):
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 65536))
        return text in file.read()


class Execsnoop:
    """bcc's, in C with libbpf."""

    def __init__(self, world):
        check.true("execsnoop of libbpf-tools is not installed", os.access(EXECSNOOP, os.X_OK))
        self.path = os.path.join(world.scratch(), "records")

        def setup():
            os.dup2(os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o644), 1)
            os.dup2(os.open(self.path + ".errors", os.O_WRONLY | os.O_CREAT, 0o644), 2)

        self._process = world.start(EXECSNOOP, [EXECSNOOP], setup)
        self.pid = self._process.pid
        self._wait_recording(world)

    def _wait_recording(self, world):
        """It does not say when it is ready: its output, which it holds back, grows once it is."""
        end = time.monotonic() + READY_SECONDS
        while os.stat(self.path).st_size == 0:
            check.true(f"execsnoop ended with {self._process.status}", self._process.status is None)
            check.true(f"execsnoop recorded nothing in {READY_SECONDS} s", time.monotonic() < end)
            world.execute("ready?")
            world.loop.turn(0.01)

    def cpu_ns(self):
        return processes.cpu_ns(self.pid)

    def stop(self):
        self._process.kill(signal.SIGINT)
        self._process.wait(READY_SECONDS)

    def close(self):
        self._process.close()


def journal_numbers(journal, mark):
    """What of a storm a journal holds."""
    numbers = Numbers(mark)
    command = ["journalctl", "-D", journal.directory, "-o", "cat", "--all", "--output-fields=EXEC_ARGV"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        while data := process.stdout.read(1 << 24):
            numbers.take(data)
    check.equal("exit status of journalctl", process.returncode, 0)
    return numbers

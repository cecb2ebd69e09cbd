# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes that execute what a test wants, in the state that it wants."""

import fcntl
import os
import signal
import sys
import traceback

from lib import check, kernel
from lib.loop import DEADLINE

REPORT_FD = 100  # at least: the low numbers are the child's to use
PLAIN_ENVIRONMENT = {b"PATH": b"/usr/sbin:/usr/bin:/sbin:/bin"}


class Child:
    """A process between its exec and its end."""

    def __init__(self, loop, pid, stdin=None, stdout=None):
        self.pid = pid
        self.status = None
        self.output = b""
        self.on_output = None  # takes the output in the place of `output`
        self._loop = loop
        self._stdin = stdin
        self._stdout = stdout
        self._pidfd = os.pidfd_open(pid)
        self._ended = False
        loop.add(self._pidfd, self._on_end)
        if stdout is not None:
            os.set_blocking(stdout, False)
            loop.add(stdout, self._on_output)

    def _on_end(self):
        self._loop.remove(self._pidfd)
        os.close(self._pidfd)
        _, status = os.waitpid(self.pid, 0)
        self.status = os.waitstatus_to_exitcode(status)
        self._ended = True

    def _on_output(self):
        data = os.read(self._stdout, 1 << 20)
        if self.on_output:
            self.on_output(self.output + data)
            self.output = b""
        else:
            self.output += data
        if not data:
            self._loop.remove(self._stdout)
            os.close(self._stdout)
            self._stdout = None

    def wait(self, deadline=DEADLINE):
        """Waits for the end of the process and of its output; its exit status, or minus the signal."""
        self.release()
        self._loop.until(
            lambda: self._ended and self._stdout is None, f"the end of process {self.pid}", deadline)
        return self.status

    def wait_output(self, expected):
        self._loop.until(
            lambda: expected in self.output or self._ended, f"{expected} from process {self.pid}")
        check.true(f"process {self.pid} ended with {self.status} before it wrote {expected}",
                   expected in self.output)

    def write(self, data):
        """To its standard input."""
        os.write(self._stdin, data)

    def release(self):
        """Closes its standard input."""
        if self._stdin is not None:
            os.close(self._stdin)
            self._stdin = None

    def kill(self, number=signal.SIGKILL):
        if not self._ended:
            os.kill(self.pid, number)

    def close(self):
        self.kill()
        self.wait()


def _child_side(execute, setup, stdin, stdout, report):
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY) if stdin is None else stdin, 0)
        if stdout is not None:
            os.dup2(stdout, 1)
        if setup is not None:
            setup()
        execute()
    except BaseException:  # whatever it is, the parent has to hear of it and no frame above may run
        os.write(report, traceback.format_exc().encode())
    finally:
        os._exit(127)


def start(loop, execute, setup=None, stdin=False, stdout=False):
    """
    Forks, calls setup() and then execute(), which ends in an exec. Returns a Child once that exec has happened.
    With `stdin` the child has a pipe that release() closes, with `stdout` one whose bytes come to Child.output.
    """
    sys.stdout.flush()
    report_read, low = os.pipe()
    report_write = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, REPORT_FD)
    os.close(low)
    stdin_read, stdin_write = os.pipe() if stdin else (None, None)
    stdout_read, stdout_write = os.pipe() if stdout else (None, None)
    pid = os.fork()
    if pid == 0:
        _child_side(execute, setup, stdin_read, stdout_write, report_write)
    for fd in (report_write, stdin_read, stdout_write):
        if fd is not None:
            os.close(fd)
    with os.fdopen(report_read, "rb") as report:
        trouble = report.read()
    child = Child(loop, pid, stdin_write, stdout_read)
    if trouble:
        child.wait()
        raise ChildError(trouble.decode(errors="replace"))
    return child


def written(file):
    """What a process has written to a file that it was given. Its position is the process's, too, and stays."""
    fd = file.fileno()
    return os.pread(fd, os.fstat(fd).st_size, 0).decode(errors="replace")


def fork_on():
    """In a setup(): what follows runs in a child. The caller waits for it and ends with its status."""
    pid = os.fork()
    if pid:
        os.closerange(0, 4096)
        _, status = os.waitpid(pid, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


class ChildError(Exception):
    """The child could not be made to execute anything."""


def executor(path, argv, env=None):
    if isinstance(env, list):  # the strings, as they are
        return lambda: kernel.execve(path, argv, env)
    environment = dict(PLAIN_ENVIRONMENT)
    environment.update(env or {})
    return lambda: kernel.execve(path, argv, environment)

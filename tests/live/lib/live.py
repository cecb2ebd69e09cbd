# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test is handed: the programs, the daemon, and ways to execute and to observe."""

import contextlib
import itertools
import os
import shutil
import subprocess
import tempfile

from lib import check, child, epoch, plan
from lib.daemon import Daemon, argv_of
from lib.loop import DEADLINE, Loop

JOB_SECONDS = 0.02  # more than an exec takes on a machine that is busy


class Live:
    def __init__(self, build):
        self.build = build
        self.loop = Loop()
        self.note = ""  # what a test has to say though it passed
        self._tracer = None
        self._tokens = itertools.count(1)
        self._files = itertools.count(1)
        self._run_stack = contextlib.ExitStack()
        self._test_stack = contextlib.ExitStack()
        self._directory = tempfile.mkdtemp(prefix="exectraced-live-")
        os.chmod(self._directory, 0o755)
        # Not by shutil, which calls itself for each level and gives up in a deep tree.
        self._run_stack.callback(subprocess.run, ["rm", "-rf", "--", self._directory], check=True)

        # Copies: the tests execute them as other users, too, who may not enter every clone.
        self.program = os.fsdecode(self._copy_program(os.path.join(build, "exectraced")))
        self.file_reader = os.fsdecode(self._copy_program(os.path.join(build, "exectraced-file-reader")))
        self.target = self.actor("target")
        self.caller = self.actor("caller")
        self.racer = self.actor("racer")

    def _copy_program(self, path):
        return os.fsencode(shutil.copy(path, self._directory))

    def actor(self, name):
        """A copy of one of the programs that tests execute."""
        path = os.path.join(self._directory, name)
        if not os.path.exists(path):
            self._copy_program(os.path.join(self.build, "tests", "live", name))
        return os.fsencode(path)

    # The life of a test

    def begin(self):
        self.note = ""
        epoch.renew()
        self._test_stack = contextlib.ExitStack()
        if self._tracer:
            self._tracer.records.clear()

    def end(self):
        self._test_stack.close()

    def close(self):
        self._run_stack.close()

    def cleanup(self, function, *arguments):
        """Called at the end of the test, whatever became of it, in reverse order."""
        self._test_stack.callback(function, *arguments)

    def entered(self, context):
        return self._test_stack.enter_context(context)

    # Files

    def token(self):
        """Bytes that no other process of this machine has among its arguments."""
        return b"token-%d-%d" % (os.getpid(), next(self._tokens))

    def scratch(self):
        """A new directory that everybody may enter."""
        path = os.path.join(self._directory, f"d{next(self._files)}")
        os.mkdir(path, 0o755)
        return os.fsencode(path)

    def write_file(self, name, content):
        """A new file that is called `name`, in a directory of its own."""
        path = os.path.join(os.fsdecode(self.scratch()), os.fsdecode(name))
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path

    def script(self, interpreter_line, name="script"):
        path = self.write_file(name, b"#!" + interpreter_line + b"\n")
        os.chmod(path, 0o755)
        return os.fsencode(path)

    def copy(self, source, directory=None, name=b"program", mode=0o755, owner=(0, 0)):
        path = os.path.join(directory or self.scratch(), name)
        shutil.copyfile(source, path)
        os.chown(path, *owner)
        os.chmod(path, mode)
        return path

    def copy_target(self, *arguments, **how):
        return self.copy(self.target, *arguments, **how)

    # Daemons

    @property
    def tracer(self):
        """The daemon that most tests share: everything at its default, but each failure is recorded, and at once."""
        if not self._tracer:
            self._tracer = Daemon(self, "[Trace]\nFailures=all\n")
            self._run_stack.callback(self._tracer.close)
            self._tracer.wait_started()
        return self._tracer

    def daemon(self, config="", options=(), **how):
        """A daemon for this test only, which has started."""
        daemon = self.unready_daemon(config, options, **how)
        daemon.wait_started()
        return daemon

    def unready_daemon(self, config="", options=(), **how):
        daemon = Daemon(self, config, options, **how)
        self.cleanup(daemon.close)
        return daemon

    # Processes

    def start(self, path, argv, env=None, **how):
        """Starts a program; it has executed when this returns."""
        process = child.start(self.loop, child.executor(path, argv, env), **how)
        self.cleanup(process.close)
        return process

    def hold(self, argv, path=None, env=None, **how):
        """Starts target, which runs until it is released."""
        env = {b"TARGET": b"hold", **(env or {})}
        process = self.start(path or self.target, argv, env, stdin=True, stdout=True, **how)
        process.wait_output(b"runs\n")
        return process

    def run(self, path, argv, env=None, **how):
        """Runs a program to its end, which must be a good one."""
        process = self.start(path, argv, env, **how)
        check.equal(f"exit status of {os.fsdecode(path)}", process.wait(), 0)
        return process

    def execute_token(self, token):
        self.run(self.target, [b"sentinel", token])

    def run_jobs(self, jobs, untouched=False, **how):
        """Has caller execute the jobs. Returns the caller and the Results."""
        process, finish = self.start_jobs(jobs, untouched, **how)
        return process, finish()

    def start_jobs(self, jobs, untouched=False, **how):
        """The same without waiting: the caller, whose output grows by a line a job, and what waits for the results."""
        path = os.path.join(self.scratch(), b"plan")
        plan.write(path, jobs, untouched)
        process = self.start(self.actor(plan.caller(jobs)), [b"caller", path], stdout=True, **how)

        def finish():
            deadline = DEADLINE + len(jobs) * JOB_SECONDS
            check.equal("exit status of caller", process.wait(deadline), 0)
            return Results(process, jobs)

        return process, finish

    def become(self, job, **how):
        """Has caller do a job of Origin.SELF: a process that executes twice. Its output is the second program's."""
        path = os.path.join(self.scratch(), b"plan")
        plan.write(path, [job])
        return self.run(self.actor(plan.caller([job])), [b"caller", path, b"0"], stdout=True, **how)

    # Observation

    def observe(self, action, daemon=None):
        """
        Returns what action() returned, and all records from before it to after it: a sentinel that is executed
        afterwards has been recorded, so nothing of the action can be under way any more.
        """
        daemon = daemon or self.tracer
        begin = len(daemon.records)
        result = action()
        token = self.token()
        daemon.sentinel(token)
        daemon.wait_record(lambda r: token in argv_of(r), "the sentinel's record", begin)
        return result, daemon.records[begin:]

    def one(self, path, argv, daemon=None, **how):
        """Runs a program; its one record."""
        process, records = self.observe(lambda: self.run(path, argv, **how), daemon)
        return self.only(records, process.pid)

    def only(self, records, pid, parent=None):
        """The one record of a child of ours, or of `parent`, failures aside."""
        parent = parent or os.getpid()
        mine = [r for r in records if r["pid"] == pid and r["ppid"] == parent and "error" not in r]
        check.equal("number of records of the process", len(mine), 1)
        return mine[0]

    def one_by(self, job, daemon=None, untouched=False, **how):
        """The one record of a job that caller does."""
        (caller, results), records = self.observe(lambda: self.run_jobs([job], untouched, **how), daemon)
        pid, status, error = results[0]
        if error:
            raise OSError(error, f"{job.way.name} by {job.origin.name}: {os.strerror(error)}")
        check.equal("wait status of the job", status, 0)
        return self.only(records, pid, caller.pid)

    def with_token(self, records, token):
        return [r for r in records if token in argv_of(r)]

    # What this machine can do

    def need_compat(self):
        """Skips the test where no 32-bit system call can be made."""
        jobs = [plan.Job(self.target, [b"probe"], plan.Way.COMPAT)]
        name = plan.caller(jobs)
        if not os.path.exists(os.path.join(self.build, "tests", "live", name)):
            raise check.Skip(f"{name} is not built: there was no compiler for 32-bit programs")
        try:
            _, results = self.run_jobs(jobs)
        except child.ChildError as error:
            raise check.Skip("this CPU or this kernel runs no 32-bit programs") from error
        if results[0][1] != 0:
            raise check.Skip("this kernel takes no 32-bit system calls from a 64-bit program")


class Results(list):
    """(pid, wait status, errno) of each job that a caller did."""

    def __init__(self, caller, jobs):
        super().__init__(tuple(map(int, line.split())) for line in caller.output.splitlines())
        check.equal("jobs that were done", len(self), len(jobs))
        self.parent = caller.pid
        self.pids = [pid for pid, _, _ in self]

    def of(self, records):
        """The records of these jobs. On a busy machine the kernel may give a pid to somebody else before long."""
        pids = set(self.pids)
        return [r for r in records if r.get("pid") in pids and r["ppid"] == self.parent]

    def check(self, what, records):
        """Each job has executed once, in their order."""
        check.equal(what, [r["pid"] for r in self.of(records) if "error" not in r], self.pids)

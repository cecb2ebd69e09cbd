# SPDX-License-Identifier: GPL-2.0-or-later
"""What the live tests don't look at: rights, lockdown, and what each way of seeing failures says that it can't see."""

import errno
import itertools
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile

from lib import child, exact, kernel, plan

LOCKDOWN = pathlib.Path("/sys/kernel/security/lockdown")
PARANOID = pathlib.Path("/proc/sys/kernel/perf_event_paranoid")
UNAVAILABLE = 77
WAYS = (plan.Way.EXECVE, plan.Way.EXECVEAT, plan.Way.COMPAT, plan.Way.COMPAT_AT)


class Failure(Exception):
    pass


def equal(what, got, expected):
    if got != expected:
        raise Failure(f"{what}: {got!r}, expected {expected!r}")


class Daemon:
    """Started with -f json; it records when this returns. `unit`: with the unit's privileges."""

    def __init__(self, program, hook="auto", unit=False):
        self._stderr = tempfile.TemporaryFile()
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            file.write(f"[Trace]\nFailures=all\nSyscallHook={hook}\n")
            file.flush()
            self._process = subprocess.Popen(
                [program, f"--config={file.name}", "-f", "json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=self._stderr, text=True, preexec_fn=kernel.unit_privileges if unit else None)
            line = self._process.stdout.readline()
        if not line:
            raise Failure(f"the daemon ended with {self._process.wait()}: {self.said()}")
        self.started = json.loads(line)
        equal("first event", self.started.get("event"), "started")

    def check_hooks(self, hook, not_covered):
        """None: no way of seeing failures."""
        equal("hooks", self.started.get("exectraced_hooks"), " ".join(filter(None, ("sched_process_exec task_rename", hook))))
        equal("what is not covered", self.started.get("exectraced_not_covered"), not_covered)

    def said(self):
        return child.written(self._stderr)

    def stop(self):
        """All that it has written since it started, with the totals as the last."""
        self._process.send_signal(signal.SIGTERM)
        output, _ = self._process.communicate()
        equal(f"exit status ({self.said()})", self._process.returncode, 0)
        return [json.loads(line) for line in output.splitlines()]


def one_program(daemon):
    """One program from start to stop, which executes another, and all that is to be said of it."""
    marker = ["/usr/bin/env", "-u", "NOTHING", "/bin/true", "", "two words", "li\nne", "\udcff"]
    with subprocess.Popen(marker, cwd="/usr/share", user=4711, group=4712, extra_groups=[],
                          stdin=subprocess.DEVNULL) as process:
        equal("exit status of the program", process.wait(), 0)
    written = daemon.stop()

    # What ran before has no number.
    records = [r for r in written if "event" not in r and "running" not in r.get("flags", [])]
    first, second = [r for r in records if r["pid"] == process.pid]
    equal("arguments of the first", exact.restore(first)["argv"], marker)
    equal("filename of the first", first["filename"], "/usr/bin/env")
    equal("arguments of the second", exact.restore(second)["argv"], marker[3:])
    equal("exe of the second", second["exe"], os.path.realpath("/bin/true"))
    for key, value in {"ppid": os.getpid(), "uid": 4711, "gid": 4712, "cwd": "/usr/share", "comm": "env",
                       "parent_comm": "run", "truncated": False}.items():
        equal(f"{key} of the second", second[key], value)
    equal("identity", second["process"], first["process"])

    numbers = sorted(r["seq"] for r in records)
    equal("numbers", numbers, list(range(1, len(records) + 1)))
    stopped = written[-1]
    equal("last event", stopped.get("event"), "stopped")
    equal("totals", {k: stopped[k] for k in ("exec_recorded", "exec_lost", "exec_suppressed")},
          {"exec_recorded": len(records), "exec_lost": 0, "exec_suppressed": 0})


def failures(build, daemon, seen):
    """Execs that fail, by each system call; those of the ways in `seen` are recorded."""
    arguments = [[b"fails", b"%d" % way, b"", b"two words", *[b"x"] * 300] for way in WAYS]
    jobs = [plan.Job(b"/nonexistent/program", a, way) for a, way in zip(arguments, WAYS)]
    results = []
    for caller, part in itertools.groupby(jobs, lambda job: plan.caller([job])):
        with tempfile.NamedTemporaryFile() as file:
            plan.write(file.name, list(part))
            made = subprocess.run([build / "tests/live" / caller, file.name], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, check=True)
        results += [tuple(map(int, line.split())) for line in made.stdout.splitlines()]
    equal("errors", [error for _, _, error in results], [errno.ENOENT] * len(WAYS))

    records = {r["pid"]: r for r in daemon.stop() if r.get("error")}
    equal("ways that were recorded", [w.name for w, (pid, _, _) in zip(WAYS, results) if pid in records],
          [w.name for w in seen])
    for way, given, (pid, _, _) in zip(WAYS, arguments, results):
        if way in seen:
            record = records[pid]
            equal("errno and error", (record["errno"], record["error"]), (errno.ENOENT, "ENOENT"))
            equal("filename", record["filename"], "/nonexistent/program")
            equal("arguments", record["argv"], [a.decode() for a in given])
            equal("truncated", record["truncated"], False)
            equal("a 32-bit call", "compat" in record.get("flags", []), way in plan.COMPAT_WAYS)


def lockdown():
    return re.search(r"\[(\w+)\]", LOCKDOWN.read_text(encoding="ascii"))[1]


def lock_down(level):
    """There is no way back. It may have been booted so."""
    if lockdown() != level:
        LOCKDOWN.write_text(level, encoding="ascii")
    equal("lockdown", lockdown(), level)


class KernelTests:
    def __init__(self, build):
        self._build = build
        self._program = build / "exectraced"
        self._by_default = ("trampoline", None) if kernel.has_trampolines() else (None, "failed execs")

    def test_unit_capabilities(self):
        """Debian restricts perf_event_open() to CAP_SYS_ADMIN."""
        equal("kernel.perf_event_paranoid", PARANOID.read_text(encoding="ascii").strip(), "3")
        daemon = Daemon(self._program, unit=True)
        daemon.check_hooks(*self._by_default)
        one_program(daemon)

    def test_unit_failures_by_tracepoint(self):
        """They need perf_event_open(): the daemon says what is missing, and all that runs is recorded."""
        daemon = Daemon(self._program, "tracepoint", unit=True)
        daemon.check_hooks(None, "failed execs")
        if "kernel.perf_event_paranoid" not in daemon.said():
            raise Failure(f"not a word of kernel.perf_event_paranoid: {daemon.said()}")
        one_program(daemon)

    def test_failures_by_trampoline(self):
        daemon = Daemon(self._program, "trampoline", unit=True)
        daemon.check_hooks("trampoline", None)
        failures(self._build, daemon, WAYS)

    def test_no_trampolines(self):
        """The daemon says that failures are not recorded, why, and what is to be done; all that runs is recorded."""
        daemon = Daemon(self._program, "trampoline", unit=True)
        daemon.check_hooks(None, "failed execs")
        for what in "trampolines (it has none for this architecture)", "SyscallHook=tracepoint":
            if what not in daemon.said():
                raise Failure(f"not a word of {what}: {daemon.said()}")
        one_program(daemon)

    def test_failures_by_tracepoint(self):
        daemon = Daemon(self._program, "tracepoint")
        daemon.check_hooks("tracepoint", "failed execs of 32-bit callers")
        failures(self._build, daemon, (plan.Way.EXECVE, plan.Way.EXECVEAT))

    def test_lockdown_integrity(self):
        lock_down("integrity")
        for hook, expected in ("auto", self._by_default), ("tracepoint", ("tracepoint", "failed execs of 32-bit callers")):
            daemon = Daemon(self._program, hook)
            daemon.check_hooks(*expected)
            one_program(daemon)

    def test_lockdown_confidentiality(self):
        """Nothing that reads the kernel's memory is loaded: one line says so."""
        lock_down("confidentiality")
        ended = subprocess.run([self._program, "-f", "json"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                               check=False)
        equal(f"exit status ({ended.stderr})", ended.returncode, UNAVAILABLE)
        equal("standard output", ended.stdout, "")
        equal(f"lines on standard error ({ended.stderr})", len(ended.stderr.splitlines()), 1)
        if "locked down" not in ended.stderr or "boot with" not in ended.stderr:
            raise Failure(f"neither what it is nor what to do: {ended.stderr}")

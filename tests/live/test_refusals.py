# SPDX-License-Identifier: GPL-2.0-or-later
"""What the daemon says when it can't run, and how it ends."""

import os
import re
import socket
import subprocess

from lib import check, kernel

USAGE = 64
UNAVAILABLE = 77
BAD_CONFIGURATION = 78


class Attempt:
    """One run of the daemon that ends by itself."""

    def __init__(self, live, options, setup=None, env=None):
        # A copy where everybody may execute it, wherever the build is.
        program = os.fsdecode(live.copy(live.program, name=b"exectraced"))
        result = subprocess.run([program, *options], stdin=subprocess.DEVNULL, capture_output=True, check=False,
                                timeout=60, preexec_fn=setup, env={"PATH": "/usr/bin:/bin", **(env or {})})
        self.status = result.returncode
        self.stdout = result.stdout.decode()
        self.stderr = result.stderr.decode()


def refused(live, status, said, options=("-f", "json"), setup=None):
    """It ends with this status and says one line on standard error, none on standard output."""
    path = live.write_file("exectraced.conf", "")
    attempt = Attempt(live, [f"--config={path}", *options], setup)
    check.equal(f"exit status (it said: {attempt.stderr!r})", attempt.status, status)
    check.equal("standard output", attempt.stdout, "")
    check.equal(f"lines on standard error: {attempt.stderr!r}", len(attempt.stderr.splitlines()), 1)
    check.true(f"{said} is not in: {attempt.stderr!r}", re.search(said, attempt.stderr, re.IGNORECASE))


def test_not_root(live):
    refused(live, UNAVAILABLE, "root", setup=lambda: kernel.become(65534, 65534))


def test_not_root_for_the_journal(live):
    refused(live, UNAVAILABLE, "root", options=(), setup=lambda: kernel.become(65534, 65534))


def test_without_cap_bpf(live):
    refused(live, UNAVAILABLE, "CAP_BPF",
            setup=lambda: kernel.drop_from_bounding_set(kernel.CAP_SYS_ADMIN, kernel.CAP_BPF))


def test_without_cap_perfmon(live):
    refused(live, UNAVAILABLE, "CAP_PERFMON",
            setup=lambda: kernel.drop_from_bounding_set(kernel.CAP_SYS_ADMIN, kernel.CAP_PERFMON))


def test_root_of_a_user_namespace(live):
    """All capabilities, none of which counts: what is missing, and what to do about it."""
    if not os.path.exists("/proc/self/ns/user"):
        raise check.Skip("this kernel has no user namespaces")
    with open("/proc/self/ns/user", "rb") as file:
        if os.fstat(file.fileno()).st_ino != 0xEFFFFFFD:
            raise check.Skip("these tests are in a user namespace themselves")

    def setup():
        kernel.unshare(kernel.CLONE_NEWUSER)

    refused(live, UNAVAILABLE, "user namespace.*: run it outside", setup=setup)


def test_enough_capabilities(live):
    """CAP_BPF and CAP_PERFMON are all that recording takes, also for another user."""
    def setup():
        kernel.become_with_ambient(65534, 65534, [kernel.CAP_BPF, kernel.CAP_PERFMON])

    program = live.copy(live.program, name=b"exectraced")
    daemon = live.daemon(setup=setup, program=program)
    live.one(live.target, [b"few capabilities"], daemon)
    daemon.stop()


def hidden_by(live, path, content):
    """A setup() that shows this directory instead of the one at `path`."""
    if not os.path.isdir(path):
        raise check.Skip(f"there is no {path} to hide")
    directory = live.scratch()
    for name, text in content.items():
        with open(os.path.join(os.fsdecode(directory), name), "w", encoding="ascii") as file:
            file.write(text)

    def setup():
        kernel.private_mounts()
        kernel.bind(directory, path)

    return setup


def test_without_btf(live):
    refused(live, UNAVAILABLE, "BTF", setup=hidden_by(live, "/sys/kernel/btf", {}))


def test_lockdown(live):
    setup = hidden_by(live, "/sys/kernel/security", {"lockdown": "none integrity [confidentiality]\n"})
    refused(live, UNAVAILABLE, "lock", setup=setup)


def test_lockdown_that_lets_it_work(live):
    setup = hidden_by(live, "/sys/kernel/security", {"lockdown": "none [integrity] confidentiality\n"})
    daemon = live.daemon(setup=setup)
    live.one(live.target, [b"integrity"], daemon)
    daemon.stop()


def test_no_tracefs(live):
    """It needs none."""
    daemon = live.daemon(setup=hidden_by(live, "/sys/kernel/tracing", {}))
    live.one(live.target, [b"no tracefs"], daemon)
    daemon.stop()


def hidden_run_and_dev(live):
    """A machine with neither journald nor a syslog daemon."""
    run, dev = live.scratch(), live.scratch()
    os.mknod(os.path.join(dev, b"null"), 0o20666, os.makedev(1, 3))

    def setup():
        kernel.private_mounts()
        kernel.bind(run, "/run")
        kernel.bind(dev, "/dev")

    return setup


def test_no_journal(live):
    path = live.write_file("exectraced.conf", "[Output]\nTarget=journal\n")
    refused(live, 1, "journal", options=(f"--config={path}",), setup=hidden_run_and_dev(live))


def test_nowhere_to_record(live):
    refused(live, 1, "journal|syslog", options=(), setup=hidden_run_and_dev(live))


def test_bad_options(live):
    for options in (["--nonsense"], ["-f"], ["-f", "xml"], ["--pid-ns=x"], ["--pid-ns="], ["-p", "all"], ["--pid-ns=-1"],
                    ["--output="], ["argument"], ["-p", "99999999999"]):
        attempt = Attempt(live, options)
        check.equal(f"exit status with {options}", attempt.status, USAGE)
        check.true(f"nothing on standard error with {options}", attempt.stderr)
        check.equal("standard output", attempt.stdout, "")


BAD_LINES = {
    "[Trace]\nArgumentBytes=lots": (2, "ArgumentBytes"),
    "[Trace]\nArgumentBytes=2M": (2, "ArgumentBytes"),
    "[Trace]\nArgumentBytes=1": (2, "ArgumentBytes"),
    "[Trace]\n\nEventBuffer=100000": (3, "EventBuffer"),
    "[Trace]\nPidNamespace=mine": (2, "PidNamespace"),
    "[Trace]\nFailures=maybe": (2, "Failures"),
    "[Filter]\nIncludeUser=9-1": (2, "IncludeUser"),
    "[Output]\nTarget=printer": (2, "Target"),
    "[Output]\nPriority=9": (2, "Priority"),
    "[Output]\nFacility=nonsense": (2, "Facility"),
    "[Output]\nLabel=lower=x": (2, "Label"),
    "[Output]\nLabel=NOVALUE": (2, "Label"),
    "[Output]\nRedact=(": (2, "Redact"),
    "[Output]\nRedact=x*": (2, "Redact"),
    "[Output]\nEnvironment=A=B": (2, "Environment"),
}


def test_bad_configuration(live):
    """File, line, key; the same whether it is to run or only to check."""
    for text, (line, key) in BAD_LINES.items():
        path = live.write_file("exectraced.conf", text + "\n")
        for options in (["--check-config"], ["-f", "json"]):
            attempt = Attempt(live, [f"--config={path}", *options])
            check.equal(f"exit status with {text!r}", attempt.status, BAD_CONFIGURATION)
            check.true(f"no {path}:{line} and {key} in {attempt.stderr!r}",
                       f"{path}:{line}" in attempt.stderr and key in attempt.stderr)
            check.equal("standard output", attempt.stdout, "")


def test_missing_configuration(live):
    for options in (["--check-config"], ["-f", "json"]):
        attempt = Attempt(live, ["--config=/nonexistent/exectraced.conf", *options])
        check.equal("exit status", attempt.status, BAD_CONFIGURATION)
        check.true(f"said: {attempt.stderr!r}", "/nonexistent/exectraced.conf" in attempt.stderr)


def test_configuration_that_blocks(live):
    """A FIFO, a socket and a terminal are refused at once, wherever they are read from."""
    directory = os.fsdecode(live.scratch())
    fifo = os.path.join(directory, "fifo")
    os.mkfifo(fifo)
    path = os.path.join(directory, "socket")
    listener = socket.socket(socket.AF_UNIX)
    live.cleanup(listener.close)
    listener.bind(path)
    main, terminal = os.openpty()
    live.cleanup(os.close, main)
    live.cleanup(os.close, terminal)
    for name in (fifo, path, os.ttyname(terminal)):
        for options in (["--check-config"], ["-f", "json"]):
            attempt = Attempt(live, [f"--config={name}", *options])
            check.equal(f"exit status ({attempt.stderr!r})", attempt.status, BAD_CONFIGURATION)
            check.true(f"said: {attempt.stderr!r}", name in attempt.stderr)


def test_secret_of_a_bad_pattern(live):
    """What is wrong with a pattern is said without the pattern."""
    path = live.write_file("exectraced.conf", "[Output]\nRedact=hunter2(\n")
    attempt = Attempt(live, [f"--config={path}", "--check-config"])
    check.equal("exit status", attempt.status, BAD_CONFIGURATION)
    check.true(f"said: {attempt.stderr!r}", f"{path}:2" in attempt.stderr and "hunter2" not in attempt.stderr)


def test_check_config(live):
    """Needs no privileges; a warning is no error."""
    def nobody():
        kernel.become(65534, 65534)

    good = live.write_file("good.conf", "[Trace]\nArgumentBytes=64K\n")
    attempt = Attempt(live, [f"--config={good}", "--check-config"], nobody)
    check.equal(f"exit status ({attempt.stderr!r})", attempt.status, 0)
    check.equal("standard error", attempt.stderr, "")

    warned = live.write_file("warned.conf", "[Trace]\nSpelling=wrong\n")
    attempt = Attempt(live, [f"--config={warned}", "--check-config"], nobody)
    check.equal("exit status with a warning", attempt.status, 0)
    check.true(f"no warning: {attempt.stderr!r}", f"{warned}:2" in attempt.stderr + attempt.stdout)


def test_check_config_without_the_target(live):
    """A socket that is not there: a warning to whoever checks, and an error to `systemctl reload`."""
    nothing = live.scratch()

    def setup():
        kernel.private_mounts()
        kernel.bind(nothing, "/run")
        kernel.bind(nothing, "/dev")

    for target, path in (("journal", "/run/systemd/journal/socket"), ("syslog", "/dev/log"), ("auto", "/dev/log")):
        config = live.write_file("target.conf", f"[Output]\nTarget={target}\n")
        attempt = Attempt(live, [f"--config={config}", "--check-config"], setup)
        check.equal(f"exit status ({attempt.stderr!r})", attempt.status, 0)
        check.equal(f"said of {target}: {attempt.stderr!r}", path in attempt.stderr, target != "auto")
        attempt = Attempt(live, [f"--config={config}", "--check-config"], setup, {"MAINPID": "1"})
        check.equal(f"exit status at a reload ({attempt.stderr!r})", attempt.status, BAD_CONFIGURATION)
        check.true(f"said of {target}: {attempt.stderr!r}", path in attempt.stderr)


def test_check_config_with_the_rights_of_the_service(live):
    """A file that only its owner may read, who is not root, is an error already when it is checked."""
    path = live.write_file("private.conf", "[Output]\nLabel=A=b\n")
    os.chown(path, 65534, 65534)
    os.chmod(path, 0o600)
    attempt = Attempt(live, [f"--config={path}", "--check-config"])
    check.equal(f"exit status ({attempt.stderr!r})", attempt.status, BAD_CONFIGURATION)
    check.true(f"said: {attempt.stderr!r}", path in attempt.stderr)
    os.chown(path, 0, 0)
    check.equal("exit status", Attempt(live, [f"--config={path}", "--check-config"]).status, 0)


def test_help_and_version(live):
    attempt = Attempt(live, ["--help"])
    check.equal("exit status", attempt.status, 0)
    check.equal("standard error", attempt.stderr, "")
    for option in ("--output", "--pid-ns", "--config", "--check-config", "--help", "--version"):
        check.true(f"--help does not name {option}", option in attempt.stdout)
    attempt = Attempt(live, ["--version"])
    check.equal("exit status", attempt.status, 0)
    check.true(f"--version: {attempt.stdout!r}", re.match(r"exectraced \d+\.\d+", attempt.stdout))

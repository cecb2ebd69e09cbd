# SPDX-License-Identifier: GPL-2.0-or-later
"""A systemd-journald of one's own, in a private mount namespace, and what it wrote."""

import json
import os
import signal
import socket

from lib import check, child, exact, kernel
from lib.daemon import Notify
from lib.loop import DEADLINE

SENTINELS = 4

PROGRAMS = ("/lib/systemd/systemd-journald", "/usr/lib/systemd/systemd-journald")
CONFIGURATION = """[Journal]
Storage=volatile
RuntimeMaxUse=2G
RateLimitIntervalSec=0
RateLimitBurst=0
ForwardToSyslog=no
ForwardToKMsg=no
ForwardToConsole=no
ForwardToWall=no
ReadKMsg=no
Audit=no
"""
# How many datagrams wait for a reader: what systemd sets it to as process 1. The kernel's own default is 10.
QUEUE_SYSCTL, QUEUE_DATAGRAMS = "/proc/sys/net/unix/max_dgram_qlen", 512
LISTEN_FDS_START = 3
SOCKETS = (("socket", socket.SOCK_DGRAM), ("dev-log", socket.SOCK_DGRAM), ("stdout", socket.SOCK_STREAM))


def values(entry, name):
    """The values of a field, in bytes: journalctl writes what is not printable as numbers."""
    def one(value):
        return bytes(value) if isinstance(value, list) else value.encode()

    value = entry.get(name)
    if value is None:
        return []
    several = isinstance(value, list) and not all(isinstance(v, int) for v in value)
    return [one(v) for v in value] if several else [one(value)]


def value(entry, name):
    found = values(entry, name)
    check.equal(f"number of values of {name}", len(found), 1)
    return found[0]


def argv_of(entry):
    encoded = values(entry, "EXEC_ARGV_RAW")
    return exact.arguments(json.loads(value(entry, "EXEC_ARGV")), encoded[0] if encoded else None)


def queue_of_systemd():
    """While this holds, sockets are made with the limit that they have under systemd; they keep it."""
    return kernel.written(QUEUE_SYSCTL, str(QUEUE_DATAGRAMS))


class Journal:
    """
    `keep_sockets`: the sockets are held by the test as systemd holds them, and outlive journald; else journald makes
    them, and they are dead once it is.
    """

    def __init__(self, live, keep_sockets=True):
        self._live = live
        self._program = next((p for p in PROGRAMS if os.access(p, os.X_OK)), None)
        if not self._program:
            raise check.Skip("systemd-journald is not installed")
        self._run = live.scratch()
        self._sockets = []
        self.daemon = None
        self.process = None
        self.entries = []
        self._rest = b""
        self._make_namespace(keep_sockets)
        self.start()
        self._follow()

    def _make_namespace(self, keep_sockets):
        os.makedirs(os.path.join(self._run, b"systemd/journal"))
        configuration = self._live.write_file("journald.conf", CONFIGURATION)
        machine_id = self._live.write_file("machine-id", "0123456789abcdef0123456789abcdef\n")
        ours, theirs = socket.socketpair()

        def setup():
            kernel.private_mounts()
            kernel.bind(self._run, "/run")
            kernel.bind(configuration, "/etc/systemd/journald.conf")
            kernel.bind(machine_id, "/etc/machine-id")
            if keep_sockets:
                made = [self._make_socket(description) for description in SOCKETS]
                socket.send_fds(theirs, [b"x"], [s.fileno() for s in made])

        with ours, theirs:
            holder = self._live.hold([b"holds mounts"], setup=setup)
            if keep_sockets:
                _, self._sockets, _, _ = socket.recv_fds(ours, 1, len(SOCKETS))
        for fd in self._sockets:
            self._live.cleanup(os.close, fd)
        self._namespace = os.open(f"/proc/{holder.pid}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        self._live.cleanup(os.close, self._namespace)

    @staticmethod
    def _make_socket(description):
        name, kind = description
        made = socket.socket(socket.AF_UNIX, kind)
        made.bind(f"/run/systemd/journal/{name}")
        os.chmod(f"/run/systemd/journal/{name}", 0o666)
        if kind == socket.SOCK_STREAM:
            made.listen()
        return made

    def enter(self):
        """A setup() for what is to talk to this journal."""
        kernel.setns(self._namespace, kernel.CLONE_NEWNS)

    def connect_stream(self, identifier):
        """A descriptor for the standard error of a service, and the value of its JOURNAL_STREAM."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(os.path.join(self._run, b"systemd/journal/stdout"))
        # identifier, unit, priority, priorities in lines, forward to syslog, kmsg, console
        connection.sendall(identifier + b"\n\n6\n1\n0\n0\n0\n")
        st = os.fstat(connection.fileno())
        return connection.detach(), f"{st.st_dev}:{st.st_ino}"

    def start(self):
        """Starts journald and waits until it says that it is ready."""
        notify = Notify(self._live.loop)
        env = {"PATH": "/usr/bin:/bin", "NOTIFY_SOCKET": notify.address}

        def execute():
            if self._sockets:
                env.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(self._sockets)))
            # By way of high numbers: no source must be in the place of another's target.
            high = [os.dup2(fd, 200 + i) for i, fd in enumerate(self._sockets)]
            for i, fd in enumerate(high):
                os.dup2(fd, LISTEN_FDS_START + i)
                os.close(fd)
            os.execve(self._program, [self._program], env)

        self.process = child.start(self._live.loop, execute, self.enter)
        self._live.cleanup(self.process.close)
        self._live.loop.until(
            lambda: notify.has("READY=1") or self.process.status is not None, "journald's start")
        notify.close()
        check.equal("status of journald", self.process.status, None)

    def stop(self):
        self.process.kill(signal.SIGTERM)
        check.equal("exit status of journald", self.process.wait(), 0)

    def directory(self):
        return os.path.join(os.fsdecode(self._run), "log/journal")

    def _follow(self):
        arguments = ["journalctl", "-D", self.directory(), "-f", "--no-tail", "--all", "-o", "json"]
        follower = self._live.start("/usr/bin/journalctl", arguments, stdout=True)
        follower.on_output = self._on_output

    def _on_output(self, data):
        *lines, self._rest = (self._rest + data).split(b"\n")
        self.entries.extend(json.loads(line) for line in lines if line)

    def trace(self, config="", setup=None, **how):
        """Starts a daemon that records here; setup() is called in its process before it is executed."""
        def prepare():
            self.enter()
            if setup is not None:
                setup()

        self.daemon = self._live.daemon(
            f"{config}\n[Output]\nTarget=journal\n", output=None, setup=prepare, **how)
        return self.daemon

    def trace_unready(self, config="", **how):
        """The same without waiting for its start."""
        self.daemon = self._live.unready_daemon(
            f"{config}\n[Output]\nTarget=journal\n", output=None, setup=self.enter, **how)
        return self.daemon

    def records(self):
        """Every exec, those that failed, too."""
        return [e for e in self.entries if "EXEC_SEQ" in e and "EXECTRACED_EVENT" not in e]

    def execs(self):
        """Those that ran."""
        return [e for e in self.records() if "EXEC_ERRNO" not in e]

    def events(self, kind):
        return [e for e in self.entries if e.get("EXECTRACED_EVENT") == kind]

    def wait_entry(self, matches, what, deadline=2 * DEADLINE):
        state = {"next": 0}

        def found():
            while state["next"] < len(self.entries):
                entry = self.entries[state["next"]]
                state["next"] += 1
                if matches(entry):
                    return entry
            return None

        return self._live.loop.until(found, lambda: f"{what}; {self.daemon.state()}", deadline)

    def catch_up(self):
        """
        Everything that was executed until now has come through when this returns. A sentinel may be lost like anything
        else, where the ring is small and the machine busy: then there is another one.
        """
        tokens = []
        for left in reversed(range(SENTINELS)):
            tokens.append(self._live.token().decode())
            self._live.execute_token(tokens[-1].encode())
            try:
                self.wait_entry(lambda e: any(token in e.get("EXEC_ARGV", "") for token in tokens), "a sentinel's entry",
                                2 * DEADLINE / SENTINELS)
                return
            except check.Failure:
                if left == 0:
                    raise

    def one(self, path, argv, **how):
        """Runs a program; its one entry."""
        process = self._live.run(path, argv, **how)
        self.catch_up()
        return self.of(process.pid)

    def of(self, pid, parent=None):
        """The one entry of a child of ours, or of `parent`."""
        ids = (str(pid), str(parent or os.getpid()))
        found = [e for e in self.execs() if (e["EXEC_PID"], e["EXEC_PPID"]) == ids]
        check.equal("number of entries of the process", len(found), 1)
        return found[0]

    def check_results(self, results):
        """Each job once and in their order."""
        results.check("entries", [{"pid": int(e["EXEC_PID"]), "ppid": int(e["EXEC_PPID"])} for e in self.execs()])

    def stop_trace(self):
        """Stops the daemon; its last entry, which must agree with the others."""
        self.daemon.stop()
        stopped = self.wait_entry(lambda e: e.get("EXECTRACED_EVENT") == "stopped", "the stopped record")
        check.balance([int(e["EXEC_SEQ"]) for e in self.records()], {
            key.lower(): stopped[key] for key in ("EXEC_RECORDED", "EXEC_LOST", "EXEC_SUPPRESSED")})
        return stopped

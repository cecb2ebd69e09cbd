# SPDX-License-Identifier: GPL-2.0-or-later
"""A syslog daemon's socket in a /dev of one's own, and a parser for what arrives."""

import functools
import json
import os
import re
import socket

from lib import check, exact, kernel
from lib.text import check_printable

DATAGRAM = re.compile(rb"<(?P<priority>\d+)>(?P<time>\w{3} [ \d]\d \d\d:\d\d:\d\d) (?P<tag>[^\s:\[]+)"
                      rb"(?:\[\d+\])?: (?P<text>.*)", re.DOTALL)
# The fields are what follows the message, from the first name that begins with EXEC to the end.
FIRST_PAIR = re.compile(rb"(?:^| )(?=EXEC[A-Z0-9_]*=)")
PAIR = re.compile(rb'([A-Z][A-Z0-9_]*)=("(?:[^"\\]|\\.)*"|[A-Za-z0-9_@%+:,./-]+)(?: |$)')
DATAGRAMS_IN_A_TURN = 100
QUEUE_SYSCTL = "/proc/sys/net/unix/max_dgram_qlen"
DEVICES = (("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9))


class Message:
    """One datagram: facility, priority, tag, and every field of its text in order."""

    def __init__(self, datagram):
        match = DATAGRAM.fullmatch(datagram.rstrip(b"\0\n"))
        check.true(f"not of the form <PRI>TIME TAG: TEXT: {check.shown(datagram)}", match)
        self.facility, self.priority = divmod(int(match["priority"]), 8)
        self.tag = match["tag"]
        self.text = match["text"]

    @functools.cached_property
    def pairs(self):
        """Only of those that are asked for: a receiver that is slow would hold up the daemon."""
        check_printable(self.text)
        return parse_pairs(self.text)

    def values(self, name):
        return [value for key, value in self.pairs if key == name]

    def value(self, name):
        found = self.values(name)
        check.equal(f"number of {name}=", len(found), 1)
        return found[0]

    def argv(self):
        encoded = self.values("EXEC_ARGV_RAW")
        return exact.arguments(json.loads(self.value("EXEC_ARGV")), encoded[0] if encoded else None)


def parse_pairs(text):
    begin = FIRST_PAIR.search(text)
    check.true(f"no fields in {check.shown(text)}", begin)
    pairs = []
    at = begin.end()
    while at < len(text):
        pair = PAIR.match(text, at)
        check.true(f"no NAME=value at {check.shown(text[at:])}", pair)
        name = pair[1].decode()
        value = json.loads(pair[2]).encode() if pair[2].startswith(b'"') else pair[2]
        before = pairs[-1] if pairs else ("", b"")
        if name == f"{before[0]}_RAW" and before[0] not in ("", "EXEC_ARGV"):
            pairs[-1] = (before[0], exact.decode(value, before[1].decode()))
        else:
            pairs.append((name, value))
        at = pair.end()
    return pairs


def queue_socket(length):
    """A datagram socket at which `length` datagrams wait at most. It is made in a network of its own."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        kernel.unshare(kernel.CLONE_NEWNET)
        with open(QUEUE_SYSCTL, "w", encoding="ascii") as file:
            file.write(str(length))
        made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        socket.send_fds(theirs, [b"x"], [made.fileno()])
        os._exit(0)
    with ours, theirs:
        _, status = os.waitpid(pid, 0)
        check.equal("status of who makes a socket", status, 0)
        _, fds, _, _ = socket.recv_fds(ours, 1, 1)
    made = socket.socket(fileno=fds[0])
    made.setblocking(False)
    return made


class Syslog:
    """
    `queue`: how many datagrams wait for the reader (None: as many as the machine says). `stream`: its socket is a
    stream, in which NUL ends each message.
    """

    def __init__(self, live, queue=None, stream=False):
        self._live = live
        self._queue = queue
        self._stream = stream
        self._connections = {}
        self._directory = live.scratch()
        for name, major, minor in DEVICES:
            path = os.path.join(os.fsdecode(self._directory), name)
            os.mknod(path, 0o20666, os.makedev(major, minor))
            os.chmod(path, 0o666)
        self.messages = []
        self.daemon = None
        self._socket = None
        self.listen()
        live.cleanup(self.stop_listening)

    def listen(self, stream=None):
        """`stream`: of another kind than before."""
        self._stream = self._stream if stream is None else stream
        kind = socket.SOCK_STREAM if self._stream else socket.SOCK_DGRAM
        self._socket = (queue_socket(self._queue) if self._queue else
                        socket.socket(socket.AF_UNIX, kind | socket.SOCK_NONBLOCK))
        self._socket.bind(os.path.join(self._directory, b"log"))
        if self._stream:
            self._socket.listen()
        self.read_on()

    def stop_listening(self):
        """The socket is gone, as when the syslog daemon has ended."""
        if self._socket:
            self._live.loop.remove(self._socket.fileno())
            for fd in self._connections:
                self._live.loop.remove(fd)
                os.close(fd)
            self._connections = {}
            self._socket.close()
            os.unlink(os.path.join(self._directory, b"log"))
            self._socket = None

    def read_on(self):
        self._live.loop.add(self._socket.fileno(), self._on_connection if self._stream else self._on_datagram)
        for fd in self._connections:
            self._live.loop.add(fd, functools.partial(self._on_stream, fd))

    def pause(self):
        for fd in (self._socket.fileno(), *self._connections):
            self._live.loop.remove(fd)

    def _on_datagram(self):
        """Some of those that wait, in one turn of the loop: others execute programs, too, and all come here."""
        for _ in range(DATAGRAMS_IN_A_TURN):
            try:
                self.messages.append(Message(self._socket.recv(1 << 20)))
            except BlockingIOError:
                break

    def _on_connection(self):
        connection, _ = self._socket.accept()
        connection.setblocking(False)
        fd = connection.detach()
        self._connections[fd] = b""
        self._live.loop.add(fd, functools.partial(self._on_stream, fd))

    def _on_stream(self, fd):
        data = os.read(fd, 1 << 16)
        if not data:
            self._live.loop.remove(fd)
            check.equal("bytes behind the last message", self._connections.pop(fd), b"")
            os.close(fd)
            return
        *messages, self._connections[fd] = (self._connections[fd] + data).split(b"\0")
        self.messages.extend(map(Message, messages))

    def enter(self):
        kernel.private_mounts()
        kernel.bind(self._directory, "/dev")

    def trace(self, config="", **how):
        self.daemon = self._live.daemon(
            f"[Output]\nTarget=syslog\n{config}", output=None, setup=self.enter, **how)
        return self.daemon

    def wait(self, matches, what):
        state = {"next": 0}

        def found():
            while state["next"] < len(self.messages):
                message = self.messages[state["next"]]
                state["next"] += 1
                if matches(message):
                    return message
            return None

        return self._live.loop.until(found, lambda: f"{what}; {self.daemon and self.daemon.state()}")

    def catch_up(self):
        token = self._live.token()
        self._live.execute_token(token)
        self.wait(lambda m: token in m.text, "the sentinel's message")

    def records(self):
        """Every exec, those that failed, too."""
        return [m for m in self.messages if m.values("EXEC_SEQ") and not m.values("EXECTRACED_EVENT")]

    def execs(self):
        """Those that ran."""
        return [m for m in self.records() if not m.values("EXEC_ERRNO")]

    def of(self, pid):
        """The one message of a child of ours."""
        ids = (b"%d" % pid, b"%d" % os.getpid())
        found = [m for m in self.execs() if (m.value("EXEC_PID"), m.value("EXEC_PPID")) == ids]
        check.equal("number of messages of the process", len(found), 1)
        return found[0]

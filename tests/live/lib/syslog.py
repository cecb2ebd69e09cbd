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


class Syslog:
    def __init__(self, live):
        self._live = live
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

    def listen(self):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(os.path.join(self._directory, b"log"))
        self.read_on()

    def stop_listening(self):
        """The socket is gone, as when the syslog daemon has ended."""
        if self._socket:
            self._live.loop.remove(self._socket.fileno())
            self._socket.close()
            os.unlink(os.path.join(self._directory, b"log"))
            self._socket = None

    def read_on(self):
        self._live.loop.add(self._socket.fileno(), self._on_datagram)

    def pause(self):
        self._live.loop.remove(self._socket.fileno())

    def _on_datagram(self):
        self.messages.append(Message(self._socket.recv(1 << 20)))

    def enter(self):
        kernel.private_mounts()
        kernel.bind(self._directory, "/dev")

    def trace(self, config="", **how):
        self.daemon = self._live.daemon(
            f"[Output]\nTarget=syslog\n{config}", output=None, setup=self.enter, **how)
        return self.daemon

    def wait(self, matches, what):
        return self._live.loop.until(lambda: next(filter(matches, self.messages), None),
                                     lambda: f"{what}; {self.daemon and self.daemon.state()}")

    def catch_up(self):
        token = self._live.token()
        self._live.execute_token(token)
        self.wait(lambda m: token in m.text, "the sentinel's message")

    def records(self):
        """Every exec, those that failed, too."""
        return [m for m in self.messages if m.values("EXEC_SEQ")]

    def execs(self):
        """Those that ran."""
        return [m for m in self.records() if not m.values("EXEC_ERRNO")]

    def of(self, pid):
        """The one message of a child of ours."""
        ids = (b"%d" % pid, b"%d" % os.getpid())
        found = [m for m in self.execs() if (m.value("EXEC_PID"), m.value("EXEC_PPID")) == ids]
        check.equal("number of messages of the process", len(found), 1)
        return found[0]

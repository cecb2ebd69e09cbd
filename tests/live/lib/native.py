# SPDX-License-Identifier: GPL-2.0-or-later
"""A journal without journald: entries as they come over the native protocol, one a datagram or a memfd."""

import contextlib
import os
import socket
import struct

from lib.journal import Journal

FDS_MAX = 8


def parse(data):
    """The fields of an entry, as journalctl -o json would have them."""
    entry = {}
    while data:
        line, _, data = data.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            (size,) = struct.unpack_from("<Q", data)
            value, data = data[8:8 + size], data[8 + size + 1:]
        try:
            value = value.decode()
        except UnicodeDecodeError:
            value = list(value)
        name = name.decode()
        if name in entry:
            before = entry[name] if isinstance(entry[name], list) else [entry[name]]
            value = [*before, value]
        entry[name] = value
    return entry


class NativeJournal(Journal):
    """In the place of a real one, where it is not about journald: it is there everywhere, and can be made to take nothing."""

    def __init__(self, live):
        self._live = live
        self._run = live.scratch()
        self._sockets = []
        self.daemon = None
        self.entries = []
        self._make_namespace(True)
        self._socket = socket.socket(fileno=os.dup(self._sockets[0]))
        self._socket.setblocking(False)
        live.cleanup(self._socket.close)
        self._reads = False
        live.cleanup(self.pause)
        self.go_on()

    def _on_datagram(self):
        data, fds, _, _ = socket.recv_fds(self._socket, 1 << 20, FDS_MAX)
        for fd in fds:
            data = os.pread(fd, os.fstat(fd).st_size, 0)
            os.close(fd)
        self.entries.append(parse(data))
        return len(data)

    def take_unread(self):
        """Reads what is in the socket at this moment. How many datagrams and how many bytes that was."""
        datagrams = size = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                size += self._on_datagram()
                datagrams += 1
        return datagrams, size

    def pause(self):
        """Takes nothing any more."""
        if self._reads:
            self._live.loop.remove(self._socket.fileno())
        self._reads = False

    def go_on(self):
        self._live.loop.add(self._socket.fileno(), self._on_datagram)
        self._reads = True

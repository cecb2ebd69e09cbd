# SPDX-License-Identifier: GPL-2.0-or-later
"""A service manager with a descriptor store, as sd_notify(3) and sd_listen_fds(3) describe it."""

import os
import select
import socket

from lib import child
from lib.daemon import Notify

LISTEN_FDS_START = 3
FDS_MAX = 64


class Keeper(Notify):
    """`room`: how many descriptors it keeps, as FileDescriptorStoreMax=."""

    def __init__(self, live, room=64):
        super().__init__(live.loop)
        self.room = room
        self._kept = []  # (name, descriptor, whether it is polled)
        live.cleanup(self.close_all)

    def _on_message(self):
        data, fds, _, _ = socket.recv_fds(self._socket, 65536, FDS_MAX)
        for fd in fds:
            os.set_inheritable(fd, False)
        message = data.decode()
        self.messages.append(message)
        fields = dict(line.split("=", 1) for line in message.splitlines())
        name = fields.get("FDNAME", "stored")
        if fields.get("FDSTOREREMOVE") == "1":
            self._drop(lambda kept: kept[0] == name)
        for fd in fds:
            if fields.get("FDSTORE") == "1" and len(self._kept) < self.room:
                self._kept.append((name, fd, fields.get("FDPOLL") != "0"))
            else:
                os.close(fd)

    def _drop(self, unwanted):
        for kept in [kept for kept in self._kept if unwanted(kept)]:
            self._kept.remove(kept)
            os.close(kept[1])

    @staticmethod
    def _is_dead(kept):
        poll = select.poll()
        poll.register(kept[1], 0)
        return kept[2] and bool(poll.poll(0))

    def read_all(self):
        """What was sent until now is seen to, as systemd does before it looks at who has ended."""
        while select.select([self._socket], [], [], 0)[0]:
            self._on_message()
        self._drop(self._is_dead)

    def rename(self, function):
        self.read_all()
        self._kept = [(function(name), fd, polled) for name, fd, polled in self._kept]

    def names(self):
        self.read_all()
        return sorted(name for name, _, _ in self._kept)

    def fds(self, beginning):
        """Those whose names begin so."""
        self.read_all()
        return [fd for name, fd, _ in self._kept if name.startswith(beginning)]

    def executor(self, program, arguments, env):
        """Executes with what is kept."""
        self.read_all()
        self.messages.clear()
        kept = [(name, fd) for name, fd, _ in self._kept]

        def execute():
            # By way of high numbers: no source must be in the place of another's target.
            high = [os.dup2(fd, 200 + i) for i, (_, fd) in enumerate(kept)]
            for i, fd in enumerate(high):
                os.dup2(fd, LISTEN_FDS_START + i)
                os.close(fd)
            if kept:
                env.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(kept)),
                           LISTEN_FDNAMES=":".join(name for name, _ in kept))
            child.executor(program, arguments, env)()

        return execute

    def stop(self):
        """What systemd does when the service is stopped."""
        self.read_all()
        self._drop(lambda kept: True)

    def close(self):
        """A daemon that was started here is done with; what is kept stays."""

    def close_all(self):
        self.stop()
        super().close()

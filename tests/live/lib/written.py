# SPDX-License-Identifier: GPL-2.0-or-later
"""Records with known contents, written through a real journald as the service itself would, for the viewer to read."""

import json
import os
import socket
import struct

from lib import cgroup, check, kernel
from lib.epoch import epoch
from lib.journal import Journal

EXEC_ID = "92246f01e5b249e095ef09fd9efb9c3f"
FAILED_ID = "7d4a4c79d245460682ecdc57ae7e8f19"
SOCKET = "/run/systemd/journal/socket"
CGROUPS = ("/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup")


def encode(entry):
    """An entry of the native protocol. A value that is a list makes the field several times."""
    out = bytearray()
    for name, values in entry.items():
        for value in values if isinstance(values, list) else [values]:
            data = value if isinstance(value, bytes) else str(value).encode()
            out += name.encode() + b"\n" + struct.pack("<Q", len(data)) + data + b"\n"
    return bytes(out)


def execution(seq, pid, argv, **fields):
    """
    The fields of a record. Keywords are the fields' names in lower case without EXEC_; None leaves one out.
    """
    exe = fields.pop("exe", argv[0] if argv and argv[0].startswith("/") else f"/usr/bin/{argv[0]}" if argv else "/usr/bin/x")
    values = {
        "filename": exe, "exe": exe, "argv": json.dumps(argv, ensure_ascii=False), "pid": pid, "ppid": 1,
        "uid": 0, "gid": 0, "cwd": "/", "comm": "sh", "parent_comm": "systemd", "process": f"{pid}-{pid:x}0",
        "parent": "1-10", "timestamp": epoch() + seq * 1000, "seq": seq, **fields,
    }
    entry = {"SYSLOG_IDENTIFIER": "exectrace", "PRIORITY": 6, "MESSAGE": f"[{pid}] record {seq}",
             "MESSAGE_ID": FAILED_ID if values.get("errno") else EXEC_ID}
    entry.update({f"EXEC_{name.upper()}": value for name, value in values.items() if value is not None})
    return entry


def notice(event, **fields):
    """A record of the daemon on itself."""
    return {"SYSLOG_IDENTIFIER": "exectrace", "PRIORITY": 6, "MESSAGE": event, "EXECTRACED_EVENT": event,
            **{name.upper(): value for name, value in fields.items()}}


class Written(Journal):
    """write() puts entries into the journal, close() lets journald finish its files; then exectl() reads them."""

    def __init__(self, live, unit="exectraced.service"):
        self._senders = []
        super().__init__(live)
        self._groups = [cgroup.Group(live, f"exectl{os.getpid()}.slice/{unit}", root)
                        for root in CGROUPS if os.path.exists(os.path.join(root, "cgroup.procs"))]
        if not self._groups:
            raise check.Skip("no hierarchy of cgroups is mounted")

    def _follow(self):
        """Nothing but exectl reads this one."""

    def enter_service(self):
        """A setup() for what is to be the service."""
        for group in self._groups:
            group.enter()
        self.enter()

    def write(self, entries, setup=None):
        """
        Sends the entries from a process in the service's cgroup, or wherever setup() puts it. It lives until journald has
        ended, or the test: journald reads its cgroup when it reads the entries.
        """
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                ours.close()
                (setup or self.enter_service)()
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                    sender.connect(SOCKET)
                    for entry in entries:
                        send(sender, entry if isinstance(entry, bytes) else encode(entry))
                theirs.send(b"x")
                theirs.recv(1)
                status = 0
            finally:
                os._exit(status)
        theirs.close()
        self._senders.append((pid, ours))
        self._live.cleanup(self._release)
        check.equal("answer of the sender", ours.recv(1), b"x")

    def _release(self):
        while self._senders:
            pid, connection = self._senders.pop()
            connection.close()
            os.waitpid(pid, 0)

    def trace(self, config="", **how):
        """A daemon that records here as the service does."""
        self.daemon = self._live.daemon(f"{config}\n[Output]\nTarget=journal\n", output=None, setup=self.enter_service, **how)
        return self.daemon

    def settle(self):
        """Ends the daemon that trace() started, and journald: all that they had is in the files."""
        token = self._live.token()
        self._live.execute_token(token)
        self.daemon.stop()
        self.stop()

    def stop(self):
        super().stop()
        self._release()

    def write_as(self, entries, uid):
        """The same by an unprivileged user outside the service."""
        def setup():
            self.enter()
            kernel.become(uid, uid)
        self.write(entries, setup)


def send(sender, data):
    if len(data) < 100_000:
        sender.send(data)
        return
    fd = os.memfd_create("entry", os.MFD_ALLOW_SEALING)
    os.write(fd, data)
    seal(fd)
    socket.send_fds(sender, [b""], [fd])
    os.close(fd)


def seal(fd):
    import fcntl  # pylint: disable=import-outside-toplevel
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE)

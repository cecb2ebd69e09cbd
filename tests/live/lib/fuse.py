# SPDX-License-Identifier: GPL-2.0-or-later
"""A file system with one file, which answers everybody or some only: what becomes of those who wait is the test's."""

import errno
import os
import signal
import stat
import struct

from lib import kernel

ROOT, FILE = 1, 2
PAGE = 4096
TIME = 1_000_000_000  # of every change
BUFFER = 1 << 20  # of a request: more than max_write and a header

# include/uapi/linux/fuse.h
LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, RELEASE, INIT, OPENDIR, INTERRUPT, BATCH_FORGET = (
    1, 2, 3, 14, 15, 17, 18, 26, 27, 36, 42)
SILENT = (FORGET, INTERRUPT, BATCH_FORGET)
VERSION = 7, 31


class Server:
    """
    Runs in a process of its own. `hangs(comm)` says whose requests are never answered; `reads_hang(comm)`, whose are not
    that are to read; `links`: of the file.
    """

    def __init__(self, fd, name, content, hangs, reads_hang, links):
        self._fd = fd
        self._name = name
        self._content = content
        self._hangs = hangs
        self._reads_hang = reads_hang
        self._links = links

    def run(self):
        while True:
            try:
                request = os.read(self._fd, BUFFER)
            except OSError as error:
                if error.errno in (errno.EINTR, errno.ENOENT, errno.EAGAIN):
                    continue
                return
            _, opcode, unique, node, _, _, pid, _ = struct.unpack_from("<IIQQIIII", request)
            if opcode not in SILENT and not self._is_left_waiting(opcode, self._comm(pid)):
                self._reply(unique, *self._answer(opcode, node, request[40:]))

    def _is_left_waiting(self, opcode, comm):
        return self._hangs(comm) or (opcode == READ and self._reads_hang(comm))

    @staticmethod
    def _comm(pid):
        try:
            with open(f"/proc/{pid}/comm", "rb") as file:
                return file.read().strip()
        except OSError:
            return b""

    def _reply(self, unique, error, data=b""):
        try:
            os.write(self._fd, struct.pack("<IiQ", 16 + len(data), -error, unique) + data)
        except OSError as failure:
            if failure.errno != errno.ENOENT:  # the one who asked has been interrupted
                raise

    def _attributes(self, node):
        mode = stat.S_IFDIR | 0o755 if node == ROOT else stat.S_IFREG | 0o755
        size = PAGE if node == ROOT else len(self._content)
        blocks = (size + 511) // 512
        links = 2 if node == ROOT else self._links
        return struct.pack("<QQQQQQIIIIIIIIII", node, size, blocks, TIME, TIME, TIME, 5, 5, 5, mode, links, 0, 0, 0, PAGE, 0)

    def _answer(self, opcode, node, body):
        """Nothing that is said of a file holds for any time: it is asked again."""
        if opcode == INIT:
            return 0, struct.pack("<IIIIHHIIHHI28x", *VERSION, 1 << 16, 0, 8, 8, 1 << 16, 1, 0, 0, 0)
        if opcode == LOOKUP:
            if node != ROOT or body.rstrip(b"\0") != self._name:
                return (errno.ENOENT,)
            return 0, struct.pack("<QQQQII", FILE, 0, 0, 0, 0, 0) + self._attributes(FILE)
        if opcode == GETATTR:
            return 0, struct.pack("<QII", 0, 0, 0) + self._attributes(node)
        if opcode in (OPEN, OPENDIR):
            return 0, struct.pack("<QII", 0, 0, 0)
        if opcode == READ:
            _, offset, size = struct.unpack_from("<QQI", body)
            return 0, self._content[offset:offset + size]
        if opcode == RELEASE:
            return (0,)
        if opcode == STATFS:
            return 0, struct.pack("<QQQQQIIII24x", 1, 0, 0, 1, 0, PAGE, 255, PAGE, 0)
        return (errno.ENOSYS,)


def mount(live, program, hangs=lambda comm: False, user=0, reads_hang=lambda comm: False, links=1):
    """
    Mounts a file system with a copy of the program. Returns the path of that, and what ends the file system with all
    that wait for it.
    """
    directory = live.scratch()
    with open(program, "rb") as file:
        content = file.read()
    fd = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={fd},rootmode=40000,user_id={user},group_id=0,allow_other,default_permissions"
    kernel.mount("exectraced-test", directory, "fuse", kernel.MS_NOSUID, options)
    pid = os.fork()
    if pid == 0:
        try:
            Server(fd, b"program", content, hangs, reads_hang, links).run()
        finally:
            os._exit(0)
    os.close(fd)
    state = {"pid": pid}

    def end():
        if state["pid"]:
            os.kill(state["pid"], signal.SIGKILL)
            os.waitpid(state["pid"], 0)
            kernel.detach(directory)
            state["pid"] = None

    live.cleanup(end)
    return os.path.join(os.path.realpath(directory), b"program"), end


def mount_hanging(live, program, comm):
    """
    The same where reads of tasks with that name are never answered. Returns the path, what ends the file system, and a
    descriptor at which a byte comes for each such read.
    """
    is_read, tell_read = os.pipe()
    live.cleanup(os.close, is_read)
    live.cleanup(os.close, tell_read)
    path, end = mount(live, program, reads_hang=lambda name: name == comm and os.write(tell_read, b"r") == 1)
    return path, end, is_read

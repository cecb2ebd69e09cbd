# SPDX-License-Identifier: GPL-2.0-or-later
"""A systemd-journald of one's own that writes to a disk, and what it wrote."""

import os
import shutil
import signal
import time

import systemd.journal

from lib import check, journal, kernel
from lib.daemon import Notify

PROGRAMS = ("/lib/systemd/systemd-journald", "/usr/lib/systemd/systemd-journald")
MACHINE_ID = "0123456789abcdef0123456789abcdef"
# Everything else is journald's default. The rate limit is what the unit of exectraced switches off, too.
CONFIGURATION = """[Journal]
Storage=persistent
SystemMaxUse=8G
SystemKeepFree=1M
RateLimitIntervalSec=0
ForwardToSyslog=no
ForwardToWall=no
ReadKMsg=no
Audit=no
"""
LOOK_SECONDS = 0.001
STORED_SECONDS = 300  # until something is in a journal, on a machine that is very busy


class Journald:
    def __init__(self, world):
        self._loop = world.loop
        self._program = next((p for p in PROGRAMS if os.access(p, os.X_OK)), None)
        check.true("systemd-journald is not installed", self._program is not None)
        run, self._log = world.scratch(), world.scratch()
        # Where this file is, journald keeps its entries in /var/log/journal from the start on.
        os.makedirs(os.path.join(run, "systemd/journal"))
        open(os.path.join(run, "systemd/journal/flushed"), "wb").close()
        os.mkdir(os.path.join(self._log, "journal"))
        self.directory = os.path.join(self._log, "journal", MACHINE_ID)
        os.mkdir(self.directory)
        configuration = world.write_file("journald.conf", CONFIGURATION)
        machine_id = world.write_file("machine-id", MACHINE_ID + "\n")
        self._notify = Notify(world.loop)

        def setup():
            kernel.private_mounts()
            kernel.bind(run, "/run")
            kernel.bind(self._log, "/var/log")
            kernel.bind(configuration, "/etc/systemd/journald.conf")
            kernel.bind(machine_id, "/etc/machine-id")

        # A socket keeps the limit that holds when it is made.
        with journal.queue_of_systemd():
            self._process = world.start(self._program, [self._program], setup,
                                        env={"NOTIFY_SOCKET": self._notify.address})
            self.pid = self._process.pid
            world.loop.until(lambda: self._notify.has("READY=1") or self._process.status is not None,
                             "journald's start")
        check.equal("status of journald", self._process.status, None)
        self._namespace = os.open(f"/proc/{self.pid}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)

    def enter(self):
        """A setup() for what is to talk to this journal."""
        kernel.setns(self._namespace, kernel.CLONE_NEWNS)

    def stop(self):
        self._process.kill(signal.SIGTERM)
        check.equal("exit status of journald", self._process.wait(STORED_SECONDS), 0)

    def close(self):
        self._process.close()
        self._notify.close()
        os.close(self._namespace)
        shutil.rmtree(self._log)

    def bytes_used(self):
        """Of its files, up to the last object of each, without what is allocated for more."""
        return sum(_bytes_used(entry.path) for entry in os.scandir(self.directory))


def _bytes_used(path):
    """systemd's documentation of its journal's file format tells these offsets."""
    def number(file, offset):
        file.seek(offset)
        return int.from_bytes(file.read(8), "little")

    with open(path, "rb") as file:
        tail = number(file, 136)  # tail_object_offset
        return tail + number(file, tail + 8)  # ... and that object's size


class Reader:
    """Reads a journal as journalctl does."""

    def __init__(self, world, journal):
        self._loop = world.loop
        self._reader = systemd.journal.Reader(path=journal.directory)
        self._reader.fileno()  # from now on it sees files that come later

    def close(self):
        self._reader.close()

    def expect(self, assignment):
        """FIELD=value of the one entry to look for."""
        self._reader.flush_matches()
        self._reader.add_match(assignment)

    def _holds(self):
        self._loop.turn(0)  # whoever tells its status, to be read here, waits until there is room for more
        self._reader.process()
        self._reader.seek_head()
        return bool(self._reader.get_next())

    def _wait(self, pause):
        end = time.monotonic() + STORED_SECONDS
        while not self._holds():
            check.true(f"an entry did not come in {STORED_SECONDS} s", time.monotonic() < end)
            pause()

    def wait_looking(self):
        """Until the entry is there, by looking for it every millisecond."""
        self._wait(lambda: time.sleep(LOOK_SECONDS))

    def wait_told(self):
        """The same by looking whenever journald has told of a change, as `journalctl -f` does."""
        self._wait(lambda: self._reader.wait(1))

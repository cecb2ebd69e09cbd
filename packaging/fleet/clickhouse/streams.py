# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the records come from: "exectl export", run for each journal, and how far each was read."""

import contextlib
import fcntl
import json
import os
import pathlib
import re
import struct
import subprocess
import termios

READ = 1 << 20
ALL = 1 << 62  # records: more than there can be


class State:
    """
    How far each stream was loaded, in a file that is replaced as a whole. `uncertain` is how many records after the cursor
    may be in the store already: when the loader is started anew, it looks before it inserts them.
    """

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(mode=0o750, parents=True, exist_ok=True)
        self._lock = open(self.directory / "lock", "w", encoding="ascii")  # pylint: disable=consider-using-with
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(f"load: another loader uses {directory}") from None
        self._path = self.directory / "state.json"
        try:
            self.content = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            self.content = {"insert": "", "streams": {}}
        except ValueError as error:
            raise SystemExit(f"load: {self._path} is damaged ({error}): remove it, and load once with --check") from None

    def of(self, name):
        return self.content["streams"].setdefault(name, {"cursor": None, "uncertain": 0})

    def save(self):
        beside = self._path.with_suffix(".new")
        with open(beside, "w", encoding="utf-8") as file:
            json.dump(self.content, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self._path)
        directory = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(directory)
        os.close(directory)


class Stream:
    """
    One run of exectl. It saves its cursor when it has written the records up to there to the pipe, which is before they
    are in the store. So the file that it saves to is not the loader's state: a cursor that is found there counts once all
    that was in the pipe at that moment is in the store.
    """

    def __init__(self, name, command, state, work, afresh=False):
        """`state`: that of the stream, which is kept. `afresh`: from the first record on, all of which may be in the store."""
        self.name, self.ended, self.status, self._state, self._afresh = name, False, None, state, afresh
        if afresh:
            state["uncertain"] = ALL
        self._saved = pathlib.Path(work) / "cursor"
        self._last = None if afresh else state["cursor"]
        if self._last:
            self._saved.write_text(self._last + "\n", encoding="ascii")
        else:
            self._saved.unlink(missing_ok=True)
        # Records of this run: that were read; of which the first ones may be in the store; that the cursor has behind it, at least.
        self._lines, self._doubtful, self._passed = 0, state["uncertain"], 0
        self._rest, self._parsed, self._lines_at_look, self._candidate = b"", 0, 0, None
        self._process = subprocess.Popen([*command, f"--cursor-file={self._saved}"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)

    def fileno(self):
        return self._process.stdout.fileno()

    def read(self):
        """
        Waits for output, and returns the whole lines of it, and whether some of them may be in the store. Sets `ended` when
        there is no more.
        """
        doubtful = self._lines < self._doubtful
        data = os.read(self.fileno(), READ)
        if not data:
            self.ended = True
        whole, found, rest = data.rpartition(b"\n")
        if not found:
            self._rest += data
            return [], False
        whole = self._rest + whole
        lines = whole.split(b"\n")
        self._rest, self._parsed, self._lines = rest, self._parsed + len(whole) + 1, self._lines + len(lines)
        return lines, doubtful

    def _look(self):
        """Is there a new cursor?"""
        with contextlib.suppress(FileNotFoundError):
            cursor = self._saved.read_text(encoding="ascii").strip()
            if cursor != self._last:
                waiting = struct.unpack("i", fcntl.ioctl(self.fileno(), termios.FIONREAD, b"\0" * 4))[0]
                self._last = cursor
                # At the look before this one it was not there yet, so it has all behind it that was read by then.
                self._candidate = (cursor, self._parsed + len(self._rest) + waiting, self._lines_at_look)
        self._lines_at_look = self._lines

    def before_insert(self):
        """All that was read is about to be inserted."""
        if not self._candidate and not self._afresh:
            self._look()
        self._state["uncertain"] = max(self._lines, self._doubtful) - self._passed

    def after_insert(self):
        """All that was read is in the store."""
        if self._candidate and self._parsed >= self._candidate[1]:
            self._state["cursor"], _, self._passed = self._candidate
            self._candidate = None
        self._state["uncertain"] = max(self._lines, self._doubtful) - self._passed
        if self.ended:
            self._finish()

    def _finish(self):
        """What exectl saved at its end holds for all records: they are in the store."""
        self.status = self._process.wait()
        self._process.stdout.close()
        if self.status == 0 and not self._rest and self._saved.exists():
            self._state["cursor"], self._state["uncertain"] = self._saved.read_text(encoding="ascii").strip(), 0

    def close(self):
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()


# The file of a journal that is written, or one that was closed: NAME@SEQNUMID-SEQNUM-TIME.journal, with ~ when it was damaged.
JOURNAL = re.compile(r"(.+?)(?:@[0-9a-f-]+)?\.journal~?")


def journals(directory):
    """
    {name: (files, signature)} of the journals below a directory, each with the files that it was rotated into. Each has to be
    read on its own: a cursor is a place in one sequence, and what another host sends late, with a time before it, would be skipped.
    """
    found = {}
    for folder in [directory, *(entry.path for entry in os.scandir(directory) if entry.is_dir())]:
        for entry in os.scandir(folder):
            match = JOURNAL.fullmatch(entry.name)
            if not match:
                continue
            with contextlib.suppress(FileNotFoundError):
                status = entry.stat()
                name = os.path.relpath(os.path.join(folder, match[1]), directory)
                found.setdefault(name, []).append((entry.path, status.st_ino, status.st_size, status.st_mtime_ns))
    return {name: ([path for path, *_ in files], sorted(files)) for name, files in sorted(found.items())}

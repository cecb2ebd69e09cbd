# SPDX-License-Identifier: GPL-2.0-or-later
"""Plans for the program caller; actors/plan.h says how they are written."""

import array
import dataclasses
import enum
import os

MAGIC = 0x4E414C50
ARGV_NULL = 0xFFFFFFFF
UNTOUCHED = 1
PAGE = 4096
AROUND = 64 * 1024  # of a file's pages, those that the kernel maps together with one that is touched


class Way(enum.IntEnum):
    EXECVE = 0
    EXECVEAT = 1
    DIRFD = 2
    FEXECVE = 3
    MEMFD = 4
    UNLINKED = 5
    COMPAT = 6
    COMPAT_AT = 7


COMPAT_WAYS = (Way.COMPAT, Way.COMPAT_AT)


class Origin(enum.IntEnum):
    SELF = 0
    FORK = 1
    VFORK = 2
    THREAD = 3


@dataclasses.dataclass
class Job:
    path: bytes
    argv: list  # None: a null pointer
    way: Way = Way.EXECVE
    origin: Origin = Origin.FORK
    env: dict = dataclasses.field(default_factory=dict)


def caller(jobs):
    """
    The name of the program that can do these jobs. On arm64 a 64-bit program makes no 32-bit system calls, and a 32-bit
    program makes no others.
    """
    compat = {job.way in COMPAT_WAYS for job in jobs}
    if os.uname().machine != "aarch64" or True not in compat:
        return "caller"
    if False in compat:
        raise ValueError("no program makes both 64-bit and 32-bit system calls here")
    return "caller32"


class _Strings:
    def __init__(self):
        self.data = bytearray()

    def add(self, string):
        offset = len(self.data)
        self.data += string + b"\0"
        return offset


def write(path, jobs, untouched=False):
    strings = _Strings()
    header = 5 + len(jobs)
    body = array.array("I")
    index = array.array("I")
    for job in jobs:
        index.append(header + len(body))
        offset = strings.add(os.fsencode(job.path))
        if untouched:
            # The path is far from them: to look at it must not bring the arguments in.
            strings.data += bytes(AROUND + -len(strings.data) % PAGE)
        body.extend([job.way, job.origin, offset])
        body.append(ARGV_NULL if job.argv is None else len(job.argv))
        body.extend(strings.add(argument) for argument in job.argv or ())
        body.append(len(job.env))
        body.extend(strings.add(name + b"=" + value) for name, value in job.env.items())
    offset = (header + len(body)) * body.itemsize
    offset += -offset % PAGE
    words = array.array("I", [MAGIC, UNTOUCHED if untouched else 0, len(jobs), offset, len(strings.data)])
    words += index + body
    with open(path, "wb") as file:
        file.write(words.tobytes())
        file.write(bytes(offset - file.tell()))
        file.write(strings.data)

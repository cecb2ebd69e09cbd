# SPDX-License-Identifier: GPL-2.0-or-later
"""bpf(2), as far as tests look at what is in the kernel."""

import ctypes
import errno
import mmap
import os
import struct

SYS_BPF = {"x86_64": 321, "aarch64": 280}[os.uname().machine]
MAP_LOOKUP_ELEM = 1
PROG_GET_FD_BY_ID = 13
MAP_GET_FD_BY_ID = 14
MAP_TYPE_RINGBUF = 27

_libc = ctypes.CDLL(None, use_errno=True)


def _bpf(command, attributes):
    buffer = ctypes.create_string_buffer(attributes, 128)
    return _libc.syscall(SYS_BPF, command, buffer, len(buffer))


def _by_id(command, identity):
    fd = _bpf(command, struct.pack("III", identity, 0, 0))
    if fd < 0:
        raise OSError(ctypes.get_errno(), f"BPF object {identity}: {os.strerror(ctypes.get_errno())}")
    return fd


def open_program(identity):
    """A descriptor of the program with this id."""
    return _by_id(PROG_GET_FD_BY_ID, identity)


def open_map(identity):
    return _by_id(MAP_GET_FD_BY_ID, identity)


def written_to_ring(fd):
    """How many bytes have ever been written to this ring, the heads of records included (kernel/bpf/ringbuf.c)."""
    page = mmap.PAGESIZE
    with mmap.mmap(fd, 2 * page, mmap.MAP_SHARED, mmap.PROT_READ, offset=0) as memory:
        return struct.unpack_from("Q", memory, page)[0]


def is_loaded(program):
    """Whether there is a program of this id."""
    fd = _bpf(PROG_GET_FD_BY_ID, struct.pack("III", program, 0, 0))
    if fd >= 0:
        os.close(fd)
        return True
    if ctypes.get_errno() != errno.ENOENT:
        raise OSError(ctypes.get_errno(), f"BPF_PROG_GET_FD_BY_ID {program}")
    return False


def is_map(fd):
    return os.readlink(f"/proc/self/fd/{fd}").endswith("bpf-map")


def lookup(fd, index, size):
    """The value, of `size` bytes, in an array."""
    key = ctypes.create_string_buffer(struct.pack("I", index), 4)
    value = ctypes.create_string_buffer(size)
    if _bpf(MAP_LOOKUP_ELEM, struct.pack("IIQQQ", fd, 0, ctypes.addressof(key), ctypes.addressof(value), 0)) < 0:
        raise OSError(ctypes.get_errno(), "BPF_MAP_LOOKUP_ELEM")
    return value.raw


def fdinfo(fd, name):
    """A number that the kernel tells of a descriptor of ours."""
    with open(f"/proc/self/fdinfo/{fd}", encoding="ascii") as file:
        for line in file:
            found, _, value = line.partition(":")
            if found == name:
                return int(value)
    raise KeyError(name)

# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs of this machine: their build-id, read and changed by other means than the daemon's, and one that is broken."""

import os
import struct

PT_NOTE = 4
NT_GNU_BUILD_ID = 3
MACHINES = {"x86_64": 62, "aarch64": 183}


def _note(data):
    """Where the note is: offset of its type, offset and size of the id; None: there is none."""
    wide = data[4] == 2
    order = "<" if data[5] == 1 else ">"
    table, = struct.unpack_from(order + ("Q" if wide else "I"), data, 32 if wide else 28)
    size, count = struct.unpack_from(order + "HH", data, 54 if wide else 42)
    for i in range(count):
        head = table + i * size
        kind, = struct.unpack_from(order + "I", data, head)
        if wide:
            begin, _, _, length = struct.unpack_from(order + "QQQQ", data, head + 8)
        else:
            begin, _, _, length = struct.unpack_from(order + "IIII", data, head + 4)
        at, end = begin, begin + length
        while kind == PT_NOTE and at + 12 <= end:
            name_size, value_size, note = struct.unpack_from(order + "III", data, at)
            value = at + 12 + (name_size + 3) // 4 * 4
            if note == NT_GNU_BUILD_ID and data[at + 12:at + 12 + name_size] == b"GNU\0":
                return at + 8, value, value_size
            at = value + (value_size + 3) // 4 * 4
    return None


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def build_id(path):
    """In hexadecimal digits; None: the program has none."""
    with open(path, "rb") as file:
        data = file.read()
    found = _note(data)
    return data[found[1]:found[1] + found[2]].hex() if found else None


def with_build_id(path, digits):
    """The bytes of the program with another id in the place of its own, or with none for None."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    kind, value, size = _note(data)
    if digits is None:
        data[kind:kind + 4] = bytes(4)
    else:
        data[value:value + size] = bytes.fromhex(digits).ljust(size, b"\0")
    return bytes(data)


def broken(live):
    """A program that execve() takes, and that is then found to be impossible: who executes it dies inside of its exec."""
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, MACHINES[os.uname().machine], 1, 0x400000, 64, 0, 0,
                         64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, 1 << 62, 0, 4096, 4096, 4096)
    path = live.write_file("broken", header + segment)
    os.chmod(path, 0o755)
    return path

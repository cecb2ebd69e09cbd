# SPDX-License-Identifier: GPL-2.0-or-later
"""A 32-bit program for x86, made here, for there may be no compiler that can."""

import struct

BASE = 0x08048000
HEADERS = struct.Struct("<16s2H5I6H8I")


def _program_with(code):
    """One segment: the headers (elf(5)) and the code behind them, to be written to as well."""
    size = HEADERS.size + len(code)
    return HEADERS.pack(
        b"\x7fELF\x01\x01\x01", 2, 3, 1, BASE + HEADERS.size, 52, 0, 0, 52, 32, 1, 0, 0, 0,
        1, 0, BASE, BASE, size, size, 7, 4096) + code


def executing(path, argv):
    """A program that executes another one, with an empty environment; should that fail it exits with 99."""
    strings = [path, *argv]
    code_size = 5 + 5 + 5 + 2 + 2 + 5 + 5 + 2
    at = BASE + HEADERS.size + code_size
    addresses, data = [], b""
    for string in strings:
        addresses.append(at + len(data))
        data += string + b"\0"
    vector = at + len(data)
    data += struct.pack(f"<{len(argv) + 1}I", *addresses[1:], 0)
    code = b"".join((
        b"\xb8" + struct.pack("<I", 11),  # mov eax, __NR_execve
        b"\xbb" + struct.pack("<I", addresses[0]),  # mov ebx, path
        b"\xb9" + struct.pack("<I", vector),  # mov ecx, argv
        b"\x31\xd2",  # xor edx, edx
        b"\xcd\x80",  # int 0x80
        b"\xb8" + struct.pack("<I", 1),  # mov eax, __NR_exit
        b"\xbb" + struct.pack("<I", 99),  # mov ebx, 99
        b"\xcd\x80",
    ))
    return _program_with(code + data)

# SPDX-License-Identifier: GPL-2.0-or-later
"""A 32-bit program for this machine, x86 or arm64, made here, for there may be no compiler that can."""

import os
import struct

BASE = 0x08048000
HEADERS = struct.Struct("<16s2H5I6H8I")
EXECVE, EXIT = 11, 1  # the same numbers for both
EXIT_STATUS = 99


def _words(*words):
    return b"".join(struct.pack("<I", word) for word in words)


class X86:
    MACHINE = 3
    FLAGS = 0

    @staticmethod
    def call(number, *arguments):
        """mov eax, NUMBER; mov ebx, ecx, edx, ARGUMENT...; int 0x80"""
        moves = (bytes([opcode]) + _words(value) for opcode, value in zip(b"\xb8\xbb\xb9\xba", (number, *arguments)))
        return b"".join(moves) + b"\xcd\x80"


class Arm:
    MACHINE = 40
    FLAGS = 0x05000000  # EABI 5

    @staticmethod
    def _load(register, value):
        """movw and movt"""
        return _words(*(opcode | (half & 0xF000) << 4 | register << 12 | half & 0xFFF
                        for opcode, half in ((0xE3000000, value & 0xFFFF), (0xE3400000, value >> 16))))

    @classmethod
    def call(cls, number, *arguments):
        """The number into r7, the arguments from r0 on, svc 0."""
        return b"".join(cls._load(register, value) for register, value in ((7, number), *enumerate(arguments))) + \
            _words(0xEF000000)


def _program_with(machine, code):
    """One segment: the headers (elf(5)) and the code behind them, to be written to as well."""
    size = HEADERS.size + len(code)
    return HEADERS.pack(
        b"\x7fELF\x01\x01\x01", 2, machine.MACHINE, 1, BASE + HEADERS.size, 52, 0, machine.FLAGS, 52, 32, 1, 0, 0, 0,
        1, 0, BASE, BASE, size, size, 7, 4096) + code


def executing(path, argv):
    """A program that executes another one, with an empty environment; should that fail it exits with 99."""
    machine = {"x86_64": X86, "aarch64": Arm}[os.uname().machine]

    def code(at):
        """The strings and the vector of pointers to them are at this address."""
        pointers, data = [], b""
        for string in (path, *argv):
            pointers.append(at + len(data))
            data += string + b"\0"
        data += bytes(-len(data) % 4)
        vector = at + len(data)
        return machine.call(EXECVE, pointers[0], vector, 0) + machine.call(EXIT, EXIT_STATUS), \
            data + _words(*pointers[1:], 0)

    instructions, _ = code(0)  # as many bytes wherever the data is
    instructions, data = code(BASE + HEADERS.size + len(instructions))
    return _program_with(machine, instructions + data)

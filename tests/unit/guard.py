#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
guard.py OBJECT: whether the guarded programs in this object of the kernel side leave their stack alone where they are not
yet, or no longer, kept from being preempted (bpf/guard.bpf.h). Where the compiler moves something before the guard, a
program that two hooks call works on the other's data.
"""

import pathlib
import struct
import sys

SHT_SYMTAB, SHT_REL = 2, 9
SHN_UNDEF = 0
STT_FUNC = 2
STACK = 10  # the register that holds its address
LD_IMM64, CALL, EXIT, JA = 0x18, 0x85, 0x95, 0x05
JMP, JMP32 = 0x05, 0x06
ENTER, LEAVE = "bpf_preempt_disable", "bpf_local_irq_restore"
# Each of them, so that a program that lost its guard is missed here.
GUARDED = {"exec_done", "exec_copy", "exec_caller", "process_exit",
           "failed_execve", "failed_execveat", "failed_cexecve", "failed_cexecveat", "failed_syscall"}


class Object:
    """An ELF file for BPF, little-endian and 64 bits."""

    def __init__(self, data):
        self._data = data
        offset, = struct.unpack_from("<Q", data, 40)
        size, count = struct.unpack_from("<HH", data, 58)
        self._sections = [struct.unpack_from("<IIQQQQIIQQ", data, offset + i * size) for i in range(count)]
        symbols = next(s for s in self._sections if s[1] == SHT_SYMTAB)
        strings = self._sections[symbols[6]][4]
        self._symbols = []
        for at in range(symbols[4], symbols[4] + symbols[5], symbols[9]):
            name, info, _, section, value, length = struct.unpack_from("<IBBHQQ", data, at)
            end = data.index(b"\0", strings + name)
            self._symbols.append((data[strings + name:end].decode(), info & 15, section, value, length))

    def _functions_called(self, section):
        """The names of the kernel's functions, by the offset of the call."""
        found = {}
        for header in self._sections:
            if header[1] != SHT_REL or header[7] != section:
                continue
            for at in range(header[4], header[4] + header[5], 16):
                offset, info = struct.unpack_from("<QQ", self._data, at)
                symbol = self._symbols[info >> 32]
                if symbol[2] == SHN_UNDEF:
                    found[offset] = symbol[0]
        return found

    def programs(self):
        """Of each its name and its instructions: (index, code, registers, jump, the kernel's function that it calls)."""
        for name, kind, section, value, length in self._symbols:
            if kind != STT_FUNC or name not in GUARDED:
                continue
            called, begin = self._functions_called(section), self._sections[section][4]
            instructions, at = {}, value
            while at < value + length:
                code, registers, jump = struct.unpack_from("<BBh", self._data, begin + at)
                instructions[(at - value) // 8] = (code, registers, jump, called.get(at) if code == CALL else None)
                at += 16 if code == LD_IMM64 else 8
            yield name, instructions


def uses_stack(instruction):
    code, registers, _, _ = instruction
    return code not in (CALL, EXIT, LD_IMM64) and STACK in (registers & 15, registers >> 4)


def reached(instructions, begin):
    """All that may run from there on."""
    found, ways = set(), [begin]
    while ways:
        index = ways.pop()
        if index in found:
            continue
        found.add(index)
        code, _, jump, _ = instructions[index]
        if code == EXIT:
            continue
        if code & 7 in (JMP, JMP32) and code != CALL:
            ways.append(index + 1 + jump)
        if code != JA:
            ways.append(index + (2 if code == LD_IMM64 else 1))
    return found


def faults(instructions):
    """What is wrong, in words."""
    calls = {name: [i for i, instruction in instructions.items() if instruction[3] == name] for name in (ENTER, LEAVE)}
    if [len(found) for found in calls.values()] != [1, 1]:
        return [f"calls: {calls}"]
    enter, leave = calls[ENTER][0], calls[LEAVE][0]
    before = [i for i in instructions if i < enter]
    wrong = []
    jumps = 0
    for index in before:
        code, _, jump, function = instructions[index]
        # The one jump there may be leads past the call, where the settings say that there is no guard.
        if code & 7 in (JMP, JMP32) and code not in (CALL, EXIT):
            jumps += 1
            if jumps > 1 or index + 1 + jump <= enter:
                wrong.append(f"instruction {index} jumps")
        if code == EXIT or code == CALL:
            wrong.append(f"instruction {index} calls {function or 'a function'} before {ENTER}")
        if uses_stack(instructions[index]):
            wrong.append(f"instruction {index} uses the stack before {ENTER}")
    wrong += [f"instruction {index} uses the stack behind {LEAVE}" for index in sorted(reached(instructions, leave + 1))
              if uses_stack(instructions[index])]
    return wrong


def main():
    programs = dict(Object(pathlib.Path(sys.argv[1]).read_bytes()).programs())
    failed = GUARDED - programs.keys()
    print(f"1..{len(GUARDED)}")
    for number, name in enumerate(sorted(GUARDED), 1):
        wrong = faults(programs[name]) if name in programs else ["it is not there"]
        if wrong:
            failed.add(name)
        print("not ok" if wrong else "ok", number, "-", f"{name} leaves its stack alone outside of its guard")
        for line in wrong:
            print(f"# {line}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: GPL-2.0-or-later
"""Arguments to execute with, and what is to become of those that are too large."""

import resource

from lib import check
from lib.daemon import argv_of

STRING_MAX = 128 * 1024 - 1  # of one argument: MAX_ARG_STRLEN in linux/binfmts.h, without the NUL

# Each is hard on something that writes or reads a line.
CORPUS = (
    [b"plain", b"a", b"b=c", b"/x/y.z"],
    [b"", b"", b" "],
    [b"if", b"then"],
    [b"A=b", b"A=b"],
    [b"bytes", bytes(range(1, 256))],
    [b"each"] + [bytes([value]) for value in range(1, 256)],
    [b"shell", b"$(reboot)", b"`id`", b"$HOME", b"~", b"*", b"a;b", b"a|b", b"#x", b"!x", b"{a,b}", b"<(x)", b"\\"],
    [b"quotes", b"'", b'"', b"it's", b"'\\''", b"$'x'"],
    [b"lines", b"a\nb", b"\n[1, comm=\"x\", uid=0, gid=0, filename=/bin/false] forged", b"\r", b"\x1b[2K"],
    [b"utf8", "äöü€\U0001f600".encode(), "\u2028\u202e\u0085".encode(), b"\xc3\x28\xff"],
    [b"digits", b"\x011", b"\xff7", b"\0019"],
    [b"%s", b"%n", b"-n", b"--"],
)


def stack_without_limit():
    """The kernel gives the arguments a quarter of the stack's limit, at most 6 MiB (execve(2))."""
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    resource.setrlimit(resource.RLIMIT_STACK, (hard, hard))


def in_memory(argv):
    return b"".join(argument + b"\0" for argument in argv)


def cut(argv, limit):
    """What is kept of these arguments: three quarters of the limit from the front, one from the end."""
    memory = in_memory(argv)
    tail = limit // 4
    return (memory[:limit - tail] + b"..." + memory[len(memory) - tail:])[:-1].split(b"\0")


def check_cut(record, argv, limit):
    check.fields(record, truncated=True, argv_bytes=len(in_memory(argv)))
    check.equal("arguments", argv_of(record), cut(argv, limit))

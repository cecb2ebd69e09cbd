# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads back the lines that people and log parsers read."""

import re
import subprocess

from lib import check

# A word as a POSIX shell has it: runs that need no quotes, '...', \c and $'...'.
WORD = rb"""(?:[^\s'"\\$\]]+|'[^']*'|\\.|\$'(?:[^'\\]|\\.)*')+"""
STRING = rb'"(?:[^"\\]|\\.)*"'
HEAD = re.compile(
    rb"\[(?P<pid>\d+)(?:, comm=(?P<comm>" + STRING + rb"))?, uid=(?P<uid>\d+), gid=(?P<gid>\d+)"
    rb"(?:, login=(?P<login>\d+))?(?:, tty=(?P<tty>" + WORD + rb"))?"
    rb"(?:, unit=(?P<unit>" + WORD + rb"))?(?:, error=(?P<error>\w+))?(?:, filename=(?P<filename>" + WORD + rb"))?\](?P<command>.*)")
ESCAPE = re.compile(rb"\\(?:([0-7]{3})|(.))", re.DOTALL)
LETTERS = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


def unquote_string(quoted):
    """What a "..." string with C escapes stands for."""
    def one(match):
        if match[1]:
            return bytes([int(match[1], 8)])
        return LETTERS.get(match[2], match[2])

    return ESCAPE.sub(one, quoted[1:-1])


def check_printable(line):
    """One line of printable, valid UTF-8."""
    text = line.decode("utf-8")
    check.true(f"a line with what is not printable: {check.shown(line)}",
               not check.UNPRINTABLE.search(text))


def shell_words(command):
    """The arguments that bash makes of a command line, without executing it."""
    script = b"set -f; set -- " + command + b"\n[ $# -eq 0 ] || printf '%s\\0' \"$@\"\n"
    result = subprocess.run(["bash", "--norc"], input=script, capture_output=True, check=False,
                            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
    check.true(f"bash can't read {check.shown(command)}: {result.stderr.decode(errors='replace')}",
               result.returncode == 0 and not result.stderr)
    return result.stdout.split(b"\0")[:-1]


class Line:
    """A line of -f text, or a MESSAGE."""

    def __init__(self, line):
        check_printable(line)
        match = HEAD.fullmatch(line)
        check.true(f"not of the form [PID, ...] COMMAND: {check.shown(line)}", match)
        self.pid, self.uid, self.gid = (int(match[name]) for name in ("pid", "uid", "gid"))
        self.error = match["error"]
        self.login = int(match["login"]) if match["login"] else None
        self.tty = shell_words(match["tty"])[0] if match["tty"] else None
        self.unit = shell_words(match["unit"])[0] if match["unit"] else None
        self.comm = unquote_string(match["comm"]) if match["comm"] else None
        self.filename = shell_words(match["filename"])[0] if match["filename"] else None
        self.command = match["command"].removeprefix(b" ")

    def arguments(self):
        return shell_words(self.command)

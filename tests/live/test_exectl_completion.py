# SPDX-License-Identifier: GPL-2.0-or-later
"""What the shells offer behind the beginning of a command line of exectl."""

import fcntl
import json
import os
import pathlib
import pty
import re
import select
import shlex
import shutil
import struct
import subprocess
import termios
import time

from lib import check
from lib.viewer import ENVIRONMENT, SECONDS, Viewer
from lib.written import Written, execution

COMPLETION = pathlib.Path(__file__).resolve().parents[2] / "exectl" / "completion"

# Words are split as bash does it: at spaces, and "=" and ":" are words of their own.
ASK = """
compopt() { :; }
source "$1"
ask_program=$2 ask_journal=$3
exectl() { "$ask_program" ${ask_journal:+-D "$ask_journal"} "$@"; }
shift 3
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_exectl
printf '%s\\n' "${COMPREPLY[@]}"
"""

# Names that a shell would make something else of.
EVIL = ("$(touch${IFS}ran)", "`touch ran`", "a;touch ran", "it's $(touch ran)'", 'say "$(touch ran)"', "back\\slash", "co:lon=x",
        "-dash", "~", "glob*", "a b", "ü")


def ask(place, viewer, journal, *words):
    """What is offered, a word each, to a shell in the directory `place`."""
    done = subprocess.run(["bash", "-c", ASK, "bash", COMPLETION / "exectl.bash", viewer.program, journal, "exectl", *words],
                          capture_output=True, check=True, text=True, cwd=place, env={**ENVIRONMENT, "LC_ALL": "C.UTF-8"})
    check.equal("what it says", done.stderr, "")
    return [line for line in done.stdout.split("\n") if line]


def test_bash(live):
    journal = Written(live)
    journal.write([execution(1, 1, ["/usr/bin/first"], unit="one.service", tag="red"),
                   execution(2, 2, ["/usr/bin/second"], unit="two.service")])
    journal.stop()
    viewer = Viewer(live, journal.directory())

    for words, wanted in (
            (["pri"], ["privileged"]),
            (["list", "--by"], ["--by="]),
            (["top", "--by", "=", "cont"], ["container"]),
            (["top", "--by", "="], "exe command unit user login parent tag error container".split()),
            (["-u", ""], ["one.service", "two.service"]),
            (["list", "--unit", "=", "t"], ["two.service"]),
            (["list", "--unit=t"], ["--unit=two.service"]),  # where "=" is not in COMP_WORDBREAKS
            (["list", "--tag", "=", ""], ["red"]),
            (["list", "sec"], ["second"]),
            (["list", "'sec"], ["second"]),
            (["list", "/usr/bin/f"], ["/usr/bin/first"]),
            (["list", "$HOME/f"], []),
            (["list", "EXEC_UNIT", "=", "o"], ["one.service"]),
            (["list", "EXEC_UNIT", "=", "x"], []),
            (["doctor", "l"], ["lasting", "lockdown", "lost"]),
            (["doctor", "seen", "rate"], ["rate-limit"]),
            (["export", "--format", "=", "o"], ["ocsf", "otel"]),
            (["gaps", ""], [])):
        check.equal(f"behind {words}", sorted(ask(live.scratch(), viewer, journal.directory(), *words)), sorted(wanted))


def test_journal_of_the_line(live):
    """The values are those of the journal that the command line names, in whatever form."""
    journal = Written(live)
    journal.write([execution(1, 1, ["/usr/bin/first"], unit="one.service")])
    journal.stop()
    root = os.fsdecode(live.scratch())
    there = os.path.join(root, "with space")
    shutil.copytree(os.fsdecode(journal.directory()), there)
    shutil.copytree(os.fsdecode(journal.directory()), os.path.join(root, "var/log/journal"))
    (file,) = pathlib.Path(there).rglob("*.journal")
    viewer = Viewer(live, None)
    quoted = there.replace(" ", "\\ ")
    for options in (["-D", quoted], ["-D" + quoted], ["-D", f"'{there}'"], ["-D", f'"{there}"'], ["--directory", "=", quoted],
                    ["--directory", quoted], ["--directory=" + quoted], ["--root", "=", root], ["--root", root],
                    ["--file", "=", str(file).replace(" ", "\\ ")], ["--file", str(file).replace(" ", "\\ ")]):
        check.equal(f"with {options}", ask(live.scratch(), viewer, "", *options, "-u", "o"), ["one.service"])
    for options in (["-D", "$HOME"], ["-D", "/nowhere"], ["-M", "nosuchmachine"], ["--namespace", "=", "none"]):
        check.equal(f"with {options}", ask(live.scratch(), viewer, "", *options, "-u", "o"), [])


def evil_records(live):
    journal = Written(live)
    journal.write(execution(i, i + 1, ["x"], exe=f"/tmp/{name}", unit=f"u{name}.service", tag=f"{name}")
                  for i, name in enumerate([*EVIL, "new\nline", "\x1b[31m"]))
    journal.stop()
    return journal.directory()


def test_bash_expands_nothing(live):
    """Whatever names were recorded: they are offered as a shell reads them back, and nothing in them is executed."""
    directory = evil_records(live)
    viewer = Viewer(live, directory)
    place = os.fsdecode(live.scratch())
    printing = "eval \"printf '%s\\0' $1\""
    for words, wanted in ((["-u", ""], {f"u{name}.service" for name in EVIL}),
                          (["list", "/tmp/"], {f"/tmp/{name}" for name in EVIL}),
                          (["list", ""], {*EVIL, *(f"u{name}.service" for name in EVIL)}),
                          (["--tag", "=", ""], set(EVIL)), (["list", "EXEC_TAG", "=", "a\\;"], {"a;touch ran"}),
                          (["list", "/tmp/\\$\\("], {"/tmp/$(touch${IFS}ran)"})):
        offered = ask(place, viewer, directory, *words)
        check.equal("nothing was executed", os.listdir(place), [])
        read = {subprocess.run(["bash", "-c", printing, "bash", word], capture_output=True, check=True, text=True,
                               cwd=place, env={**ENVIRONMENT, "LC_ALL": "C.UTF-8"}).stdout.rstrip("\0") for word in offered}
        check.equal(f"what the words behind {words} mean", sorted(read), sorted(wanted))
    check.equal("in quotes", sorted(ask(place, viewer, directory, "-u", "'ua")), ["ua b.service", "ua;touch ran.service"])
    check.equal("behind a colon", ask(place, viewer, directory, "-u", "uco", ":", "lo"), ["lon=x.service"])


class Shell:
    """An interactive shell on a terminal, in an empty directory."""

    def __init__(self, live, argv, **env):
        self.directory = os.fsdecode(live.scratch())
        pid, self.master = pty.fork()
        if pid == 0:
            os.chdir(self.directory)
            os.execvpe(argv[0], argv, {**ENVIRONMENT, "LC_ALL": "C.UTF-8", "TERM": "xterm", "HOME": self.directory, **env})
        live.cleanup(self._end, pid)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 250, 0, 0))

    def _end(self, pid):
        os.close(self.master)
        os.waitpid(pid, 0)

    def send(self, text):
        os.write(self.master, text.encode())

    def until(self, pattern):
        out, end = b"", time.monotonic() + SECONDS
        while not re.search(pattern, out.decode(errors="replace")):
            check.true(f"{pattern} comes: {out!r}", time.monotonic() < end)
            if select.select([self.master], [], [], 1)[0]:
                out += os.read(self.master, 1 << 16)
        return re.search(pattern, out.decode(errors="replace"))

    def completed(self, line):
        """The words of the line, as the shell reads them after TAB."""
        path = pathlib.Path(self.directory, "words")
        path.unlink(missing_ok=True)
        self.send(line + "\t")
        # A second one that completes nothing shows that the first has ended.
        self.send("\x01show \r")
        self.until("SHOWN")
        return path.read_text(encoding="utf-8").split("\0")[:-1]


SHOW = "show() { printf '%s\\0' \"$@\" >words; echo SHO''WN; }; "


def check_shell(shell):
    for name, typed in ((EVIL[0], "\\$\\("), (EVIL[2], "a\\;"), (EVIL[2], "a\\;t"), (EVIL[3], "it"), (EVIL[4], "say"),
                        (EVIL[5], "back"), (EVIL[6], "co"), (EVIL[9], "gl"), (EVIL[10], "a\\ "), (EVIL[11], "ü")):
        check.equal(f"behind -u u{typed}", shell.completed(f"exectl -u u{typed}"), ["exectl", "-u", f"u{name}.service"])
        check.equal(f"behind /tmp/{typed}", shell.completed(f"exectl list /tmp/{typed}"), ["exectl", "list", f"/tmp/{name}"])
    check.equal("in quotes", shell.completed("exectl -u 'ua;"), ["exectl", "-u", "ua;touch ran.service"])
    check.equal("behind --unit=", shell.completed("exectl --unit=uco"), ["exectl", "--unit=uco:lon=x.service"])
    pathlib.Path(shell.directory, "some;touch ran.file").touch()
    check.equal("a file", shell.completed("exectl --cursor-file=so"), ["exectl", "--cursor-file=some;touch ran.file"])
    check.equal("a file", shell.completed("exectl --file so"), ["exectl", "--file", "some;touch ran.file"])
    for options in (["--directory=/nowhere"], ["-D", "/nowhere"], ["-D/nowhere"], ["--directory", "/nowhere"]):
        line = shell.completed(f"exectl {' '.join(options)} -u uco")
        check.equal("in another journal", line, ["exectl", *options, "-u", "uco"])
    # The second TAB makes bash list what there is; zsh puts the first one into the line.
    check.equal("all that is there", shell.completed("exectl list \t")[:2], ["exectl", "list"])
    check.equal("files", sorted(os.listdir(shell.directory)), ["some;touch ran.file", "words"])


def test_interactive_bash(live):
    directory = evil_records(live)
    shell = Shell(live, ["bash", "--norc", "--noprofile", "-i"])
    program = shlex.join(Viewer(live, None).command())
    shell.send(f"source {COMPLETION}/exectl.bash; exectl() {{ {program} -D {directory} \"$@\"; }}; {SHOW}"
               "bind 'set bell-style none'; bind 'set completion-query-items 0'; bind 'set page-completions off'; echo REA''DY\r")
    shell.until("READY")
    check_shell(shell)


def test_zsh(live):
    if not shutil.which("zsh"):
        raise check.Skip("zsh is not installed")
    directory = evil_records(live)
    shell = Shell(live, ["zsh", "-f", "-i"])
    program = shlex.join(Viewer(live, None).command())
    shell.send(f"fpath=({COMPLETION} $fpath); autoload -Uz compinit; compinit -D -u; bindkey -e; unsetopt beep; {SHOW}"
               f"exectl() {{ {program} -D {directory} \"$@\" }}; LISTMAX=0; echo REA''DY\r")
    shell.until("READY")
    check_shell(shell)


def test_checks(live):
    """Each check of doctor is offered by both shells and explained in the man page, in the order in which doctor runs them."""
    journal = Written(live)
    journal.write([execution(1, 1, ["/usr/bin/first"])])
    journal.stop()
    viewer = Viewer(live, journal.directory())
    done = subprocess.run(viewer.command("doctor", "-o", "json"), capture_output=True, check=False, text=True)
    known = [json.loads(line)["check"] for line in done.stdout.splitlines()]
    bash = re.search(r"doctor\)\n *_exectl_offer ([a-z -]+) ;;", (COMPLETION / "exectl.bash").read_text(encoding="utf-8"))
    check.equal("checks in exectl.bash", bash[1].split(), known)
    zsh = re.search(r"local -a checks=\((.*?)\n    \)", (COMPLETION / "_exectl").read_text(encoding="utf-8"), re.S)
    check.equal("checks in _exectl", re.findall(r"^ *'([a-z-]+):", zsh[1], re.M), known)
    page = (COMPLETION.parents[1] / "packaging/man/exectl.1").read_text(encoding="utf-8").replace("\\-", "-")
    section = page.split("The checks are:\n")[1].split("\n.PP\n")[0]
    check.equal("checks in the man page", re.findall(r"^\.TP\n\.B ([a-z-]+)$", section, re.M), known)


def test_all_options(live):
    """Each option of --help is offered by both shells, is explained in the man page, and nothing else is."""
    text = subprocess.run([Viewer(live, None).program, "--help"], capture_output=True, check=True, text=True).stdout
    known = set(re.findall(r"(--[a-z-]+)", text))
    known.discard("--")
    for path, pattern in ((COMPLETION / "exectl.bash", r"(?<=[\s'|])(--[a-z-]+)"), (COMPLETION / "_exectl", r"(--[a-z-]+)")):
        offered = set(re.findall(pattern, path.read_text(encoding="utf-8")))
        check.equal(f"options in {path.name}", sorted(known - offered), [])
        check.equal(f"more in {path.name}", sorted(offered - known), [])
    page = (COMPLETION.parents[1] / "packaging/man/exectl.1").read_text(encoding="utf-8").replace("\\-", "-")
    check.equal("options of the man page", sorted(known - set(re.findall(r"(--[a-z-]+)", page))), [])
    check.true("commands are in the man page", all(
        re.search(rf"^\.B.? {name}\b", page, re.M) for name in re.findall(r"^  ([a-z]+) ", text, re.M)))

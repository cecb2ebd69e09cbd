# SPDX-License-Identifier: GPL-2.0-or-later
"""What bash offers behind the beginning of a command line of exectl."""

import json
import pathlib
import re
import subprocess

from lib import check
from lib.viewer import Viewer
from lib.written import Written, execution

COMPLETION = pathlib.Path(__file__).resolve().parents[2] / "exectl" / "completion"

# Words are split as bash does it: at spaces, and "=" is a word of its own.
ASK = """
compopt() { :; }
source "$1"
ask_program=$2 ask_journal=$3
exectl() { "$ask_program" -D "$ask_journal" "$@"; }
shift 3
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_exectl
printf '%s\\n' "${COMPREPLY[@]}"
"""


def test_bash(live):
    journal = Written(live)
    journal.write([execution(1, 1, ["/usr/bin/first"], unit="one.service", tag="red"),
                   execution(2, 2, ["/usr/bin/second"], unit="two.service")])
    journal.stop()
    viewer = Viewer(live, journal.directory())

    def offered(*words):
        done = subprocess.run(["bash", "-c", ASK, "bash", COMPLETION / "exectl.bash", viewer.program,
                               journal.directory(), "exectl", *words], capture_output=True, check=True, text=True)
        check.equal("what it says", done.stderr, "")
        return done.stdout.split()

    for words, wanted in (
            (["pri"], ["privileged"]),
            (["list", "--by"], ["--by="]),
            (["top", "--by", "=", "cont"], ["container"]),
            (["top", "--by", "="], "exe command unit user login parent tag error container".split()),
            (["-u", ""], ["one.service", "two.service"]),
            (["list", "--unit", "=", "t"], ["two.service"]),
            (["list", "--tag", "=", ""], ["red"]),
            (["list", "sec"], ["second"]),
            (["list", "/usr/bin/f"], ["/usr/bin/first"]),
            (["list", "EXEC_UNIT", "=", "o"], ["one.service"]),
            (["list", "EXEC_UNIT", "=", "x"], []),
            (["doctor", "l"], ["lasting", "lockdown", "lost"]),
            (["doctor", "seen", "rate"], ["rate-limit"]),
            (["export", "--format", "=", "o"], ["ocsf", "otel"]),
            (["export", "--cursor-file", "=", str(COMPLETION / "exectl.b")], [str(COMPLETION / "exectl.bash")]),
            (["gaps", ""], [])):
        check.equal(f"behind {words}", sorted(offered(*words)), sorted(wanted))


def test_checks(live):
    """Each check of doctor is offered by both shells and explained in the man page, in the order in which doctor runs them."""
    journal = Written(live)
    journal.write([execution(1, 1, ["/usr/bin/first"])])
    journal.stop()
    viewer = Viewer(live, journal.directory())
    done = subprocess.run(viewer.command("doctor", "-o", "json"), capture_output=True, check=False, text=True)
    known = [json.loads(line)["check"] for line in done.stdout.splitlines()]
    bash = re.search(r"== doctor \]\]; then\n *_exectl_reply '([a-z -]+)'", (COMPLETION / "exectl.bash").read_text(encoding="utf-8"))
    check.equal("checks in exectl.bash", bash[1].split(), known)
    zsh = re.search(r"local -a checks=\((.*?)\n    \)", (COMPLETION / "_exectl").read_text(encoding="utf-8"), re.S)
    check.equal("checks in _exectl", re.findall(r"^ *'([a-z-]+):", zsh[1], re.M), known)
    page = (COMPLETION.parents[1] / "packaging/man/exectl.1").read_text(encoding="utf-8").replace("\\-", "-")
    section = page.split("The checks are:\n")[1].split("\n.PP\n")[0]
    check.equal("checks in the man page", re.findall(r"^\.TP\n\.B ([a-z-]+)$", section, re.M), known)


def test_all_options(live):
    """Each option of --help is offered by both shells, is explained in the man page, and nothing else is."""
    text = subprocess.run([Viewer(live, None).program, "--help"], capture_output=True, check=True, text=True).stdout
    known = set(re.findall(r"(--[a-z-]+)", text)) | {"--no-full"}
    known.discard("--")
    for path, pattern in ((COMPLETION / "exectl.bash", r"(?<=[\s'|])(--[a-z-]+)"), (COMPLETION / "_exectl", r"(--[a-z-]+)")):
        offered = set(re.findall(pattern, path.read_text(encoding="utf-8")))
        check.equal(f"options in {path.name}", sorted(known - offered), [])
        check.equal(f"more in {path.name}", sorted(offered - known), [])
    page = (COMPLETION.parents[1] / "packaging/man/exectl.1").read_text(encoding="utf-8").replace("\\-", "-")
    check.equal("options of the man page", sorted(known - set(re.findall(r"(--[a-z-]+)", page))), [])
    check.true("commands are in the man page", all(
        re.search(rf"^\.B.? {name}\b", page, re.M) for name in re.findall(r"^  ([a-z]+) ", text, re.M)))

# SPDX-License-Identifier: GPL-2.0-or-later
"""What bash offers behind the beginning of a command line of exectl."""

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
            (["list", "EXEC_UNIT", "=", "x"], [])):
        check.equal(f"behind {words}", sorted(offered(*words)), sorted(wanted))


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

# SPDX-License-Identifier: GPL-2.0-or-later
"""The tree of a whole build, from the journal alone, by the query that the README shows."""

import json
import os
import pathlib
import re
import shutil
import subprocess

from lib import check
from lib.journal import Journal

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
QUERY = re.compile(r"^ROOT=.*?\n(journalctl .*?)\n```", re.DOTALL | re.MULTILINE)

# Like a configure script: subshells, command substitutions, pipes, things in the background; and a build by make.
BUILD = r"""
set -e
exec >/dev/null
cd "$1"
check() { echo "int main(void) { return $1; }" >conftest.c; gcc -o conftest conftest.c; ./conftest; }
host=$(uname -s | tr A-Z a-z)
(check 0; (echo "$host"; uname -m) | cat >config.log)
for i in 1 2; do printf 'int f%d(void) { return %d; }\n' $i $i >f$i.c; done
printf 'all: a.out\na.out: f1.o f2.o\n\t(ar rc lib.a $^; true)\n%%.o: %%.c\n\tgcc -c $< -o $@ && :\n' >Makefile
make -j2
"""
COMPILES = {"gcc": {"cc1", "as"}, "collect2": {"ld"}}


def query(journal, root):
    """What the README's command prints of this journal."""
    match = QUERY.search(README.read_text(encoding="utf-8"))
    check.true("README shows no query of a tree", match)
    script = match[1].replace("journalctl ", f"journalctl -D {journal.directory()} ", 1).replace(" -b ", " ", 1)
    done = subprocess.run(["/bin/sh", "-c", script], env={**os.environ, "ROOT": root}, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    check.equal("standard error of the query", done.stderr, "")
    return done.stdout.splitlines()


def name_of(command):
    return os.path.basename(command.split()[0])


def parse(lines):
    """(depth, last program of the line) of each, and the programs below each line."""
    nodes = []
    for line in lines:
        depth = (len(line) - len(line.lstrip(" "))) // 2
        nodes.append((depth, name_of(line.split("  =>  ")[-1])))
    below = []
    for index, (depth, _) in enumerate(nodes):
        children = []
        for other, name in nodes[index + 1:]:
            if other <= depth:
                break
            if other == depth + 1:
                children.append(name)
        below.append(children)
    return nodes, below


def test_tree_of_a_build(live):
    for program in ("gcc", "make", "ar", "jq"):
        if not shutil.which(program):
            raise check.Skip(f"{program} is not installed")
    journal = Journal(live)
    journal.trace()
    script = live.write_file("build", BUILD)
    shell = live.run("/bin/sh", ["sh", script, live.scratch()], env={b"PATH": os.environb[b"PATH"]})
    journal.catch_up()
    root = journal.of(shell.pid)

    lines = query(journal, root["EXEC_PROCESS"])
    nodes, below = parse(lines)
    names = [name for _, name in nodes]
    check.equal("first line", nodes[0], (0, "sh"))
    check.equal("the only one at the top", [depth for depth, _ in nodes].count(0), 1)
    # Each by as many as the script runs.
    for name, count in (("uname", 2), ("tr", 1), ("cat", 1), ("conftest", 1), ("make", 1), ("ar", 1),
                        ("cc1", 3), ("as", 3), ("collect2", 1), ("ld", 1), ("gcc", 3)):
        check.equal(f"lines of {name}", names.count(name), count)
    for (_, name), children in zip(nodes, below):
        if name in COMPILES:
            check.true(f"{name} called {children}", COMPILES[name] & set(children))
    # Under make, by way of its shells.
    make = names.index("make")
    check.equal("lines directly below make", sorted(set(below[make]) - {"gcc", "sh"}), [])
    depth = nodes[make][0]
    inside = [name for d, name in nodes[make + 1:] if d > depth]
    check.equal("compiled by make", inside.count("cc1"), 2)
    check.true("ar is not below make", "ar" in inside)

    # The query for the children of one process.
    root_id = root["EXEC_PROCESS"]
    shown = subprocess.run(["journalctl", "-D", journal.directory(), "--quiet", "-o", "json", "-t", "exectrace",
                            f"EXEC_PARENT={root_id}", "+", f"EXEC_ANCESTOR={root_id}"],
                           check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    expected = [e["EXEC_SEQ"] for e in journal.records() if root_id in (e.get("EXEC_PARENT"), e.get("EXEC_ANCESTOR"))]
    check.true(f"children: {expected}", len(expected) >= 7)
    check.equal("children", [json.loads(line)["EXEC_SEQ"] for line in shown.stdout.splitlines()], expected)
    journal.daemon.stop()

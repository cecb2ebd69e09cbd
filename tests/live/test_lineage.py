# SPDX-License-Identifier: GPL-2.0-or-later
"""The tree of a whole build, from the journal alone, as exectl shows it."""

import json
import os
import shutil
import subprocess

from lib import check
from lib.journal import Journal
from lib.viewer import Viewer

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


def name_of(program):
    return os.path.basename(program["argv"][0])


def parse(processes):
    """(depth, last program) of each process, and the programs of the processes below each."""
    nodes = [(process["depth"], name_of(process["programs"][-1])) for process in processes]
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
    for program in ("gcc", "make", "ar"):
        if not shutil.which(program):
            raise check.Skip(f"{program} is not installed")
    journal = Journal(live)
    journal.trace()
    script = live.write_file("build", BUILD)
    shell = live.run("/bin/sh", ["sh", script, live.scratch()], env={b"PATH": os.environb[b"PATH"]})
    journal.catch_up()
    root = journal.of(shell.pid)

    viewer = Viewer(live, journal.directory())
    nodes, below = parse(viewer.run("tree", "--untrusted", root["EXEC_PROCESS"], "--json=short").json())
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

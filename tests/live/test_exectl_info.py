# SPDX-License-Identifier: GPL-2.0-or-later
"""exectl info: each record whole, and whether its files are still those that ran."""

import os
import re
import time

from lib import check, kernel
from lib.epoch import epoch
from lib.viewer import Viewer
from lib.written import Written, execution

MACHINE = "0123456789abcdef0123456789abcdef"


def make(live, records):
    journal = Written(live)
    journal.write(records)
    journal.stop()
    return journal.directory()


def rows(result):
    """(label, value) of each line but those of the chain."""
    return [tuple(line.strip().split(": ", 1)) for line in result.lines() if re.match(" *[A-Z][A-Za-z ]*: ", line)]


def test_info(live):
    viewer = Viewer(live, make(live, [
        execution(1, 106, ["sudo", "ls"], flag=["setuid"], uid=1000, euid=0), execution(2, 107, ["x"], unit="a.service"),
        execution(3, 108, ["x"], unit="b.service")]))
    text = viewer.run("info", "106").out
    for line in ("  Command line: sudo ls\n", "           PID: 106\n", "         Flags: setuid\n", "effective uid 0"):
        check.true(f"{line!r} is in {text}", line in text)
    check.equal("without a MATCH the newest", re.findall("PID: (.*)", viewer.run("info").out), ["108"])
    check.equal("all of them", len(re.findall("Command line:", viewer.run("info", "*.service").out)), 2)


def test_whole(live):
    """Each field that a record can have is there, also one of a later version."""
    texts = ("process", "parent", "ancestor", "tty", "cwd", "comm", "parent_comm", "filename", "exe", "build_id", "unit", "user_unit",
             "slice", "logind_session", "container", "cgroup", "invocation_id", "error", "user", "login_user")
    numbers = ("seq", "pid", "ppid", "nspid", "pidns", "pgid", "sid", "uid", "gid", "euid", "egid", "loginuid", "session",
               "argv_bytes", "errno", "tries")
    values = {**{name: f"v-{name}-v" for name in texts}, **{name: 90001 + i for i, name in enumerate(numbers)}}
    repeated = {"flag": ["fd", "traced"], "tag": ["tag1", "tag2"], "environment_duplicate": ["PATH", "HOME"]}
    marks = {"truncated": "yes", "environment_truncated": "yes", "redact_timeout": "yes"}
    more = {"label_site": "v-north-v", "env_lang": "v-lang-v", "future": "v-future\n-v", "flags": "fd,traced", "tags": "tag1,tag2"}
    result = Viewer(live, make(live, [execution(argv=["av"], stdin="socket", **values, **repeated, **marks, **more)])).run("info")
    found = rows(result)
    check.equal("left out", [v for v in map(str, values.values()) if not any(v in value for _, value in found)], [])
    for row in (("Parent pid", "90003"), ("Parent process", "v-parent-v"), ("Ancestor", "v-ancestor-v"), ("Error number", "90015"),
                ("Truncated", "yes"), ("Env truncated", "yes"), ("Env duplicate", "PATH,HOME"), ("Redact timeout", "yes"),
                ("Machine", MACHINE), ("Label", "SITE=v-north-v"), ("Environment", "LANG=v-lang-v"),
                ("Field", r"$'EXEC_FUTURE=v-future\012-v'")):
        check.true(f"{row} in {found}", row in found)
    check.equal("lists once", [label for label, value in found if "traced" in value or "tag1" in value], ["Flags", "Tags"])


def local(directory):
    """A setup() in which these are the journals of this machine."""
    def setup():
        kernel.private_mounts()
        kernel.mount("tmpfs", "/var/log", "tmpfs")
        kernel.mount("tmpfs", "/run", "tmpfs")
        os.makedirs("/run/log/journal")
        kernel.bind(directory, "/run/log/journal")
        with open("/run/machine-id", "w", encoding="ascii") as file:
            file.write(f"{MACHINE}\n")
        kernel.bind("/run/machine-id", "/etc/machine-id")
    return setup


def test_files(live):
    """Of a script both the script and its interpreter are looked at; what changed behind the record's back is told."""
    script, program = os.fsdecode(live.script(b"/bin/sh")), os.fsdecode(live.copy_target())
    before, after = epoch() - 3_600_000_000, int(time.time() * 1e6) + 60_000_000
    where, name = os.path.split(script)

    def ran(seq, timestamp, filename, cwd="/", flag=("script",), exe=program):
        return execution(seq, seq, ["x"], timestamp=timestamp, filename=filename, cwd=cwd, flag=list(flag), exe=exe)
    directory = make(live, [
        ran(1, after, script), ran(2, before, script), ran(3, after, f"./{name}", where), ran(4, after, "./gone", where),
        ran(5, after, program, flag=["traced"]), ran(6, before, program, flag=["traced"]), ran(7, after, "/dev/fd/3", flag=["script", "fd"]),
        ran(8, after, script, flag=["script", "deleted"]), ran(9, after, "./x", "(unreachable)/x")])
    viewer, still, gone = Viewer(live, None), "still the one that ran", "not there any more"
    for pid, wanted in {1: [("Script", still), ("Interpreter", still)], 3: [("Script", still), ("Interpreter", still)],
                        2: [("Script", "changed"), ("Interpreter", "changed")], 4: [("Script", gone), ("Interpreter", still)],
                        5: [("File", still)], 6: [("File", "changed")], 7: [("Interpreter", still)],
                        8: [("Script", still), ("Interpreter", "it had no name")], 9: [("Interpreter", still)]}.items():
        found = [row for row in rows(viewer.run("info", str(pid), setup=local(directory))) if row[0] in ("Script", "Interpreter", "File")]
        check.equal(f"labels of {pid}", [label for label, _ in found], [label for label, _ in wanted])
        for (_, value), (label, words) in zip(found, wanted):
            check.true(f"{label} of {pid}: {value!r} is {words!r}", value.startswith(words))
    check.equal("elsewhere", [row for row in rows(Viewer(live, directory).run("info", "5")) if row[0] == "File"], [])

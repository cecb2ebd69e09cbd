# SPDX-License-Identifier: GPL-2.0-or-later
"""exectl tree, why, who, sessions and privileged: what belongs to what, in the records and in real processes."""

import re

from lib import check
from lib.epoch import epoch
from lib.viewer import Viewer
from lib.written import Written, execution


def process(pid):
    return f"{pid}-{pid:x}0"


def child(seq, pid, parent, argv, **fields):
    """An exec of a child of `parent`."""
    return execution(seq, pid, argv, ppid=parent, parent=process(parent), **fields)


LOGIN = {"loginuid": 1000, "session": 3, "unit": "session-3.scope"}
TYPED = {**LOGIN, "flag": ["interactive"]}
SSH = "192.0.2.7 51514 192.0.2.1 22"


def entries():
    return [
        execution(1, 700, ["/usr/sbin/sshd", "-D"], unit="ssh.service", invocation_id="ab" * 16),
        child(2, 800, 700, ["-bash"], exe="/bin/bash", parent_comm="sshd", uid=1000, tty="pts/0", env_ssh_connection=SSH, **TYPED),
        child(3, 810, 800, ["ls", "-l"], uid=1000, tty="pts/0", **TYPED),
        child(4, 820, 800, ["sudo", "-i"], uid=1000, euid=0, tty="pts/0", **{**TYPED, "flag": ["interactive", "setuid"]}),
        child(5, 821, 820, ["-bash"], exe="/bin/bash", tty="pts/1", **TYPED),
        child(6, 830, 821, ["systemd-run", "--pty", "/usr/bin/id", "-u"], tty="pts/1", **TYPED),
        execution(7, 840, ["/usr/bin/id", "-u"], unit="run-u12.service"),
        child(8, 850, 821, ["make"], tty="pts/1", **TYPED),
        child(9, 851, 850, ["sh", "-c", "gcc x.c"], **LOGIN),
        child(10, 851, 850, ["gcc", "x.c"], **LOGIN),
        child(11, 852, 9999, ["cc1", "x.c"], ancestor=process(851), **LOGIN),
        child(12, 860, 850, ["nope"], errno=2, error="ENOENT", **LOGIN),
        # 850 is another process by now.
        child(13, 850, 700, ["later"], process="850-ffff"),
    ]


TREE = """1 systemd (not recorded)
├─700 /usr/sbin/sshd -D
│ ├─800 -bash
│ │ ├─810 ls -l
│ │ └─820 sudo -i
│ │   └─821 -bash
│ │     ├─830 systemd-run --pty /usr/bin/id -u
│ │     └─850 make
│ │       └─851 sh -c 'gcc x.c'  =>  gcc x.c
│ │         └─852 cc1 x.c
│ └─850 later
└─840 /usr/bin/id -u
"""


def make(live, records=None):
    journal = Written(live)
    journal.write(entries() if records is None else records)
    journal.stop()
    return Viewer(live, journal.directory())


def at(milliseconds):
    return f"--at=@{(epoch() + milliseconds * 1000) / 1e6:.6f}"


def test_tree(live):
    viewer = make(live)
    check.equal("all of it", viewer.run("tree").out, TREE)
    check.equal("of one", viewer.run("tree", "851").out, "851 sh -c 'gcc x.c'  =>  gcc x.c\n└─852 cc1 x.c\n")
    check.equal("of a name", viewer.run("tree", "make").out,
                "850 make\n└─851 sh -c 'gcc x.c'  =>  gcc x.c\n  └─852 cc1 x.c\n")
    check.equal("of two, one in the other", viewer.run("tree", "make", "gcc").out, viewer.run("tree", "make").out)
    check.equal("in ASCII", viewer.run("tree", "make", LC_ALL="C").out,
                "850 make\n`-851 sh -c 'gcc x.c'  =>  gcc x.c\n  `-852 cc1 x.c\n")
    viewer.run("tree", "nothing", status=1)


def test_tree_json(live):
    got = make(live).run("tree", "821", "--json=short").json()
    check.equal("processes and depths", [(o["process"], o["depth"], len(o["programs"])) for o in got],
                [(process(821), 0, 1), (process(830), 1, 1), (process(850), 1, 1), (process(851), 2, 2), (process(852), 3, 1)])
    check.equal("arguments", [p["argv"] for o in got for p in o["programs"]][3:5], [["sh", "-c", "gcc x.c"], ["gcc", "x.c"]])


def test_tree_up(live):
    lines = make(live).run("tree", "--up", "cc1").lines()
    check.equal("towards the root", [line.split("(")[0].strip(" └─") for line in lines[:-1]],
                ["852 cc1 x.c", "851 sh -c 'gcc x.c'  =>  gcc x.c", "850 make", "821 -bash", "820 sudo -i", "800 -bash",
                 "700 /usr/sbin/sshd -D"])


def test_circles(live):
    """Records that make each process the parent of the other, and one its own: all are shown, and it ends."""
    viewer = make(live, [child(1, 2, 3, ["a"]), child(2, 3, 2, ["b"]), child(3, 4, 4, ["c"]), child(4, 5, 2, ["d"]),
                         child(5, 6, 7, ["e"], timestamp=epoch()), child(6, 7, 6, ["f"], timestamp=epoch())])
    out = viewer.run("tree").out
    for name in "abcdef":
        check.equal(f"times that {name} is there", out.count(f" {name}\n"), 1)
    for pid, names in ((2, "a"), (3, "ab"), (4, "c"), (5, "ad"), (6, "fe"), (7, "ef")):
        up = viewer.run("tree", "--up", str(pid)).lines()
        for what, lines in (("why", viewer.run("why", str(pid)).lines()[1:]), ("up", up[-2::-1])):
            check.equal(f"{what} of {pid}: {lines}", "".join(re.findall(r"\d ([a-f])\b", "\n".join(lines))), names)


def test_deep(live):
    """A process for each of 3,000 levels."""
    viewer = make(live, [child(i, 1000 + i, 999 + i, ["deep", str(i)]) for i in range(1, 3000)])
    lines = viewer.run("tree").lines()
    check.equal("lines", len(lines), 3000)
    check.true("the last one", lines[-1].endswith("(2999) 3999 deep 2999"))
    check.true("why ends", len(viewer.run("why", "3999").lines()) > 1000)


def test_why(live):
    viewer = make(live)
    lines = viewer.run("why", "852").lines()
    check.equal("where it comes from", lines[0], f"ssh.service, run {'ab' * 16}, started by systemd; "
                "login 1000, session 3, on pts/0, from 192.0.2.7")
    check.equal("the last", lines[-1].strip(), "└─852 cc1 x.c")
    check.equal("levels", len(lines), 8)
    check.equal("of a unit", viewer.run("why", "ssh.service").lines()[1:], ["└─700 /usr/sbin/sshd -D  (0, ssh.service)"])
    check.true("of a scope, which no manager starts anything in", "852 cc1" in viewer.run("why", "session-3.scope").lines()[-1])
    viewer.run("why", "4711", status=1)
    viewer.run("why", status=1)


def test_who(live):
    """One pid, two processes."""
    viewer = make(live)
    check.true("now", "850 later" in viewer.run("who", "850").lines()[-1])
    check.true("before", "850 make" in viewer.run("who", "850", at(9)).lines()[-1])
    check.true("the first program", viewer.run("who", "851", at(9)).lines()[-1].endswith("851 sh -c 'gcc x.c'"))
    check.true("both", viewer.run("who", "851", at(10)).lines()[-1].endswith("=>  gcc x.c"))
    viewer.run("who", "850", at(7), status=1)
    for word in ("make", "7z", "2to3", "cron.service"):
        check.true("a word", "who needs one pid" in viewer.run("who", word, status=1).err)
    check.true("a process", "850 later" in viewer.run("who", "850-ffff").lines()[-1])


JOINS = {
    # the client's arguments, the unit, what was executed, how they are joined
    ("systemd-run", "--unit=mine", "sleep", "9"): ("mine.service", ["/usr/bin/sleep", "9"], "by the unit that it names"),
    ("systemd-run", "-u", "other.service", "x"): ("other.service", ["/usr/bin/true"], "by the unit that it names"),
    ("run0", "id"): ("run-p830-i77.service", ["/usr/bin/unlike"], "by its pid in the unit's name"),
    ("systemd-run", "/usr/bin/id"): ("run-u7.service", ["/usr/bin/id"], "by time and arguments"),
    ("run0",): ("run-u8.service", ["-bash"], "by time alone"),
    ("systemd-run", "--unit=mine", "x"): ("another.service", ["x"], None),
    ("systemd-run", "sleep", "1"): ("cron.service", ["sleep", "1"], None),
}


def test_failed(live):
    """What failed is in no tree, which it says; --up can begin at it."""
    viewer = make(live, [execution(1, 800, ["bash"]), child(2, 801, 800, ["nothere"], errno=2, error="ENOENT", exe=None)])
    check.true("a word", "tree shows only what ran" in viewer.run("tree", "--failed", status=1).err)
    lines = viewer.run("tree", "--failed", "--up").lines()
    check.true(f"{lines}", len(lines) == 3 and "ENOENT: nothere" in lines[0] and "bash" in lines[1])


def test_joins(live):
    """Who asked the manager for a unit, and how sure that is."""
    for client, (unit, executed, how) in JOINS.items():
        viewer = make(live, [
            execution(1, 800, ["-bash"], uid=1000, tty="pts/0", **TYPED),
            child(2, 830, 800, list(client), uid=1000, tty="pts/0", **TYPED),
            execution(3, 840, executed, unit=unit),
        ])
        lines = viewer.run("why", "840").lines()
        if how is None:
            check.equal(f"lines for {client}", len(lines), 2)
            continue
        check.equal(f"lines for {client}", len(lines), 4)
        check.true(f"{how} in {lines[2]}", lines[2].endswith(f"[asked for what follows: joined {how}]"))
        check.true(f"the login is in {lines[0]}", "login 1000, session 3, on pts/0" in lines[0])
        joined = viewer.run("why", "840", "--json=short").json()[0]["processes"]
        check.equal("in JSON", [p.get("join") for p in joined], [None, f"joined {how}", None])


def test_not_joined(live):
    """One that came too early, one in another unit's time, two that could both be it."""
    first = execution(1, 830, ["run0"], timestamp=epoch() - 3_000_000)
    job = execution(3, 840, ["-bash"], unit="run-u8.service")
    check.equal("too early", len(make(live, [first, job]).run("why", "840").lines()), 2)
    both = [execution(1, 830, ["run0"]), execution(2, 831, ["run0"]), job]
    check.equal("two of them", len(make(live, both).run("why", "840").lines()), 2)


def test_at_and_cron(live):
    """The job's user is the one who asked, and it is said that no more is known."""
    for daemon, client in (("atd", "at"), ("cron", "crontab")):
        viewer = make(live, [
            execution(1, 830, [client, "now"], uid=1000, loginuid=1000, session=4),
            execution(2, 831, [client, "now"], uid=1001),
            execution(3, 700, [f"/usr/sbin/{daemon}"], unit=f"{daemon}.service"),
            child(4, 840, 700, ["sh"], uid=1000, parent_comm=daemon, unit=f"{daemon}.service"),
        ])
        lines = viewer.run("why", "840").lines()
        check.true(f"{lines}", lines[1].startswith(f"└─830 {client} now"))
        check.true(f"{lines}", lines[1].endswith("joined by user and time alone]"))


def test_executor(live):
    """From version 255 on the manager's own systemd-executor is executed first, in the same process."""
    viewer = make(live, [
        execution(1, 830, ["systemd-run", "id", "-u"], **LOGIN),
        execution(2, 840, ["/usr/lib/systemd/systemd-executor", "--deserialize", "9"], unit="run-u1.service"),
        execution(3, 840, ["/usr/bin/id", "-u"], unit="run-u1.service"),
    ])
    check.true("joined", "joined by time and arguments" in viewer.run("why", "840").out)


def test_sessions(live):
    viewer = make(live)
    (session,) = viewer.run("sessions", "--json=short").json()
    check.equal("the login", {k: session[k] for k in ("session", "login", "tty", "from", "executed", "begin", "end")},
                {"session": "3", "login": "1000", "tty": "pts/0", "from": "192.0.2.7", "executed": 9,
                 "begin": epoch() + 2000, "end": epoch() + 12000})
    check.equal("typed", [(t["depth"], t["command"]) for t in session["typed"]],
                [(0, "-bash"), (1, "ls -l"), (1, "sudo -i"), (2, "-bash"), (3, "systemd-run --pty /usr/bin/id -u"),
                 (3, "make")])
    lines = viewer.run("sessions").lines()
    check.equal("lines", len(lines), 7)
    check.true("indented", lines[-1].endswith("       make"))
    check.equal("of a login", viewer.run("sessions", "--login=1000", "--json=short").json(), [session])
    viewer.run("sessions", "--login=1001", status=1)


def test_failed_commands(live):
    """What was typed and failed was typed, too, and is marked; what failed without being typed is not listed."""
    typed = {"errno": 2, "error": "ENOENT", "exe": None, **TYPED}
    viewer = make(live, [
        child(1, 800, 700, ["-bash"], exe="/bin/bash", tty="pts/\x1b[2J", login_user="it's", **TYPED),
        child(2, 801, 800, ["nothere", "x"], **typed), child(3, 802, 800, ["sh"], **TYPED), child(4, 803, 802, ["no\n"], **typed),
        child(5, 804, 802, ["untyped"], errno=13, error="EACCES", exe=None, **LOGIN),
        child(6, 805, 802, ["asked"], **{**typed, "flag": ["check", "interactive"]})])
    (session,) = viewer.run("sessions", "--json=short").json()
    check.equal("typed", [(t["depth"], t["command"], t.get("error")) for t in session["typed"]],
                [(0, "-bash", None), (1, "nothere x", "ENOENT"), (1, "sh", None), (2, r"$'no\012'", "ENOENT")])
    check.equal("what is no text for a terminal is as it was", (session["executed"], session["login"], session["tty"]),
                (2, "it's", "pts/\x1b[2J"))
    lines = viewer.run("sessions").lines()
    check.true(f"{lines}", r"'it'\''s', on $'pts/\033[2J'" in lines[0] and lines[2].endswith("ENOENT: nothere x") and len(lines) == 5)
    (session,) = viewer.run("sessions", "--failed", "--json=short").json()
    check.equal("only what failed", [t["command"] for t in session["typed"]], ["nothere x", r"$'no\012'"])


def test_privileged(live):
    others = [execution(20, 900, ["ping", "::1"], flag=["filecaps"], uid=1001), execution(21, 901, ["id"], uid=1001),
              execution(22, 902, ["id"], uid=1000, loginuid=1000), execution(23, 903, ["id"], uid=0)]
    result = make(live, entries() + others).run("privileged", "-o", "json").objects()
    check.equal("reasons", [(o["pid"], o["reason"]) for o in result], [
        (820, "setuid,asks"), (821, "other-user"), (830, "other-user,asks"), (850, "other-user"), (851, "other-user"),
        (851, "other-user"), (852, "other-user"), (860, "other-user"), (900, "filecaps")])


def test_real_processes(live):
    """A shell that forks, executes and is orphaned: what the daemon records is the tree that was."""
    journal = Written(live)
    journal.trace()
    script = 'sh -c "sh -c \'true inner; exit 0\'; exec sleep 0" & wait; (env true forked)'
    shell = live.run(b"/bin/sh", [b"sh", b"-c", script.encode()], {b"PATH": b"/usr/bin:/bin"})
    journal.settle()
    viewer = Viewer(live, journal.directory())
    out = viewer.run("tree", str(shell.pid)).out
    wanted = [("sh", 0), ("sh", 1), ("sh", 2), ("env", 1)]
    got = [(o["programs"][0]["argv"][0], o["depth"]) for o in viewer.run("tree", str(shell.pid), "--json=short").json()]
    check.equal(f"in {out}", got, wanted)
    check.true(f"programs in turn, in {out}", "=>  sleep 0" in out and "env true forked  =>  true forked" in out)
    up = viewer.run("why", str(shell.pid)).lines()[-1]
    check.true(f"{up} is the shell", f"{shell.pid} sh -c" in up)

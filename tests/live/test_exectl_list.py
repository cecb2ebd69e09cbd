# SPDX-License-Identifier: GPL-2.0-or-later
"""exectl list, top and new, on records whose contents are known."""

import itertools
import os
import re

from lib import cgroup, check
from lib.epoch import epoch
from lib.viewer import Viewer
from lib.written import CGROUPS, Written, execution, notice

NASTY = ["echo", "\x1b[31mred", "a\nb", "\u202egnp.exe", "tab\t", "it's", "", "ü", "漢字", "\x9b31m", "\u2028"]
FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def record(seq, pid, argv, **fields):
    return execution(seq, pid, argv, **fields)


def entries():
    return [
        record(1, 101, ["/usr/bin/id"], unit="cron.service", uid=1000, loginuid=1000, session=2, tag=["a", "b"]),
        record(2, 102, ["/usr/bin/id", "-u"], unit="ssh.service", uid=0, tty="pts/1"),
        record(3, 103, ["awk", "{ print }"], unit="user@1000.service", user_unit="app.service", uid=1000),
        record(4, 104, ["run", "x"], exe="/usr/bin/python3", filename="/opt/tool/run", flag=["script"], unit="cron.service"),
        record(5, 105, ["missing"], filename="/usr/bin/missing", exe=None, errno=2, error="ENOENT"),
        record(6, 106, ["sudo", "ls"], flag=["setuid"], uid=1000, euid=0, loginuid=1000, session=2),
        record(7, 107, ["a.out"], exe="/memfd:x", flag=["memfd", "deleted"]),
        record(8, 108, NASTY, exe="/tmp/\x1b]0;t\x07", cwd="/\u202e", comm="\x1b[2J", tty="\x1b[H", unit="\x1b[31m.service"),
        notice("lost", exec_lost=5, exec_lost_cause="ring-full"),
    ]


def make(live, records=None):
    journal = Written(live)
    journal.write(entries() if records is None else records)
    journal.write_as([record(9, 666, ["forged"])], 1000)
    journal.stop()
    return Viewer(live, journal.directory())


def pids(result):
    return [o["pid"] for o in result.objects()]


def test_matches(live):
    viewer = make(live)
    expected = {
        (): [101, 102, 103, 104, 105, 106, 107, 108],
        ("101",): [101],
        ("101", "102"): [101, 102],
        ("id",): [101, 102],
        ("/usr/bin/id",): [101, 102],
        ("run",): [104],
        ("/opt/tool/run",): [104],
        ("python*",): [104],
        ("cron.service",): [101, 104],
        ("app.service",): [103],
        ("*.service",): [101, 102, 103, 104, 108],
        ("103-670",): [103],
        ("id", "cron.service"): [101],
        ("id", "awk", "cron.service", "app.service"): [101, 103],
        ("EXEC_UID=1000",): [101, 103, 106],
        ("EXEC_UID=1000", "EXEC_LOGINUID=1000"): [101, 106],
        ("-u", "cron"): [101, 104],
        ("-u", "user@1000.service"): [103],
        ("--user-unit=app",): [103],
        ("--user=1000",): [101, 103, 106],
        ("--user=root", "id"): [102],
        ("--login=1000",): [101, 106],
        ("--login=unset", "id"): [102],
        ("--login=unset", "--login=1000", "id"): [101, 102],
        ("--tag=a",): [101],
        ("--failed",): [105],
        ("missing",): [105],
        ("-g", "PRINT"): [],
        ("-g", "print"): [103],
        ("-g", "^sudo l.$"): [106],
        ("-n3",): [106, 107, 108],
        ("-n", "2", "id"): [101, 102],
        ("-n", "1", "id", "-r"): [102],
        ("-r", "EXEC_UID=1000"): [106, 103, 101],
        ("--untrusted", "forged"): [666],
        ("-b", "102"): [102],
        ("_UID=0", "101"): [101],
    }
    for words, wanted in expected.items():
        result = viewer.run("list", *words, "-o", "json", status=0 if wanted else 1)
        check.equal(f"list {words}", pids(result), wanted)
        if not wanted:
            check.equal("what it says", result.err, "exectl: nothing found\n")
            check.equal("quietly", viewer.run("list", *words, "-q", status=1).err, "")


def test_times(live):
    viewer = make(live)

    def at(milliseconds):
        return f"@{(epoch() + milliseconds * 1000) / 1e6:.6f}"

    for options, wanted in (
            (["-S", at(3)], [103, 104, 105, 106, 107, 108]),
            (["-U", at(3)], [101, 102, 103]),
            (["-S", at(3), "-U", at(4)], [103, 104]),
            (["-S", at(3), "-U", at(4), "-r"], [104, 103]),
            (["-S", at(3), "-U", at(6), "-n", "2"], [105, 106]),
            (["-S", "-10min"], [101, 102, 103, 104, 105, 106, 107, 108]),
            (["-S", "yesterday", "-n1"], [108])):
        check.equal(f"{options}", pids(viewer.run("list", *options, "-o", "json")), wanted)
    viewer.run("list", "-S", "+1h", status=1)
    for wrong in ("gestern", "2026-13-01", "Mon 2026-11-24", "-1x", "@", "99999999999999999999"):
        check.true("it says what is wrong", "no time" in viewer.run("list", f"--since={wrong}", status=1).err)


def test_boots(live):
    viewer = make(live)
    boot = viewer.run("list", "-n1", "-o", "json").objects()[0]["boot_id"]
    for options in (["-b"], ["-b", boot], [f"--boot={boot}+0"], ["-b", "0"], ["-b1"], ["-b", "all"]):
        check.equal(f"{options}", len(viewer.run("list", *options, "-o", "json").objects()), 8)
    for options in (["-b", "-1"], ["-b2"], ["-b", "0" * 31 + "1"], ["-b", boot + "-1"]):
        check.true("it says so", "nothing of" in viewer.run("list", *options, status=1).err)
    viewer.run("list", "--boot=x", status=1)


def test_keys(live):
    """JSON has the daemon's own keys, and numbers are numbers."""
    first = make(live).run("list", "101", "-o", "json").objects()[0]
    wanted = {"pid": 101, "ppid": 1, "uid": 1000, "gid": 0, "loginuid": 1000, "session": 2, "argv": ["/usr/bin/id"],
              "exe": "/usr/bin/id", "filename": "/usr/bin/id", "unit": "cron.service", "tags": ["a", "b"], "seq": 1,
              "timestamp": epoch() + 1000, "process": "101-650", "parent": "1-10"}
    check.equal("members", {key: first[key] for key in wanted}, wanted)


def test_json_forms(live):
    viewer = make(live)
    lines = viewer.run("list", "-o", "json").objects()
    check.equal("as an array", viewer.run("list", "--json=short").json(), lines)
    check.equal("as a pretty one", viewer.run("list", "--json=pretty").json(), lines)
    text = viewer.run("list", "-o", "json-pretty").out
    check.equal("number of pretty objects", len(re.findall(r"^{", text, re.M)), 8)
    check.equal("arguments", [o["argv"] for o in lines if o["pid"] == 108], [NASTY])


def test_nothing_reaches_the_terminal(live):
    """Whatever the form: no control character but newlines, none that changes what is around it."""
    viewer = make(live)
    commands = ("list", "info", "tree", "top", "sessions", "privileged", "new", "why", "who")
    outputs = ("short", "full", "verbose", "json", "json-pretty", "cat")
    for command, output in itertools.product(commands, outputs):
        options = {"new": ["--since=-1d"], "why": ["108"], "who": ["108"]}.get(command, [])
        result = viewer.run(command, *options, "-o", output)
        check.equal(f"{command} -o {output}", FORBIDDEN.findall(result.out), [])
    for by in ("exe", "command", "unit", "parent"):
        check.equal(f"top by {by}", FORBIDDEN.findall(viewer.run("top", f"--by={by}").out), [])
    for field in ("EXEC_UNIT", "EXEC_ARGV", "EXEC_CWD"):
        check.equal(f"-F {field}", FORBIDDEN.findall(viewer.run("list", "-F", field).out), [])


def test_quoted(live):
    line = make(live).run("list", "108", "-o", "cat").out
    check.equal("the command line", line, "echo $'\\033[31mred' $'a\\012b' $'\\342\\200\\256gnp.exe' $'tab\\011' "
                "'it'\\''s' '' 'ü' '漢字' $'\\302\\23331m' $'\\342\\200\\250'\n")


def test_table(live):
    lines = make(live).run("list").lines()
    check.equal("headings", lines[0].split(), ["TIME", "PID", "USER", "LOGIN", "TTY", "UNIT", "FLAGS", "COMMAND"])
    check.true("failures are marked", re.search(r" 105 .* F +ENOENT: missing$", lines[5]))
    check.true("privileges are", re.search(r" 106 .* s +sudo ls$", lines[6]))
    check.true("memory is", re.search(r" 107 .* md +a.out$", lines[7]))
    check.equal("lines", len(lines), 9)


def terminal(viewer, *command, columns=80, **env):
    """The lines on a terminal, without colours and pager."""
    return viewer.on_terminal(*command, columns=columns, SYSTEMD_PAGER="", SYSTEMD_COLORS="0", **env).out.splitlines()


def test_narrow_terminals(live):
    """No line is wider than the terminal, also where characters take two columns; what was cut ends in a mark."""
    viewer = make(live)
    for columns in (10, 20, 40, 80, 100, 200):
        for command in ("list", "tree", "sessions", "top", "top --by=unit", "privileged"):
            lines = terminal(viewer, *command.split(), columns=columns)
            for line in lines:
                check.between(f"width of {line!r} on {columns}", width(line), 0, columns)
            check.equal(f"lines of {command}", len(lines), len(viewer.run(*command.split()).lines()))
    for columns, mark, env in ((80, "…", {}), (80, "...", {"LANG": "C", "LC_ALL": "C"}), (40, "…", {})):
        for command, pid in (("list", "108"), ("tree", "108")):
            line = terminal(viewer, command, pid, columns=columns, **env)[-1]
            check.true(f"{line!r} ends in {mark}", line.endswith(mark) and width(line) == columns)
    check.true("nothing is cut with --full", not any("…" in line for line in terminal(viewer, "list", "--full")))


def test_columns(live):
    """Different users look different, and what is cut are units and command lines."""
    users = ["root", "alice", "alice.b", "alice.c", "a-user-of-a-directory@example"]
    viewer = make(live, [record(i, 100 + i, ["echo", "x" * 100], uid=i, user=user, login_user=user[:9], loginuid=i,
                                tty=f"pts/{i}", flag=["setuid"], unit="u" * 50 + f"@\\x2d{i}.service") for i, user in enumerate(users)])
    for columns in (70, 80, 100, 120):
        heading, *lines = terminal(viewer, "list", columns=columns)
        check.equal("users", [line[heading.index("USER"):].split()[0] for line in lines], users)
        for name, values in (("LOGIN", [user[:9] for user in users]), ("TTY", [f"pts/{i}" for i in range(5)])):
            if name in heading:
                check.equal(name, [line[heading.index(name):].split()[0] for line in lines], values)
        for line in lines:
            check.true(f"the command line of {line!r}", re.search(r" echo x{6,}…$", line))
    heading, *lines = terminal(viewer, "list", columns=120)
    check.true(f"all columns are in {heading}", {"TIME", "PID", "USER", "LOGIN", "TTY", "UNIT", "COMMAND"} <= set(heading.split()))
    check.true("the unit is cut", re.search(r" 'u{8,}… ", lines[0]))
    check.true("backslashes are themselves", "u'@" not in viewer.run("list").out and "@\\x2d0.service' " in viewer.run("list").out)
    for command in (["top", "--by=user"], ["privileged"]):
        lines = terminal(viewer, *command)
        check.true(f"{command} has short times: {lines[1]}", re.search(r"(^| )\d\d-\d\d \d\d:\d\d:\d\d ", lines[1]))
    check.equal("users of top", sorted(line.split()[-1] for line in terminal(viewer, "top", "--by=user")[1:]), sorted(users))


def test_columns_stay(live):
    """The first rows decide where the columns are, however many follow."""
    viewer = make(live, [record(i, 1000 + i, ["x"], unit="much-longer.service" if i < 3 else "a.service")
                         for i in range(1, 1600)] + [record(1600, 12345678, ["wide"], unit="b.service")])
    for lines in (viewer.run("list").lines(), terminal(viewer, "list")):
        at = lines[0].index("COMMAND")
        check.equal("where the commands begin", {line.index(" x") + 1 for line in lines[1:-1]}, {at})
        check.true(f"the wide row ends as the others: {lines[-1]}", lines[-1].index(" wide") + 1 in range(at, at + 6))


def width(line):
    return sum(2 if "\u2e80" <= c <= "\u9fff" else 1 for c in line)


def test_colours(live):
    viewer = make(live)
    red, yellow, magenta = "\x1b[0;1;31m", "\x1b[0;1;33m", "\x1b[0;1;35m"
    coloured = viewer.on_terminal("list", SYSTEMD_PAGER="", columns=200).lines()
    for pid, colour in ((105, red), (106, yellow), (107, magenta)):
        line = next(text for text in coloured if f" {pid} " in text)
        check.true(f"{line!r} has its colour", colour in line)
    for env in ({"SYSTEMD_COLORS": "0"}, {"NO_COLOR": "1"}, {"TERM": "dumb"}):
        check.true(f"none with {env}", "\x1b" not in viewer.on_terminal("list", **{"SYSTEMD_PAGER": "", **env}).out)
    check.true("none in a pipe", "\x1b" not in viewer.run("list").out)
    check.true("in a pipe if asked for", red in viewer.run("list", SYSTEMD_COLORS="1").out)


def test_colour_words(live):
    """SYSTEMD_COLORS is read as systemd's programs read it, and a word that they do not know changes nothing."""
    viewer = make(live)
    for word in ("1", "y", "on", "16", "256", "24bit"):
        for command in ("list", "--help"):
            check.true(f"in a pipe with {word}", "\x1b" in viewer.run(command, SYSTEMD_COLORS=word).out)
    for word in ("", "auto", "auto-256", "garbage", "0", "N", "f"):
        for command in ("list", "--help"):
            check.true(f"none in a pipe with {word!r}", "\x1b" not in viewer.run(command, SYSTEMD_COLORS=word).out)
    for env in ({"SYSTEMD_COLORS": "0"}, {"NO_COLOR": "1"}, {"SYSTEMD_COLORS": "garbage", "NO_COLOR": "1"}, {"TERM": "dumb"}):
        check.true(f"none on a terminal with {env}", "\x1b" not in viewer.on_terminal("--help", **env).out)
    for word in ("", "auto"):
        out = viewer.on_terminal("list", SYSTEMD_COLORS=word, SYSTEMD_PAGER="").out
        check.true(f"on a terminal with {word!r}", "\x1b" in out)


def test_pager(live):
    """What SYSTEMD_PAGER names is started, with LESS, and gets what would be shown; PAGER only without it."""
    viewer = make(live)
    pager = live.script(b"/bin/sh\necho \"LESS=$LESS $1\"; cat")
    trusted = {"SYSTEMD_PAGERSECURE": "0"}
    shown = viewer.on_terminal("list", SYSTEMD_PAGER=f"{os.fsdecode(pager)} word", PAGER="false", **trusted).lines()
    check.equal("first line", shown[0], "LESS=FRSXMK word")
    check.equal("lines", len(shown), 10)
    shown = viewer.on_terminal("list", PAGER=os.fsdecode(pager), SYSTEMD_LESS="R", **trusted).lines()
    check.equal("first line", shown[0], "LESS=R ")
    for env in ({"SYSTEMD_PAGER": ""}, {"SYSTEMD_PAGER": "cat", "PAGER": "false"}):
        check.equal("lines without", len(viewer.on_terminal("list", **env, **trusted).lines()), 9)
    check.equal("lines with --no-pager", len(viewer.on_terminal("list", "--no-pager", PAGER="false").lines()), 9)


def test_pager_with_privileges(live):
    """Whoever does not run it as the user who logged in, as under sudo, gets less in its secure mode and no other pager."""
    viewer = make(live)
    programs = os.fsdecode(live.scratch())
    for name in ("less", "more", "pager", "mine"):
        path = os.path.join(programs, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\necho {name} secure=$LESSSECURE\nexec cat\n")
        os.chmod(path, 0o755)

    def started(setup, **env):
        env = {"PAGER": "mine", "LESSSECURE": "from outside", "PATH": f"{programs}:/usr/bin:/bin", **env}
        return viewer.on_terminal("list", setup=setup, **env).lines()[0]

    def login(uid):
        path = f"exectl{os.getpid()}.slice/user-{uid}.slice/session-1.scope"
        groups = [cgroup.Group(live, path, root) for root in CGROUPS if os.path.exists(os.path.join(root, "cgroup.procs"))]
        if not groups:
            raise check.Skip("no hierarchy of cgroups is mounted")
        return lambda: [group.enter() for group in groups]

    own, other = login(0), login(1000)
    check.equal("as the user who logged in", started(own), "mine secure=")
    check.equal("without PAGER", started(own, PAGER="nosuchpager"), "pager secure=")
    for setup in (other, None):
        check.equal("as another", started(setup), "less secure=1")
        check.equal("as another, with nothing but a word", started(setup, SYSTEMD_PAGER="mine word"), "less secure=1")
    for setup in (own, other):
        for word in ("1", "y", "t", "on"):
            check.equal(f"with {word}", started(setup, SYSTEMD_PAGERSECURE=word), "mine secure=1")
        for word in ("0", "f"):
            check.equal(f"with {word}", started(setup, SYSTEMD_PAGERSECURE=word), "mine secure=")
        for word in ("", "garbage"):
            check.equal(f"with {word!r}", started(setup, SYSTEMD_PAGERSECURE=word), "less secure=1")
        check.equal("true, and no such pager", started(setup, SYSTEMD_PAGERSECURE="1", PAGER="nosuchpager"), "less secure=1")


def test_locale(live):
    """Where the terminal can't show more than ASCII, nothing else is sent."""
    viewer = make(live)
    for command in ("list", "tree", "info", "top --by=command", "privileged"):
        check.true(f"{command} is ASCII", viewer.run(*command.split(), LANG="C", LC_ALL="C").out.isascii())
    for command in ("list", "tree"):
        check.true(f"one for each character in {command}", " '?' '??' " in viewer.run(command, "108", LANG="C", LC_ALL="C").out)


def test_verbose(live):
    lines = make(live).run("list", "104", "-o", "verbose").lines()
    for line in ("    EXEC_FILENAME=/opt/tool/run", "    EXEC_FLAG=script", "    EXEC_PID=104"):
        check.true(f"{line} is in {lines}", line in lines)


def test_top(live):
    viewer = make(live)

    def top(by, *options):
        return {o[by]: o["count"] for o in viewer.run("top", f"--by={by}", *options, "-o", "json").objects()}

    check.equal("exe", {k: v for k, v in top("exe").items() if v > 1}, {"/usr/bin/id": 2})
    check.equal("unit", top("unit"), {"cron.service": 2, "ssh.service": 1, "app.service": 1, "\x1b[31m.service": 1})
    check.true("quoted as text", r"$'\033[31m.service'" in viewer.run("top", "--by=unit").out)
    check.equal("tag", top("tag"), {"a": 1, "b": 1})
    check.equal("error", top("error"), {"ENOENT": 1})
    check.equal("login", top("login"), {"1000": 2, "unset": 6})
    check.equal("of one", top("exe", "102"), {"/usr/bin/id": 1})
    check.equal("first rows", len(viewer.run("top", "-n2", "-o", "json").objects()), 2)
    shares = [o["share"] for o in viewer.run("top", "-o", "json").objects()]
    check.between("sum of the shares", sum(shares), 99.9, 100.1)
    viewer = make(live, [record(1, 1, ["/usr/bin/["]), record(2, 2, ["/usr/bin/["]), record(3, 3, ["x"])])
    (first, *_) = viewer.run("top", "-o", "json").objects()
    check.equal("as it is in the record", (first["exe"], first["count"]), ("/usr/bin/[", 2))
    viewer.run("top", "--by=nothing", status=1)
    viewer.run("top", "--by=container", status=1)


def test_new(live):
    viewer = make(live, [record(1, 1, ["/bin/old"]), record(2, 2, ["/bin/old"]), record(1000, 3, ["/bin/new"]),
                         record(1001, 4, ["/bin/old"]), record(1002, 5, ["/bin/new"]),
                         record(1003, 6, ["s"], exe="/bin/old", filename="/opt/s", flag=["script"]),
                         record(1004, 7, ["gone"], errno=2, error="ENOENT")])
    since = f"--since=@{(epoch() + 500_000) / 1e6:.6f}"
    result = viewer.run("new", since, "-o", "json")
    check.equal("new ones", pids(result), [3, 6])
    check.equal("warning", result.err, "")
    check.equal("of one name", pids(viewer.run("new", since, "s", "-o", "json")), [6])
    check.true("a warning", "everything is new" in viewer.run("new", "--since=-1h").err)
    viewer.run("new", f"--since=@{(epoch() + 2_000_000) / 1e6:.6f}", status=1)


def test_reader_goes(live):
    """A reader that wants no more is no error, and no crash."""
    viewer = make(live, [record(i, 1000 + i, ["x" * 200]) for i in range(1, 3000)])
    for command in ("list", "list -o json", "tree", "top --by=command", "info EXEC_UID=0"):
        name, *rest = command.split()
        line = " ".join(f"'{word}'" for word in viewer.command(name, *rest))
        script = f"{line} 2>err | head -n 1 >/dev/null; echo ${{PIPESTATUS[0]}} $(cat err)"
        process = live.start("/bin/bash", ["bash", "-c", f"cd {os.fsdecode(live.scratch())}; {script}"],
                             {b"PATH": b"/usr/bin:/bin"}, stdout=True)
        got = []
        process.on_output = got.append
        process.wait()
        live.loop.until(lambda: got, "the status")
        check.equal(f"status of {command}, and what it says", b"".join(got).strip(), b"0")


def test_privileged(live):
    """In each form of the output."""
    viewer = make(live)
    check.equal("command lines", viewer.run("privileged", "-o", "cat").out, "sudo ls\n")
    for line in ("    EXEC_FLAG=setuid", "    EXEC_SESSION=2"):
        check.true(f"{line} is in -o verbose", line in viewer.run("privileged", "-o", "verbose").lines())
    check.true("-o full is exact", re.search(r"^[-\d]+ [:\d]+\.\d{6} +106 ", viewer.run("privileged", "-o", "full").lines()[1]))
    check.equal("the reason", [o["reason"] for o in viewer.run("privileged", "-o", "json").objects()], ["setuid,asks"])
    check.equal("the row", viewer.run("privileged").lines()[1].split()[2:],
                ["106", "1000", "1000", "setuid,asks", "sudo", "ls"])

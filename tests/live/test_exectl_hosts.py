# SPDX-License-Identifier: GPL-2.0-or-later
"""exectl on a host that collects records: several machines and boots in one journal, as systemd-journal-remote writes it."""

import os
import random
import struct
import subprocess

from lib import check
from lib.epoch import epoch
from lib.viewer import Viewer
from lib.written import execution, notice

REMOTE = "/lib/systemd/systemd-journal-remote"
MACHINES = {"alpha": "a" * 32, "beta": "b" * 32}
BOOTS = {"alpha1": "1" * 32, "alpha2": "2" * 32, "beta1": "3" * 32}


def exported(entry, host, boot, at):
    """One entry in the export format, with what journald would have added."""
    trusted = {"_UID": "0", "_SYSTEMD_UNIT": "exectraced.service", "_HOSTNAME": host, "_MACHINE_ID": MACHINES[host],
               "_BOOT_ID": BOOTS[boot], "__REALTIME_TIMESTAMP": str(at), "__MONOTONIC_TIMESTAMP": str(at - epoch() + 1000)}
    out = bytearray()
    for name, value in {**trusted, **entry}.items():
        for one in value if isinstance(value, list) else [value]:
            data = str(one).encode()
            # What stands at the front is read as text only.
            out += name.encode() + (b"=" if name.startswith("_") else b"\n" + struct.pack("<Q", len(data))) + data + b"\n"
    return bytes(out) + b"\n"


def of(boot, at, pid, argv, seq=None, **fields):
    """A record of a boot, `at` milliseconds after epoch()."""
    entry = execution(at, pid, argv, timestamp=epoch() + at * 1000, **fields)
    entry["EXEC_SEQ"] = seq or at
    return exported(entry, boot[:-1], boot, epoch() + at * 1000 + 500)


def make(live, *entries):
    return make_files(live, entries)


def make_files(live, *files):
    """A journal of several files, with the entries of each."""
    if not os.access(REMOTE, os.X_OK):
        raise check.Skip("systemd-journal-remote is not installed")
    directory = os.fsdecode(live.scratch())
    for i, entries in enumerate(files):
        done = subprocess.run(
            [REMOTE, f"--output={directory}/remote-{i}.journal", live.write_file(f"export{i}", b"".join(entries))],
            capture_output=True, check=False)
        check.equal(f"status of systemd-journal-remote, which says {done.stderr}", done.returncode, 0)
    return Viewer(live, directory)


def three_boots(live):
    """The same pids and identities in each."""
    return make(
        live,
        of("alpha1", 1, 10, ["one"], session=1, loginuid=1000, flag=["interactive"]),
        of("alpha1", 2, 11, ["two"], parent="10-a0", ppid=10, session=1, loginuid=1000),
        of("beta1", 3, 10, ["three"], session=1, loginuid=1000, flag=["interactive"]),
        of("beta1", 4, 11, ["four"], parent="10-a0", ppid=10),
        of("alpha2", 5, 10, ["five"]),
        of("alpha2", 6, 11, ["six"], parent="10-a0", ppid=10))


def said(boot, at, event, **fields):
    """A record of the daemon about itself."""
    return exported(notice(event, **fields), boot[:-1], boot, epoch() + at * 1000 + 500)


def commands(result):
    return [o["argv"][0] for o in result.objects()]


def test_boots(live):
    viewer = three_boots(live)
    for options, wanted in (
            ([], ["one", "two", "three", "four", "five", "six"]),
            (["-r"], ["six", "five", "four", "three", "two", "one"]),
            (["-b"], ["five", "six"]),
            (["-b", "-1"], ["three", "four"]),
            (["-b", "-2"], ["one", "two"]),
            (["-b1"], ["one", "two"]),
            (["--boot=3"], ["five", "six"]),
            (["-b", "3" * 32], ["three", "four"]),
            (["-b", "3" * 32 + "-1"], ["one", "two"]),
            (["-b", "3" * 32 + "+1"], ["five", "six"]),
            (["_HOSTNAME=alpha"], ["one", "two", "five", "six"]),
            (["_HOSTNAME=beta", "11"], ["four"]),
            (["-n2"], ["five", "six"])):
        check.equal(f"list {options}", commands(viewer.run("list", *options, "-o", "json")), wanted)
    viewer.run("list", "-b", "-3", status=1)
    viewer.run("list", "-b4", status=1)


def test_nothing_is_mixed(live):
    """An identity is one within its boot only."""
    viewer = three_boots(live)
    lines = viewer.run("why", "four").lines()
    check.true(f"{lines}", "10 three" in lines[1] and "11 four" in lines[2])
    check.equal("levels", len(lines), 3)
    check.true("of the boot before", "10 one" in viewer.run("why", "11", "-b", "-2").lines()[1])
    check.equal("the tree", viewer.run("tree", "one", "three", "five").out,
                "10 one\n└─11 two\n10 three\n└─11 four\n10 five\n└─11 six\n")
    check.equal("logins", [(s["executed"], [t["command"] for t in s["typed"]])
                           for s in viewer.run("sessions", "-o", "json").objects()], [(2, ["one"]), (1, ["three"])])


def test_rate(live):
    """How many in a second, of the time between the first and the last record."""
    viewer = make(live, *(of("alpha1", at, 10, ["one" if at % 2 else "two"]) for at in (1, 2, 5001, 10001)))
    check.equal("rates", {o["exe"]: o["rate"] for o in viewer.run("top", "-o", "json").objects()},
                {"/usr/bin/one": 0.3, "/usr/bin/two": 0.1})


def test_users_by_name(live):
    """A user's name is the records', not this machine's; numbers and names are one thing."""
    viewer = make(
        live,
        of("alpha1", 1, 10, ["one"], uid=1, loginuid=1), of("alpha1", 2, 11, ["two"], uid=77, user="daemon", loginuid=0),
        of("beta1", 3, 12, ["three"], uid=1, user="bin", loginuid=77, login_user="daemon"), of("beta1", 4, 13, ["four"], uid=0))
    for options, wanted in {("--user=daemon",): ["two"], ("--user=bin",): ["three"], ("--user=1",): ["one", "three"],
                            ("--user=daemon", "--user=1"): ["one", "two", "three"], ("--user=root",): ["four"],
                            ("--login=daemon",): ["three"], ("--login=daemon", "--login=root"): ["two", "three"],
                            ("--login=daemon", "--login=unset"): ["three", "four"], ("--user=nobody-has-it",): []}.items():
        result = viewer.run("list", *options, "-o", "json", status=0 if wanted else 1)
        check.equal(f"{options}", commands(result), wanted)


def test_names_are_not_of_this_machine(live):
    """Users of another machine are numbers, or what the record itself calls them."""
    viewer = make(live, of("alpha1", 1, 10, ["x"]), of("beta1", 2, 11, ["y"], user="me\x1b[m"))
    users = [line.split()[4] for line in viewer.run("list", "--no-legend").lines()]
    check.equal("users", users, ["0", "$'me\\033[m'"])
    check.equal("counted", [o["user"] for o in viewer.run("top", "--by=user", "-o", "json").objects()],
                ["0", "me\x1b[m"])
    check.true("quoted as text", r"$'me\033[m'" in viewer.run("top", "--by=user").out)


def test_host_column(live):
    """Where the records are of several hosts, each row has its own; where they are of one, there is no such column."""
    def sudo(boot, at):
        return of(boot, at, at, ["sudo", "x"], uid=1000, euid=0, loginuid=1000, flag=["setuid"])

    several = make(live, sudo("alpha1", 1), sudo("beta1", 2), sudo("alpha2", 3))
    one = make(live, sudo("alpha1", 1), sudo("alpha2", 2))
    for command in ("list", "privileged"):
        heading, *lines = several.run(command).lines()
        check.equal(f"hosts of {command}", [line[heading.index("HOST"):].split()[0] for line in lines], ["alpha", "beta", "alpha"])
        heading, *lines = one.run(command, "-m").lines()
        check.equal("with --merge", [line[heading.index("HOST"):].split()[0] for line in lines], ["alpha", "alpha"])
        check.true("none for one host", "HOST" not in one.run(command).out and "alpha" not in one.run(command).out)


def gaps(viewer, status):
    """(state, execs, first number, last number) each, but for times without the service."""
    return [(o["state"], o["execs"], o.get("seq_first"), o.get("seq_last"))
            for o in viewer.run("gaps", "-o", "json", status=status).objects()
            if o["state"] not in ("not-yet", "shutdown", "died", "stopped")]


def two_runs(missing=()):
    """The service was started twice in this boot: numbers 1 to 4, of which one is lost and one filtered, and 1 to 3."""
    def numbered(at, seq):
        return [] if (at, seq) in missing else [of("alpha1", at, 100 + at, [f"{at}"], seq=seq)]

    return [
        said("alpha1", 1, "started", exectraced_version="0.1.0"),
        *numbered(2, 1), *numbered(3, 2),
        said("alpha1", 4, "lost", exec_lost=1, exec_lost_cause="ring-full", exec_lost_seq_first=3, exec_lost_seq_last=3),
        said("alpha1", 5, "suppressed", exec_suppressed=1, exec_filtered=0),
        said("alpha1", 6, "stopped", exec_recorded=2, exec_suppressed=1, exec_lost=1, exec_filtered=0, exec_seq=4),
        said("alpha1", 7, "started", exectraced_version="0.1.0"),
        *numbered(8, 1), *numbered(9, 2), *numbered(10, 3),
        said("alpha1", 11, "stopped", exec_recorded=3, exec_suppressed=0, exec_lost=0, exec_filtered=0, exec_seq=3)]


def test_an_upload_begins_anew(live):
    """What is sent again counts once, wherever the upload was cut off and however far it goes back."""
    entries = two_runs()
    once = gaps(make(live, *entries), 1)
    check.equal("of one upload", sorted(once), sorted([
        ("recorded", 2, 1, 4), ("lost", 1, 3, 3), ("filtered", 1, None, None), ("recorded", 3, 1, 3)]))
    for end in range(1, len(entries) + 1):
        for again in sorted({0, end // 2, end - 1}):
            found = gaps(make(live, *entries[:end], *entries[again:]), 1)
            check.equal(f"cut off after {end}, sent again from {again}",
                        sorted(f for f in found if f[0] != "twice"), sorted(once))
            records = sum(1 for i in range(again, end) if b"EXEC_PROCESS" in entries[i])
            check.equal(f"twice, cut off after {end}, sent again from {again}",
                        sum(f[1] for f in found if f[0] == "twice"), records)


def test_missing_in_an_upload_that_begins_anew(live):
    """The same numbers in another run of the service, sent again, do not stand for a record that is missing."""
    entries, lacking = two_runs(), two_runs(missing=[(9, 2)])
    found = gaps(make(live, *lacking[:8], *entries[1:6], *lacking[6:]), 1)
    check.true(f"it is seen: {found}", ("missing", 1, 2, 2) in found)


def test_boots_without_records(live):
    """A boot without records is a gap on a host that had some before, and nothing on one that never had."""
    def other(boot, at):
        return exported({"SYSLOG_IDENTIFIER": "cron", "MESSAGE": "x", "_SYSTEMD_UNIT": "cron.service"}, boot[:-1], boot,
                        epoch() + at * 1000)

    journal = [of("alpha1", 1, 10, ["one"], seq=1), other("beta1", 2)]
    check.equal("another host", gaps(make(live, *journal), 0), [("recorded", 1, 1, 1)])
    check.equal("the same host", gaps(make(live, *journal, other("alpha2", 3)), 1),
                [("recorded", 1, 1, 1), ("unrecorded", 0, None, None)])


def test_uploads_that_are_late_and_begin_anew(live):
    """libsystemd leaves out entries of several hosts in several files when some are late; gaps must not miss them."""
    for seed in range(8):
        chance = random.Random(seed)
        begin, lag = chance.randint(10, 100), chance.randint(20, 80)
        arrivals = []
        for at in range(1, 200):
            late = begin <= at < begin + lag
            arrivals += [(at, "alpha1", at), (begin + lag + 0.001 * at if late else at + 0.5, "beta1", at)]
        arrivals.sort()
        cuts = sorted(chance.sample(range(2, len(arrivals)), chance.randint(1, 3)))
        files = [arrivals[i:j] for i, j in zip([0, *cuts], [*cuts, len(arrivals)])]
        for i in range(1, len(files)):
            before = [arrival for file in files[:i] for arrival in file]
            again = [[a for a in before if a[1] == boot][-chance.randint(1, 40):] for boot in ("alpha1", "beta1")]
            chance.shuffle(again)
            files[i] = again[0] + again[1] + files[i]
        viewer = make_files(live, *([of(boot, at, at, ["x"]) for _, boot, at in file] for file in files))
        check.equal(f"of seed {seed}", [f for f in gaps(viewer, 0) if f[0] != "twice"], [("recorded", 199, 1, 199)] * 2)
        for command in ("list", "export"):
            check.equal(f"{command} of seed {seed}",
                        len({(o["boot_id"], o["seq"]) for o in viewer.run(command, "-o", "json").objects()}), 398)


def late_host(chance, n):
    """
    Two hosts with a record each millisecond, of which one was cut off for a while: the order of arrival, as (boot, at).
    """
    begin, lag = chance.randint(n // 10, n // 3), chance.randint(n // 10, n // 3)
    arrivals = []
    for at in range(1, n):
        late = begin <= at < begin + lag
        arrivals += [(at, "alpha1", at), (begin + lag + 0.001 * at if late else at + 0.5, "beta1", at)]
    return [(boot, at) for _, boot, at in sorted(arrivals)]


def test_late_uploads_by_time(live):
    """A time is found where libsystemd looks for it elsewhere, and what came late stands where it was."""
    n = 300
    for seed in range(6):
        chance = random.Random(seed)
        arrivals = late_host(chance, n)
        cuts = sorted(chance.sample(range(2, len(arrivals)), seed % 3))
        files = [arrivals[i:j] for i, j in zip([0, *cuts], [*cuts, len(arrivals)])]
        viewer = make_files(live, *([of(boot, at, 1000 + at, [f"x{at}"]) for boot, at in file] for file in files))
        times = [None, *(chance.randint(2, n - 1) for _ in range(6))]
        for since, until in zip(times, [None, None, *times[1:]]):
            since, until = sorted((since, until)) if since and until else (since, until)
            options = [f"--{name}=@{(epoch() + at * 1000) / 1e6:.6f}"
                       for name, at in (("since", since), ("until", until)) if at]
            wanted = [at for at in range(since or 1, (until or n - 1) + 1) for _ in MACHINES]
            what = f"of seed {seed}, {since} to {until}"
            got = [o["seq"] for o in viewer.run("list", "-o", "json", *options).objects()]
            check.equal(what, got, wanted)
            got = [o["seq"] for o in viewer.run("list", "-o", "json", "-r", *options).objects()]
            check.equal(f"{what}, in reverse", got, wanted[::-1])
            got = [o["seq"] for o in viewer.run("list", "-o", "json", "-n7", *options).objects()]
            check.equal(f"{what}, the newest", got, wanted[-7:])
            got = viewer.run("top", "--by=user", "-o", "json", *options).objects()
            check.equal(f"{what}, counted", [o["count"] for o in got], [len(wanted)])
            got = gaps(viewer, 0) if not options else []
            check.equal(f"{what}, gaps", got, [("recorded", n - 1, 1, n - 1)] * 2 if not options else [])
        check.true("a program at a time", "x100" in viewer.run("who", "1100", "-b", BOOTS["beta1"]).out)

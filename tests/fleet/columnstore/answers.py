# SPDX-License-Identifier: GPL-2.0-or-later
"""Each question, asked in the store and asked of the journals with exectl or journalctl: both answers in the same form."""

import collections
import datetime
import json
import os
import subprocess

import hosts

UNSET = 4294967295
SINCE = "2026-11-26 00:00:00"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}


def second(text):
    """Seconds of a time as ClickHouse prints it."""
    return int(datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=datetime.timezone.utc).timestamp())


def shown(usec):
    return datetime.datetime.fromtimestamp(usec // 1_000_000, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


class Sides:
    """The two that are asked."""

    def __init__(self, ask, server, exectl, directory):
        self._ask, self._server, self._exectl, self._directory = ask, server, exectl, directory
        self.seconds = {}

    def store(self, question, **values):
        command = [self._ask, question, *(f"{name}={value}" for name, value in values.items()), "--host=127.0.0.1", f"--port={self._server.tcp}",
                   "--format=JSONEachRow", "--output_format_json_quote_64bit_integers=0"]
        begin = self._server.cpu()
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{question}: {done.stderr}")
        # What it takes on one processor, however busy the machine is.
        name = question + "".join(f" {value}" for key, value in values.items() if key == "by")
        self.seconds[name] = self._server.cpu() - begin
        return [json.loads(line) for line in done.stdout.splitlines()]

    def journal(self, *arguments):
        """Objects that exectl prints. Status 1 is that of gaps, and of nothing found."""
        command = [self._exectl, arguments[0], "-D", self._directory, *arguments[1:], "-o", "json", "--no-pager"]
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            raise AssertionError(f"{command}: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def entries(self, *fields):
        """Entries of execs by journalctl, each with these fields."""
        with subprocess.Popen(["journalctl", "-D", self._directory, "-t", "exectrace", "-o", "json", "--output-fields=" +
                               ",".join(("EXEC_PID", *fields))], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                entry = json.loads(line)
                if "EXEC_PID" in entry:
                    yield entry


def moment(row):
    return second(row["time"]) * 1_000_000 + row["usec"]


def on_a_host(sides):
    since = hosts.BEGIN + 20 * 3600 * 1_000_000
    since, until, host = shown(since), shown(since + 4 * 3600 * 1_000_000), hosts.name_of(1)
    return (
        [(moment(row), row["pid"], row["argv"], row["process"]) for row in sides.store("01", host=host, since=since, until=until)],
        [(o["timestamp"], o["pid"], o["argv"], o["process"])
         for o in sides.journal("list", f"_HOSTNAME={host}", "-S", since, "-U", until)])


def who(sides):
    found = collections.defaultdict(list)
    for o in sides.journal("list", "/usr/bin/sudo", "-S", SINCE):
        found[o["host"], o["uid"], o.get("loginuid", UNSET)].append(o["timestamp"] // 1_000_000)
    return (
        {(row["host"], row["uid"], row["loginuid"]): (row["execs"], second(row["first"]), second(row["last"]))
         for row in sides.store("02", path="/usr/bin/sudo", since=SINCE)},
        {key: (len(times), min(times), max(times)) for key, times in found.items()})


def new(sides):
    since = shown(hosts.LAST_DAY)
    known = {o["exe"] for o in sides.journal("top", "--by=exe", "-n", "100000", "-U", since)}
    first = {}
    # A record is there because of its program or of its script; with a new script, the interpreter may be an older one.
    for o in sides.journal("new", "-q", f"--since={since}"):
        for name in (o["exe"], *([os.path.normpath(os.path.join(o["cwd"], o["filename"]))] if "script" in o.get("flags", ()) else [])):
            if name not in known:
                first[name] = min(o["timestamp"] // 1_000_000, first.get(name, hosts.END))
    return {row["what"]: second(row["first"]) for row in sides.store("03", since=since)}, first


def privileged(sides):
    return (
        {(row["loginuid"], row["host"], row["reason"], row["exe"], row["uid"], row["euid"]): row["execs"]
         for row in sides.store("04", since=SINCE)},
        dict(collections.Counter(
            (o.get("loginuid", UNSET), o["host"], o["reason"], o.get("exe", ""), o["uid"], o.get("euid", o["uid"]))
            for o in sides.journal("privileged", "-S", SINCE))))


def ancestors(sides):
    """Of the last assembler that a host ran."""
    last = sides.journal("list", "-r", "-n1", f"_HOSTNAME={hosts.name_of(2)}", "/usr/bin/x86_64-linux-gnu-as")[0]
    tree = sides.journal("tree", "--up", "-b", last["boot_id"], last["process"])[0]
    return (
        [(row["process"], row["argv"]) for row in sides.store("05", host=last["host"], boot=last["boot_id"], process=last["process"])],
        [(program["process"], program["argv"]) for process in tree["processes"] for program in process["programs"]])


def failures(sides):
    return ({row["error"]: row["execs"] for row in sides.store("06", since=SINCE)},
            {o["error"]: o["count"] for o in sides.journal("top", "--by=error", "-S", SINCE)})


def top(sides):
    ours, theirs = {}, {}
    for by in ("exe", "user", "unit"):
        rows = {row["what"]: row["execs"] for row in sides.store("07", by=by, since=SINCE)}
        counts = {o[by]: o["count"] for o in sides.journal("top", f"--by={by}", "-n", "100000", "-S", SINCE)}
        # Of those that are equally frequent at the end, either may be among the 50.
        ours[by], theirs[by] = (rows, sorted(rows.values())), ({name: counts.get(name) for name in rows}, sorted(counts.values())[-50:])
    return ours, theirs


def from_memory(sides):
    return (sorted((moment(row), row["host"], row["exe"], row["how"]) for row in sides.store("08", since=SINCE)),
            sorted((o["timestamp"], o["host"], o["exe"], ",".join(sorted(o["flags"])))
                   for o in sides.journal("list", "EXEC_FLAG=memfd", "EXEC_FLAG=deleted", "-S", SINCE)))


def gaps(sides):
    """For each boot: the numbers that each run recorded, and how many are missing, twice, lost and filtered."""
    ours, theirs = {}, {}
    for row in sorted(sides.store("09"), key=lambda row: row["run"]):
        runs, sums = ours.setdefault(row["boot_id"], ([], collections.Counter()))
        runs.append((row["recorded"] - row["twice"], row["last_number"]))
        sums.update(missing=row["missing"], twice=row["twice"], lost=row["lost"], filtered=row["suppressed"])
    for o in sides.journal("gaps", "-q"):
        runs, sums = theirs.setdefault(o["boot_id"], ([], collections.Counter()))
        if o["state"] == "recorded":
            runs.append((o["execs"], o["seq_last"]))
        elif o["state"] in ("missing", "twice", "lost", "filtered"):
            sums[o["state"]] += o["execs"]
    return ({boot: (runs, +sums) for boot, (runs, sums) in ours.items()}, {boot: (runs, +sums) for boot, (runs, sums) in theirs.items()})


def rate(sides):
    minutes = collections.defaultdict(collections.Counter)
    for entry in sides.entries("EXEC_TIMESTAMP", "_HOSTNAME"):
        minutes[entry["_HOSTNAME"]][int(entry["EXEC_TIMESTAMP"]) // 60_000_000 * 60] += 1
    return (
        {row["host"]: (row["total"], row["minutes"], row["most"], second(row["busiest"])) for row in sides.store("10", since=SINCE)},
        {host: (sum(counts.values()), len(counts), max(counts.values()), min(counts, key=lambda minute, of=counts: (-of[minute], minute)))
         for host, counts in minutes.items()})


def sessions(sides):
    return (
        sorted([str(row["session"]), row["on_tty"], second(row["first"]), second(row["last"]), row["execs"], row["typed"]]
               for row in sides.store("11", login="1003", since=SINCE)),
        sorted([o["session"], o["tty"], o["begin"] // 1_000_000, o["end"] // 1_000_000, o["executed"],
                [typed["command"] for typed in o["typed"]]] for o in sides.journal("sessions", "--login=1003", "-S", SINCE)))


QUESTIONS = (on_a_host, who, new, privileged, ancestors, failures, top, from_memory, gaps, rate, sessions)

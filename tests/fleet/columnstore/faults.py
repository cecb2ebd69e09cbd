# SPDX-License-Identifier: GPL-2.0-or-later
"""All that can fail between a journal and the store: nothing may be lost, nothing may be there twice."""

import fcntl
import json
import pathlib
import signal
import subprocess
import threading
import time

import hosts
import journals
from server import Proxy

SECONDS = 120
BATCH = "--batch=600"


def wait_for(what, condition, process=None):
    end = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > end or (process and process.poll() is not None):
            raise AssertionError(f"did not happen: {what}")
        time.sleep(0.05)


def all_lines(trial, directory=None):
    return journals.exported(trial.exectl, directory or trial.few)


def one_stream(trial, directory=None):
    """All journals as if they were the machine's own: one exectl, of which the cursor moves while it prints."""
    wrapper = trial.directory / "exectl-wrapper"
    wrapper.write_text(f"#!/bin/sh\ncommand=$1; shift\nexec {trial.exectl} \"$command\" -D {directory or trial.few} \"$@\"\n", encoding="ascii")
    wrapper.chmod(0o755)
    return [f"--exectl={wrapper}"]


def killed_after_insert(trial):
    """The loader is killed when rows are in the store, before it knows, and the next one is killed likewise."""
    for where in (one_stream(trial), ["-D", trial.few]):
        trial.empty()
        state = trial.state()
        for n in (3, 1):
            loader = []

            def fault(i, _body, n=n, loader=loader):
                return loader[0].kill if i == n else None

            with Proxy(trial.server, fault) as proxy:
                loader.append(subprocess.Popen(trial.command(state, BATCH, *where, url=proxy.url), stderr=subprocess.PIPE))
                said = loader[0].communicate()[1].decode()
            if loader[0].returncode != -signal.SIGKILL:
                raise AssertionError(f"the loader was to be killed: {loader[0].returncode} {said}")
        said = trial.load(state, BATCH, *where)
        trial.expect(all_lines(trial))
        if "were there already" not in said:
            raise AssertionError(f"nothing was found to be there: {said}")


def cursor_goes_on(trial):
    """What is checked after an end is no more than what may be there: not all that was loaded."""
    trial.empty()
    state = trial.state()
    where, lines = one_stream(trial, trial.journals), all_lines(trial, trial.journals)
    loader, rows = [], [0]

    def fault(_n, body):
        rows[0] += body.count(b"\n")
        return loader[0].kill if rows[0] > 15_000 else None

    with Proxy(trial.server, fault) as proxy:
        loader.append(subprocess.Popen(trial.command(state, "--batch=2000", *where, url=proxy.url), stderr=subprocess.DEVNULL))
        loader[0].wait()
    uncertain = json.loads((state / "state.json").read_text(encoding="utf-8"))["streams"]["local"]["uncertain"]
    trial.load(state, *where)
    trial.expect(lines)
    # exectl saves its cursor after each 10,000 records.
    if not 0 < uncertain < 15_000:
        raise AssertionError(f"{uncertain} records were uncertain, of which the cursor must have passed 10,000")


def connection_breaks(trial):
    """Requests and answers get lost, without an end of the loader."""
    trial.empty()
    plan = {2: "request", 4: "answer", 5: "answer", 6: "request"}
    with Proxy(trial.server, lambda n, _: plan.get(n)) as proxy:
        said = trial.load(trial.state(), BATCH, "-D", trial.few, url=proxy.url)
    trial.expect(all_lines(trial))
    if "trying again" not in said:
        raise AssertionError(said)


def server_is_killed(trial):
    """It is killed and started again while the loader waits."""
    trial.empty()
    killed = threading.Event()

    def fault(n, _body):
        if n != 4:
            return None
        trial.server.kill()
        killed.set()
        return "request"

    with Proxy(trial.server, fault) as proxy:
        loader = subprocess.Popen(trial.command(trial.state(), BATCH, "-D", trial.few, url=proxy.url), stderr=subprocess.PIPE)
        if killed.wait(SECONDS):
            trial.server.start()
        said = loader.communicate()[1].decode()
    if not killed.is_set() or loader.returncode != 0:
        raise AssertionError(f"status {loader.returncode}: {said}")
    trial.expect(all_lines(trial))


def what_is_refused_is_kept(trial):
    """ClickHouse can't read one row: this one is kept aside, and all others are loaded."""
    trial.empty()
    state, lines = trial.state(), all_lines(trial)
    bad = next(line for line in lines if b"apt-get" in line)
    process = json.loads(bad)["process"].encode()
    with Proxy(trial.server, lambda _, body: "Code: 27, e.displayText() = DB::Exception: Cannot parse input" if process in body else None) as proxy:
        said = trial.load(state, BATCH, "-D", trial.few, url=proxy.url, status=1)
    kept = [json.loads(line) for line in (state / "rejected").read_text(encoding="utf-8").splitlines()]
    mine = [line for line in lines if process in line]
    if sorted(one["line"] for one in kept) != sorted(line.decode() for line in mine) or f"{len(mine)} were rejected" not in said:
        raise AssertionError(f"{kept} {said}")
    trial.expect([line for line in lines if process not in line])


def lines_that_are_no_records(trial):
    trial.empty()
    state, lines = trial.state(), all_lines(trial)[:50]
    wrong = [b"no JSON", b"[1]", b'{"boot_id":"x","machine_id":"y"}', b'{"timestamp":-1,"boot_id":"x","machine_id":"y"}',
             b'{"timestamp":1,"boot_id":1,"machine_id":"y"}', b'{"timestamp":1,"boot_id":"x","machine_id":"y","exe":"\\ud800"}', b"\xff"]
    said = trial.load(state, "--stdin", input=b"\n".join(lines[:25] + wrong + lines[25:]) + b"\n", status=1)
    trial.expect(lines)
    kept = (state / "rejected").read_text(encoding="utf-8").splitlines()
    if len(kept) != len(wrong) or f"{len(wrong)} were rejected" not in said:
        raise AssertionError(f"{kept} {said}")


def each_value_comes_back(trial):
    """Values that a format could mistake, and those that have no column of theirs."""
    trial.empty()
    odd = "'\"\\ \t\n\r\0\b\f\x1b[31m ü\u2028\\N $(x)"
    record = {"timestamp": 1795824000123456, "boot_id": "b" * 32, "machine_id": "a" * 32, "host": "x'y", "seq": (1 << 64) - 1, "pid": 4711,
              "argv": [odd, "", "[a,'b']", "NULL"], "exe": odd, "cwd": odd, "flags": ["setuid"], "euid": 0, "uid": 1000,
              "truncated": True, "labels": {"SITE": odd}, "environment": {"LANG": "C"}, "ppid": "no number", "future": 5}
    trial.load(trial.state(), "--stdin", input=json.dumps(record).encode() + b"\n")
    row = json.loads(trial.server.query(
        "SELECT *, toUInt32(time) AS at FROM exectraced.execs FORMAT JSONEachRow"))
    # Numbers of 64 bits are texts there.
    row["seq"] = int(row["seq"])
    rest = json.loads(row["rest"])
    for name in ("host", "seq", "pid", "argv", "exe", "cwd", "flags", "euid", "uid", "truncated"):
        if row[name] != record[name]:
            raise AssertionError(f"{name}: {row[name]!r}")
    if (row["at"], row["usec"], row["ppid"], row["gid"], row["pgid"], row["loginuid"]) != (1795824000, 123456, 0, 0, 4711, 4294967295):
        raise AssertionError(f"{row}")
    if rest != {name: record[name] for name in ("labels", "environment", "ppid", "future")}:
        raise AssertionError(f"{rest}")


def questions_take_values(trial):
    """Values of parameters are values, whatever is in them, and mistakes are said."""
    trial.empty()
    host = "x' OR host != '\\"
    record = {"timestamp": 1795824000123456, "boot_id": "b" * 32, "machine_id": "a" * 32, "pid": 1, "uid": 0}
    lines = [json.dumps({**record, "host": name}).encode() for name in (host, "other")]
    trial.load(trial.state(), "--stdin", input=b"\n".join(lines) + b"\n")
    times = {"since": "2026-11-28 00:00:00", "until": "2026-11-28 00:00:01"}
    found = len(trial.sides.store("01", host=host, **times))
    if found != 1:
        raise AssertionError(f"{found} records of a host with an odd name")
    for values, said in ((times, "needs host="), ({**times, "host": "x", "more": "y"}, "does not know more="),
                         ({**times, "host": "x", "since": "yesterday"}, "expected a time"), ({"by": "exe", "since": "1' OR 1"}, "needs")):
        try:
            trial.sides.store("01", **values)
        except AssertionError as error:
            if said not in str(error) or "Traceback" in str(error):
                raise
        else:
            raise AssertionError(f"{values} are taken")


def check_mends(trial):
    """Rows that the store has lost, as after its power failed: --check inserts them, and no others."""
    trial.empty()
    state = trial.state()
    trial.load(state, "-D", trial.few)
    trial.server.query("CREATE TABLE exectraced.kept AS exectraced.execs ENGINE = MergeTree PARTITION BY toMonday(time) "
                       "ORDER BY (host, time, usec, seq)")
    trial.server.query("INSERT INTO exectraced.kept SELECT * FROM exectraced.execs WHERE pid % 7 != 0")
    trial.server.query("DROP TABLE exectraced.execs")
    trial.server.query("RENAME TABLE exectraced.kept TO exectraced.execs")
    if trial.load(state, "-D", trial.few).find(" 0 records loaded") < 0:
        raise AssertionError("a loader without --check does not look")
    trial.load(state, "-D", trial.few, "--check")
    trial.expect(all_lines(trial))
    if trial.load(state, "-D", trial.few).find(" 0 records loaded") < 0:
        raise AssertionError("the cursors are not at the end")


COUNT = "SELECT (SELECT count() FROM exectraced.execs) + (SELECT count() FROM exectraced.notices)"


def followed(trial, name, entries, *where):
    """A loader that follows a directory: it has loaded the 200 records from the 100th on, and what came then."""
    trial.empty()
    directory = trial.directory / name
    directory.mkdir()
    journals.write(journals.file_of(directory, 3), entries[100:300])
    loader = subprocess.Popen(trial.command(trial.state(), "--follow", "--interval=0.2", *where), stderr=subprocess.DEVNULL)
    try:
        wait_for("the first records", lambda: trial.server.number(COUNT) == 200, loader)
        journals.write(journals.file_of(directory, 3), entries[300:])
        wait_for("new records", lambda: trial.server.number(COUNT) == len(entries) - 100, loader)
        yield directory
        loader.terminate()
        if loader.wait(SECONDS) != 0:
            raise AssertionError(f"status {loader.returncode} after SIGTERM")
    finally:
        loader.kill()
        loader.wait()
    trial.expect(journals.exported(trial.exectl, str(directory)))


def follows_a_directory(trial):
    """A host comes late, and its records are older than all that was loaded."""
    entries = list(hosts.Host(3, 400).entries())
    for directory in followed(trial, "followed", entries, "-D", str(trial.directory / "followed")):
        journals.write(journals.file_of(directory, 4), [{**entry, "_HOSTNAME": "late"} for entry in entries[:100]])
        wait_for("a late host", lambda: trial.server.number(COUNT) == len(entries))


def follows_one_stream(trial):
    """As on the machine itself: exectl runs on, and the loader notes the cursor that exectl saves."""
    entries = list(hosts.Host(3, 400).entries())
    for _ in followed(trial, "machine", entries, *one_stream(trial, trial.directory / "machine")):
        state = trial.directory / f"state{trial.states}" / "state.json"
        last = trial.directory / "last"
        journals.exported(trial.exectl, str(trial.directory / "machine"), f"--cursor-file={last}")
        wait_for("the cursor of the last record", lambda: json.loads(
            state.read_text(encoding="utf-8"))["streams"]["local"]["cursor"] == last.read_text(encoding="ascii").strip())


def errors_are_clear(trial):
    """Each says what is wrong, in one line, and nothing is half done."""
    trial.empty()
    state = trial.state()
    said = trial.load(state, "-D", trial.few, "--patience=0", url="http://127.0.0.1:1", status=1)
    if "Connection refused" not in said or "Traceback" in said:
        raise AssertionError(said)
    trial.server.query("DROP TABLE exectraced.execs")
    said = trial.load(state, "-D", trial.few, status=1)
    if "execs" not in said or "exist" not in said or "Traceback" in said:
        raise AssertionError(said)
    trial.load(state, "-D", trial.few, "--create")
    trial.expect(all_lines(trial))
    with open(state / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = trial.load(state, "-D", trial.few, status=1)
    if "another loader" not in said:
        raise AssertionError(said)
    said = trial.load(state, "-D", "/nonexistent", status=1)
    if "/nonexistent" not in said or "Traceback" in said:
        raise AssertionError(said)
    damaged = trial.state()
    damaged.mkdir()
    pathlib.Path(damaged / "state.json").write_text("{", encoding="ascii")
    said = trial.load(damaged, "-D", trial.few, status=1)
    if "--check" not in said or "Traceback" in said:
        raise AssertionError(said)


TESTS = (killed_after_insert, cursor_goes_on, connection_breaks, server_is_killed, what_is_refused_is_kept, lines_that_are_no_records,
         each_value_comes_back, questions_take_values, check_mends, follows_a_directory, follows_one_stream, errors_are_clear)

# SPDX-License-Identifier: GPL-2.0-or-later
"""exectl export: for each format known records, held against the fields that its schema has; and the cursor file."""

import csv
import io
import json
import os
import pathlib
import re
import select
import signal
import subprocess
import time

from lib import check
from lib.epoch import epoch
from lib.loop import DEADLINE
from lib.viewer import ENVIRONMENT, Viewer
from lib.written import Written, execution, notice

SCHEMAS = pathlib.Path(__file__).resolve().parents[1] / "data" / "schemas"
FORMATS = ("json", "ecs", "otel", "ocsf", "csv")
ARGV = ["/usr/bin/curl", "-s", "a b", "\x1b[31m", "ü"]
FULL = dict(
    uid=1000, euid=0, gid=1000, loginuid=1001, session=7, tty="pts/3", cwd="/home/x", comm="bash", parent_comm="sshd",
    flag=["setuid", "interactive"], unit="session-7.scope", container="c" * 64, cgroup="/user.slice", pgid=42, sid=41,
    stdin="tty", tag=["recon", "net"], user="someone", login_user="other", nspid=5, pidns=4026532000,
    build_id="0123456789abcdef", invocation_id="a" * 32, label_site="north", env_lang="C.UTF-8")


def records():
    return [
        execution(1, 4711, ARGV, **FULL),
        execution(2, 4712, ["nothere"], exe=None, filename="/usr/bin/nothere", errno=2, error="ENOENT", tries=5),
        notice("lost", exec_seq=3, exec_lost=5, exec_lost_cause="ring-full"),
        {**execution(4, 4713, ["x"], cwd="/a,\"b\"\n", timestamp=None), "EXEC_ARGV": "no JSON"},
    ]


def viewer_of(live, entries=None):
    journal = Written(live)
    journal.write(records() if entries is None else entries)
    journal.stop()
    return Viewer(live, journal.directory())


def exported(viewer, form, *arguments):
    return viewer.run("export", f"--format={form}", *arguments).objects()


def schema(name):
    """{field: type} of a published list."""
    lines = (SCHEMAS / name).read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if not line.startswith("#"))


def leaves(value, path=""):
    """(path, value) of all that is no object."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    else:
        yield path, value


def test_json(live):
    first, second, lost, _ = exported(viewer_of(live), "json")
    check.equal("argv", first["argv"], ARGV)
    check.equal("flags", first["flags"], ["setuid", "interactive"])
    check.equal("tags", first["tags"], ["recon", "net"])
    check.equal("labels", first["labels"], {"SITE": "north"})
    check.equal("entity", first["entity_id"], f"{first['boot_id']}-{first['process']}")
    check.equal("error", (second["errno"], second["error"], second["tries"]), (2, "ENOENT", 5))
    check.equal("notice", (lost["event"], lost["exec_lost"], lost["exec_lost_cause"], lost["exec_seq"]),
                ("lost", 5, "ring-full", 3))
    check.true(f"nothing is there twice: {lost}", "lost" not in lost and "lost_cause" not in lost and "seq" not in lost)
    check.equal("whole arguments", (first["truncated"], "truncated" in lost), (False, False))
    check.true(f"a record without a time has that of the journal: {lost}", lost["timestamp"] >= epoch())
    check.equal("an exec has its own", first["timestamp"], epoch() + 1000)


ECS_TYPES = {"long": int, "keyword": str, "wildcard": str, "constant_keyword": str, "date": str, "match_only_text": str,
             "boolean": bool, "text": str}


def test_ecs(live):
    fields = schema("ecs-9.4.0")
    documents = exported(viewer_of(live), "ecs")
    for document in documents:
        for path, value in leaves(document):
            if path.startswith(("exectraced.", "labels.")):
                continue
            check.true(f"{path} is a field of ECS", path in fields)
            kind, _, array = fields[path].partition(" ")
            check.equal(f"{path} is an array", isinstance(value, list), array == "array")
            for one in value if isinstance(value, list) else [value]:
                check.true(f"{path}={one!r} is a {kind}", isinstance(one, ECS_TYPES[kind]))
    first, second, lost, _ = documents
    check.equal("time", first["@timestamp"][-1], "Z")
    process = first["process"]
    check.equal("args", process["args"], ARGV)
    check.equal("pids", (process["pid"], process["vpid"], process["group_leader"]["pid"], process["session_leader"]["pid"]),
                (4711, 5, 42, 41))
    check.equal("users", (process["user"]["id"], process["real_user"], first["user"]["id"]),
                ("0", {"id": "1000", "name": "someone"}, "1000"))
    check.equal("interactive", process["interactive"], True)
    check.equal("outcomes", [d["event"].get("outcome") for d in documents], ["success", "failure", None, "success"])
    check.equal("error", second["error"]["code"], "ENOENT")
    check.equal("notice", (lost["event"]["action"], lost["event"]["dataset"]), ("lost", "exectraced.notice"))
    check.equal("its fields", lost["exectraced"], {"EXEC_SEQ": "3", "EXEC_LOST": "5", "EXEC_LOST_CAUSE": "ring-full"})
    check.equal("host", first["host"]["boot"]["id"] in process["entity_id"], True)


OTEL_TYPES = {"int": "intValue", "string": "stringValue", "enum": "stringValue", "boolean": "boolValue",
              "string[]": "arrayValue"}


def attributes_of(message):
    record = message["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]
    resource = message["resourceLogs"][0]["resource"]
    return record, {a["key"]: a["value"] for a in resource["attributes"]}, {a["key"]: a["value"] for a in record["attributes"]}


def test_otel(live):
    known = schema("otel-1.44.0")
    messages = exported(viewer_of(live), "otel")
    for message in messages:
        record, resource, attributes = attributes_of(message)
        for key, value in {**resource, **attributes}.items():
            if key.startswith("exectraced."):
                continue
            if key.startswith("process.environment_variable."):
                key = "process.environment_variable"
                check.equal("variable", list(value), ["stringValue"])
            else:
                check.true(f"{key} is an attribute of the conventions", key in known)
                check.equal(f"{key} is a {known[key]}", list(value), [OTEL_TYPES[known[key]]])
        check.true("nanoseconds", re.fullmatch("[0-9]{19}", record["timeUnixNano"]) is not None)
    record, resource, attributes = attributes_of(messages[0])
    check.equal("time", int(record["timeUnixNano"]), (epoch() + 1000) * 1000)
    check.equal("args", [v["stringValue"] for v in attributes["process.command_args"]["arrayValue"]["values"]], ARGV)
    check.equal("pid", attributes["process.pid"], {"intValue": "4711"})
    check.equal("host", "host.id" in resource, True)
    check.equal("severity", [attributes_of(m)[0]["severityNumber"] for m in messages], [9, 9, 17, 9])
    check.equal("events", [attributes_of(m)[0]["eventName"] for m in messages],
                ["exectraced.exec", "exectraced.exec", "exectraced.lost", "exectraced.exec"])


OCSF_TYPES = {"integer_t": int, "long_t": int, "timestamp_t": int, "boolean_t": bool}


def check_ocsf(value, kind, fields, path):
    if path.endswith("unmapped"):
        return
    if isinstance(value, list):
        for one in value:
            check_ocsf(one, kind, fields, path)
    elif isinstance(value, dict):
        for key, inner in value.items():
            name = f"{kind}.{key}"
            check.true(f"{path}.{key} is an attribute of OCSF's {kind}", name in fields)
            inner_kind, _, array = fields[name].partition(" ")
            check.equal(f"{path}.{key} is an array", isinstance(inner, list), array == "array")
            check_ocsf(inner, inner_kind, fields, f"{path}.{key}")
    else:
        check.true(f"{path}={value!r} is a {kind}", isinstance(value, OCSF_TYPES.get(kind, str)))


def test_ocsf(live):
    fields = schema("ocsf-1.8.0")
    events = exported(viewer_of(live), "ocsf")
    for event in events:
        check_ocsf(event, "process_activity", fields, "event")
        check.equal("type", event["type_uid"], event["class_uid"] * 100 + event["activity_id"])
        for required in ("activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid"):
            check.true(f"{required} is there", required in event)
    first, second, lost, _ = events
    for required in ("actor", "device", "process"):
        check.true(f"{required} is there", required in first)
    check.equal("class", [e["class_uid"] for e in events], [1007, 1007, 0, 1007])
    check.equal("status", (first["status_id"], second["status_id"], second["status_code"]), (1, 2, "ENOENT"))
    check.equal("pid", first["process"]["pid"], 4711)
    check.equal("time", first["time"], (epoch() + 1000) // 1000)
    check.equal("lost", lost["unmapped"]["EXEC_LOST"], "5")


TEXTS = ("process", "parent", "ancestor", "user", "login_user", "tty", "cwd", "comm", "parent_comm", "filename", "exe", "build_id",
         "unit", "user_unit", "slice", "logind_session", "container", "cgroup", "invocation_id", "error", "label_site", "env_lang",
         "future", "future_too")
NUMBERS = ("seq", "pid", "ppid", "nspid", "pidns", "pgid", "sid", "uid", "gid", "euid", "egid", "loginuid", "session", "argv_bytes",
           "errno", "tries")
TRUTHS = ("truncated", "environment_truncated", "redact_timeout")


def test_nothing_is_left_out(live):
    """Each field of a record, known or not, and each of a notice is somewhere in each form."""
    lists = {"flag": ["script", "thread"], "tag": ["tag1", "tag2"], "environment_duplicate": ["PATH", "HOME"]}
    values = {**{name: f"v-{name}-v" for name in TEXTS}, **{name: 90001 + i for i, name in enumerate(NUMBERS)},
              **{name: "yes" for name in TRUTHS}, **lists, "stdin": "socket", "argv_raw": "YXYA"}
    entry = execution(argv=["av"], **values)
    viewer = viewer_of(live, [entry, notice("alive", exec_seq=90101, exec_recorded=90102, exec_novel="v-novel-v", exectraced_new=90103)])
    for form in FORMATS:
        lines = viewer.run("export", "--no-legend", f"--format={form}").lines()
        wanted = [str(value) for value in values.values() if not isinstance(value, list) and value != "yes"]
        missing = [value for value in [*wanted, *sum(lists.values(), [])] if value not in lines[0]]
        # CSV has the names of its columns elsewhere.
        missing += [name for name in TRUTHS if name not in lines[0]] if form != "csv" else []
        check.equal(f"left out in {form}", missing, [])
        check.equal(f"of the notice in {form}", [v for v in ("90101", "90102", "v-novel-v", "90103") if v not in lines[1]], [])


def test_not_started(live):
    """Nothing is started by a check, nor by a record of what ran before."""
    viewer = viewer_of(live, [execution(1, 1, ["x"]), execution(2, 2, ["x"], flag=["check"]), execution(3, 3, ["x"], flag=["running"]),
                              execution(4, 4, ["x"], flag=["check"], errno=13, error="EACCES")])
    events = [d["event"] for d in exported(viewer, "ecs")]
    check.equal("ECS", [(e["type"], e["action"], e.get("outcome")) for e in events], [
        (["start"], "exec", "success"), (["info"], "check", "success"), (["info"], "running", None), (["info"], "check", "failure")])
    check.equal("OCSF", [(e["activity_id"], e.get("activity_name"), e.get("status_id")) for e in exported(viewer, "ocsf")],
                [(1, None, 1), (99, "check", 1), (99, "running", None), (99, "check", 2)])


def test_csv(live):
    out = viewer_of(live).run("export", "--format=csv").out
    check.equal("lines", len(out.splitlines()), 5)
    rows = list(csv.DictReader(io.StringIO(out)))
    check.equal("argv", json.loads(rows[0]["argv"]), ARGV)
    check.equal("pid", rows[0]["pid"], "4711")
    check.equal("flags", rows[0]["flags"], "setuid,interactive")
    check.equal("no newline in a value", rows[3]["cwd"], "$'/a,\"b\"\\012'")
    check.equal("event", [row["event"] for row in rows], ["", "", "lost", ""])
    check.equal("entity", rows[0]["entity_id"].endswith(rows[0]["process"]), True)
    check.equal("labels", [row["labels"] for row in rows], ['{"SITE":"north"}', "", "", ""])
    check.equal("environment", json.loads(rows[0]["environment"]), {"LANG": "C.UTF-8"})
    check.equal("its numbers", json.loads(rows[2]["other"]), {"exec_seq": 3, "exec_lost": 5, "exec_lost_cause": "ring-full"})


def test_csv_is_printable(live):
    """What is no printable UTF-8 is quoted, wherever it is: a terminal and a spreadsheet get text."""
    values = {"cwd": "/\x9b2J", "comm": "\u202egnp", "tty": "\u2028", "filename": b"/\xff\xfe", "exe": "/\u200bb", "process": "5-\x1b[2J"}
    viewer = viewer_of(live, [execution(1, 5, ["\u202e\x9b"], **values), execution(2, 6, ["x"], cwd="/ü/漢")])
    out = viewer.run("export", "--format=csv").out
    check.true(f"printable: {out!r}", all(line.isprintable() for line in out.split("\n")))
    first, second = csv.DictReader(io.StringIO(out))
    check.equal("quoted", [first[key] for key in ("cwd", "comm", "tty", "filename", "exe", "process")],
                [r"$'/\302\2332J'", r"$'\342\200\256gnp'", r"$'\342\200\250'", r"$'/\377\376'", r"$'/\342\200\213b'",
                 r"$'5-\033[2J'"])
    check.equal("argv", json.loads(first["argv"]), ["\u202e\x9b"])
    check.equal("text stays", second["cwd"], "/ü/漢")


def test_matches(live):
    viewer = viewer_of(live)
    for form in FORMATS[:-1]:
        check.equal(f"of one pid as {form}", len(exported(viewer, form, "4711")), 1)


def test_unknown_format(live):
    result = viewer_of(live).run("export", "--format=xml", status=1)
    check.true(f"a word: {result.err}", "expected json, ecs, otel, ocsf or csv" in result.err)


def seqs(result):
    return [o["seq"] for o in result.objects() if "seq" in o]


def wait_for(live, condition, what):
    """journald tells nobody when it has written."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        check.true(f"{what} in {DEADLINE} s", time.monotonic() < deadline)
        select.select([], [], [], 0.02)


def test_cursor_file(live):
    """Called again and again it brings each record once, over a rotation of the files, too."""
    journal = Written(live)
    cursor = os.path.join(os.fsdecode(live.scratch()), "cursor")
    viewer = Viewer(live, journal.directory())
    arguments = ("export", "--format=json", f"--cursor-file={cursor}")

    def taken(numbers):
        found = []

        def all_are_there():
            found.extend(seqs(viewer.run(*arguments)))
            return len(found) >= len(numbers)
        wait_for(live, all_are_there, f"{numbers}")
        check.equal("each once", found, numbers)
        check.equal("nothing new", seqs(viewer.run(*arguments)), [])

    def files():
        return [name for _, _, names in os.walk(journal.directory()) for name in names if "@" in name]

    journal.write([execution(n, n, ["/usr/bin/true"]) for n in range(1, 6)])
    taken([1, 2, 3, 4, 5])
    journal.write([execution(n, n, ["/usr/bin/true"]) for n in range(6, 9)])
    journal.process.kill(signal.SIGUSR2)
    wait_for(live, files, "an archived file")
    journal.write([execution(n, n, ["/usr/bin/true"]) for n in range(9, 11)])
    taken([6, 7, 8, 9, 10])
    # The file that the cursor points into was removed: what follows it is all there.
    for root, _, names in os.walk(journal.directory()):
        for name in names:
            if "@" in name:
                os.unlink(os.path.join(root, name))
    journal.write([execution(11, 11, ["/usr/bin/true"])])
    taken([11])


def test_lines_with_cursor(live):
    """-n says where the first run begins. Later it would leave out records, so it is refused."""
    cursor = os.path.join(os.fsdecode(live.scratch()), "cursor")
    viewer = viewer_of(live, [execution(n, n, ["x"]) for n in range(1, 6)])
    check.equal("the newest", seqs(viewer.run("export", "-n2", f"--cursor-file={cursor}")), [4, 5])
    result = viewer.run("export", "-n2", f"--cursor-file={cursor}", status=1)
    check.true(f"refused: {result.err!r}", "--lines=" in result.err and "damage" not in result.err)
    check.equal("the cursor is still good", seqs(viewer.run("export", "-n", "all", f"--cursor-file={cursor}")), [])


def test_follow(live):
    journal = Written(live)
    journal.write([execution(1, 1, ["/usr/bin/true"])])
    cursor = os.path.join(os.fsdecode(live.scratch()), "cursor")
    viewer = Viewer(live, journal.directory())
    with subprocess.Popen(viewer.command("export", "--format=json", "-f", f"--cursor-file={cursor}"),
                          stdout=subprocess.PIPE, env=ENVIRONMENT) as process:
        try:
            check.equal("first", json.loads(process.stdout.readline())["seq"], 1)
            journal.write([execution(2, 2, ["/usr/bin/true"])])
            check.equal("next", json.loads(process.stdout.readline())["seq"], 2)
            wait_for(live, lambda: os.path.exists(cursor), "the cursor file")
        finally:
            process.kill()


def test_bad_cursor_file(live):
    viewer = viewer_of(live)
    for text in ("nonsense", "s=x;i=y"):
        path = live.write_file("bad-cursor", text)
        result = viewer.run("export", f"--cursor-file={path}", status=1)
        check.true(f"a word: {result.err}", "no cursor" in result.err)
    path = live.write_file("empty-cursor", "")
    check.equal("an empty one is none", len(viewer.run("export", f"--cursor-file={path}").objects()), 4)
    result = viewer.run("export", f"--cursor-file={os.fsdecode(live.scratch())}", status=1)
    check.true(f"a word: {result.err}", "directory" in result.err)

# SPDX-License-Identifier: GPL-2.0-or-later
"""
What newer versions of ClickHouse do in another way than 18.16, which the tests run: that the questions and the loader depend
on none of it.
"""

import http.server
import json
import re
import threading
import urllib.parse

import store

HOST, BOOT = "chain", "b" * 32


def joins_mean_one_thing(trial):
    """
    Since 19.14 ANY INNER JOIN gives one row for each key of the left side, too, and a JOIN needs names for its subqueries. What
    a JOIN without ALL or ANY means depends on a setting.
    """
    joins = 0
    for path in sorted(trial.examples.glob("questions/*.sql")):
        text = re.sub("(^| )--.*", "", path.read_text(encoding="utf-8"), flags=re.M)
        n = len(re.findall(r"\bJOIN\b(?<!ARRAY JOIN)", text))
        named = re.findall(r"\) AS \w+\s+ALL (?:INNER|LEFT) JOIN\s+\(", text), re.findall(r"\) AS \w+ USING \w+", text)
        if not n == len(named[0]) == len(named[1]):
            raise AssertionError(f"{path.name}: {n} joins, of which with ALL and a name on the left {len(named[0])}, on the right {len(named[1])}")
        joins += n
    if joins < 2:
        raise AssertionError(f"{joins} joins in all questions")


def each_program_of_a_process(trial):
    """
    The chain of a process has each program that each process executed, once: also where the records of one process name two
    parents, and where the chain is a circle.
    """
    trial.empty()
    lines, second = [], [1795824000]

    def execute(process, parent, *argv, **fields):
        second[0] += 1
        lines.append(json.dumps({
            "host": HOST, "machine_id": "a" * 32, "boot_id": BOOT, "timestamp": second[0] * 1_000_000, "seq": len(lines) + 1,
            "pid": int(process.partition("-")[0]), "process": process, "parent": parent, "exe": argv[0], "argv": argv, **fields}).encode())

    execute("10-a", "1-1", "/bin/login")
    execute("20-b", "15-f", "/bin/sh", ancestor="10-a")  # 15-f has executed nothing yet
    execute("15-f", "10-a", "/bin/late")
    execute("20-b", "15-f", "/bin/env")
    execute("20-b", "15-f", "/bin/bash")
    execute("20-b", "15-f", "/bin/nothing", errno=2, error="ENOENT")
    execute("30-c", "20-b", "/bin/ls")
    execute("40-d", "20-b", "/bin/other")
    execute("50-e", "60-f", "/bin/circle")
    execute("60-f", "50-e", "/bin/circle", "again")
    execute("60-f", "50-e", "/bin/circle", "more")
    trial.load(trial.state(), "--stdin", input=b"\n".join(lines) + b"\n")
    for process, wanted in (
            ("30-c", [["/bin/login"], ["/bin/sh"], ["/bin/env"], ["/bin/bash"], ["/bin/ls"]]),
            ("20-b", [["/bin/login"], ["/bin/sh"], ["/bin/env"], ["/bin/bash"]]),
            ("50-e", [["/bin/circle", "again"], ["/bin/circle", "more"], ["/bin/circle"]]),
            ("99-z", [])):
        found = [row["argv"] for row in trial.sides.store("05", host=HOST, boot=BOOT, process=process)]
        if found != wanted:
            raise AssertionError(f"{process} comes from {found}, not from {wanted}")


class Answers(http.server.BaseHTTPRequestHandler):
    """A server that knows some settings, and notes what it was asked."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append((dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query)), body))
        answer = "".join(f"{name}\n" for name in self.server.known if "system.settings" in body and name in body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def inserts_are_one(_trial):
    """A server that keeps inserts for later is told not to; one that does not know the setting is not."""
    row = store.row_of(json.dumps({"timestamp": 0, "boot_id": BOOT, "machine_id": "a" * 32}).encode())
    for known in ([], ["async_insert", "input_format_parallel_parsing"]):
        with http.server.HTTPServer(("127.0.0.1", 0), Answers) as server:
            server.known, server.asked = known, []
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            try:
                client = store.Store(f"http://127.0.0.1:{server.server_address[1]}")
                for n in range(2):
                    client.insert([row], f"insert {n}")
            finally:
                server.shutdown()
                thread.join()
        inserts = [parameters for parameters, _ in server.asked if "INSERT" in parameters.get("query", "")]
        sent = [{name: value for name, value in parameters.items() if name not in ("query", "query_id", "wait_end_of_query")}
                for parameters in inserts]
        if sent != [dict.fromkeys(known, "0")] * 2 or len(server.asked) != 3:
            raise AssertionError(f"a server that knows {known} was asked {server.asked}")


TESTS = (joins_mean_one_thing, each_program_of_a_process, inserts_are_one)

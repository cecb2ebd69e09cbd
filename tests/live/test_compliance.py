# SPDX-License-Identifier: GPL-2.0-or-later
"""Each query of exectraced-compliance(7) gives the records that it is there for, and no others."""

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import time

from lib import check
from lib.viewer import ENVIRONMENT, SECONDS, Viewer
from lib.written import Written, execution, notice

PAGE = pathlib.Path(__file__).resolve().parents[2] / "packaging/man/exectraced-compliance.7"
USER = "1000"  # in the place of the page's alice, whom this machine need not know

# The commands run as they stand, but on these records. The file systems that they search are two directories, and getcap, which
# a machine need not have, answers in the forms of libcap 2.66 and of one before 2.41.
PREAMBLE = """
set -o pipefail
journalctl() { command journalctl -D "$DIRECTORY" "$@"; }
findmnt() { said=$(command findmnt "$@" 2>&1 >/dev/null); [ -z "$said" ] && printf '%s\\n' "$FILES/root" "$FILES/home"; }
getcap() { [ "$*" = "-r /" ] && printf '%s\\n' "$FILES/home/with-caps cap_net_raw=ep" "$FILES/root/other = cap_net_raw+ep"; }
"""
EXECTL = """#!/bin/bash
exec "$EXECTL" "$1" -D "$DIRECTORY" "${@:2}"
"""


def make_entries(files):
    """Records of all kinds. Each has a mark among its arguments, by which it is found in whatever is printed of it."""
    now = time.time_ns() // 1000
    numbers = iter(range(1, 1000))

    def run(mark, exe, *argv, **fields):
        seq = next(numbers)
        argv = fields.pop("argv", [fields.get("filename") or exe, *argv, f"mark-{mark}"])
        return execution(seq, 90000 + seq, argv, exe=exe, timestamp=now + seq, **fields)

    def refused(mark, path, number, error, **fields):
        return run(mark, None, filename=path, errno=number, error=error, argv=[path, f"mark-{mark}"], **fields)

    alice = {"uid": 1000, "gid": 1000, "loginuid": 1000, "session": 3, "tty": "pts/0"}
    as_root = {**alice, "uid": 0, "gid": 0}
    daemon = {"uid": 33, "gid": 33}
    return [
        notice("started", exectraced_version="0", exectraced_hooks="sched_process_exec", exectraced_running=7),
        run("service", "/usr/bin/make"),
        run("typed", "/usr/bin/mark-typed", flag=["interactive"], **alice),
        run("app-typed", "/usr/bin/mark-app-typed", flag=["interactive"], tty="pts/1", **daemon),
        run("sudo", "/usr/bin/sudo", "id", flag=["setuid"], euid=0, **alice),
        run("child", "/usr/bin/id", **as_root),
        run("group", "/usr/bin/chage", "-l", flag=["setgid"], egid=0, **alice),
        run("caps", "/usr/bin/ping", flag=["filecaps"], **alice),
        run("low-login", "/usr/bin/passwd", flag=["setuid"], euid=0, **{**alice, "loginuid": 500, "uid": 500}),
        run("reader", "/usr/bin/journalctl", "-n", **daemon),
        run("log", "/usr/bin/cat", "/var/log/auth.log", **daemon),
        refused("refused", "/opt/secret", 13, "EACCES", **daemon),
        refused("sudo-refused", "/usr/bin/sudo", 1, "EPERM", **alice),
        refused("missing", "/usr/bin/missing", 2, "ENOENT", **daemon),
        run("usermod", "/usr/sbin/usermod", "-L", "bob", **as_root),
        run("stop", "/usr/bin/systemctl", "stop", "auditd", **as_root),
        run("other-stop", "/usr/bin/systemctl", "stop", "cron", **as_root),
        run("module", "/usr/bin/kmod", filename="/usr/sbin/modprobe", flag=["kernel"]),
        run("mount", "/usr/bin/mount", "/mnt", **as_root),
        run("date", "/usr/bin/date", "-s", "now"),
        run("truncated", "/usr/bin/printf", truncated="yes", argv_bytes=70000, **daemon),
        run("redacted", "/usr/bin/curl", "--password=***", **daemon),
        run("has-bit", os.path.join(files, "home/with-setuid")),
        run("has-caps", os.path.join(files, "home/with-caps")),
        run("root-login", "/usr/bin/mark-root-login", flag=["interactive"], loginuid=0, session=5, tty="tty1"),
        run("pkill", "/usr/bin/pkill", "-KILL", "exectraced", **as_root),
        run("other-pkill", "/usr/bin/pkill", "cron", **as_root),
        run("kill", "/usr/bin/kill", "-KILL", "4711", **as_root),
        run("vacuum", "/usr/bin/journalctl", "--vacuum-time=1s", **as_root),
        run("cron", "/usr/bin/dash", "-c", "job", comm="cron"),
        run("postqueue", "/usr/sbin/postqueue", "-p", flag=["setgid"], egid=104, **alice),
        run("postdrop", "/usr/sbin/postdrop", "-r", flag=["setgid"], egid=104, **alice),
        run("fdisk", "/usr/sbin/fdisk", "-l", **as_root),
        run("apparmor", "/usr/sbin/apparmor_parser", "-r", **as_root),
        notice("reloaded"),
        notice("alive", exec_seq=len(EVERY), exec_recorded=len(EVERY), exec_lost=0),
        notice("lost", exec_lost=2, exec_lost_cause="ring-full", exec_lost_seq_first=len(EVERY) + 1, exec_lost_seq_last=len(EVERY) + 2),
        {"SYSLOG_IDENTIFIER": "systemd", "PRIORITY": 5, "UNIT": "exectraced.service",
         "MESSAGE": "exectraced.service: Main process exited, code=killed, status=9/KILL"},
    ]


OTHER_USER = {"child", "usermod", "stop", "other-stop", "mount", "pkill", "other-pkill", "kill", "vacuum", "fdisk", "apparmor"}
GAINED = {"sudo", "group", "caps", "low-login", "postqueue", "postdrop"}
PRIVILEGED = GAINED | OTHER_USER
ALICE = {"typed", "sudo-refused"} | GAINED - {"low-login"} | OTHER_USER
EVERY = ALICE | {"service", "app-typed", "low-login", "reader", "log", "refused", "missing", "module", "date",
                 "truncated", "redacted", "has-bit", "has-caps", "root-login", "cron"}
ROOT = {"service", "module", "date", "has-bit", "has-caps", "root-login", "cron"} | OTHER_USER

# Of each query, by how it begins: the marks of the records that it prints, or texts that must be there.
EXPECTED = {
    "journalctl -t exectrace -b EXECTRACED_EVENT=started": ("EXECTRACED_HOOKS=sched_process_exec",),
    "exectl list -b --user=root": ROOT,
    "exectl privileged -b": PRIVILEGED,
    "exectl list --login=1000 -o json": ALICE,
    "exectl list --login=1000": ALICE,
    "exectl sessions -b": ("mark-typed", "1000"),
    "exectl list EXEC_FLAG=interactive": {"typed", "app-typed", "root-login"},
    "exectl list journalctl": {"reader", "vacuum"},
    "exectl list journalctl -g": {"vacuum"},
    "exectl list -g '/var/log/'": {"log"},
    "exectl list EXEC_ERROR=EACCES": {"refused", "sudo-refused"},
    "exectl list useradd": {"usermod", "group", "low-login"},
    "exectl list sudo su": {"sudo", "sudo-refused"},
    "journalctl -t exectrace _SYSTEMD_UNIT": ("started", "reloaded"),
    "journalctl -t systemd": ("status=9/KILL",),
    "exectl list systemctl": {"stop", "pkill"},
    "exectl list kill": {"kill"},
    "exectl new": EVERY - {"other-stop", "other-pkill", "vacuum", "sudo-refused", "missing", "refused"},
    "exectl top --by=error": ("EACCES", "EPERM", "ENOENT"),
    "exectl top --by=login": ("1000", "500"),
    "exectl top --by=user": (f"{100 * len(ROOT) / len(EVERY):.1f}%", "1000", "33"),
    "exectl doctor seen": ("seen", "alive", "lost", "dropped"),
    "exectl doctor": ("service", "hooks", "storage", "config"),
    "exectl gaps": ("lost", "ring-full"),
    "journalctl -t exectrace EXECTRACED_EVENT=alive": ("alive", "lost"),
    "exectl info sudo": {"sudo", "sudo-refused"},
    "exectl privileged -o json": PRIVILEGED,
    "exectl export --format=ecs": EVERY,
    "journalctl -t exectrace -o verbose": ("EXECTRACED_EVENT=reloaded",),
    "exectl privileged": PRIVILEGED,
    "exectl list EXEC_FLAG=setuid": GAINED,
    "exectl list --login=root": {"root-login"},
    "find $(findmnt": {"has-bit"},
    "getcap": {"has-caps"},
    "exectl list usermod": {"usermod"},
    "exectl list kmod": {"module"},
    "exectl list date": {"mount", "date"},
    "exectl list EXEC_EUID=0": {"sudo", "low-login"},
    "exectl list EXEC_EGID=0": {"group"},
    "exectl list EXEC_COMM=crond": {"cron"},
    "exectl list -o json sudo": {"sudo", "sudo-refused", "group", "usermod", "mount", "postqueue", "postdrop", "fdisk", "apparmor"},
    "exectl list EXEC_TRUNCATED=yes": {"truncated"},
    "exectl list -g '\\*": {"redacted"},
}
# What stands apart: the same words, but piped into another program.
CIS_OTHER_USER = "select(.loginuid and .euid)"
# These find something wrong, and their status says so.
FINDERS = ("exectl doctor", "exectl gaps")


def read_queries():
    """The commands of the page, without its markup: a block is one script, or one command a line."""
    if not PAGE.exists():
        raise check.Skip("the sources are not here")
    text = PAGE.read_text(encoding="utf-8")
    queries = []
    for block in re.findall(r"^\.EX\n(.*?)^\.EE$", text, re.M | re.S):
        block = block.replace("\\-", "-").replace("\\(aq", "'").replace("\\e", "\\").replace("alice", USER)
        queries += re.split(r"\n(?=exectl|journalctl)", block.strip())
    check.true(f"queries in the page: {len(queries)}", len(queries) > 30)
    return queries


def expectation(query):
    if CIS_OTHER_USER in query:
        return {"sudo", "low-login"}
    beginnings = [beginning for beginning in EXPECTED if query.startswith(beginning)]
    check.true(f"no test knows what this is to print: {query}", beginnings)
    return EXPECTED[max(beginnings, key=len)]


def ask(query, environment):
    done = subprocess.run(["bash", "-c", PREAMBLE + query], env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=SECONDS, check=False)
    out, err = done.stdout.decode(), done.stderr.decode()
    check.true(f"status {done.returncode} of {query}: {err}{out}",
               done.returncode == 0 or done.returncode == 1 and query.startswith(FINDERS))
    check.true(f"output of {query}: {err}", out.strip() and "No entries" not in out)
    return out


def test_queries_of_the_page(live):
    queries = read_queries()
    for tool in ("jq", "journalctl", "findmnt"):
        if not shutil.which(tool):
            raise check.Skip(f"no {tool}")
    files = os.fsdecode(live.scratch())
    for name, mode in (("root/plain", 0o755), ("home/with-setuid", 0o4755), ("bin/exectl", 0o755)):
        path = pathlib.Path(files, name)
        path.parent.mkdir()
        path.write_text(EXECTL, encoding="ascii")
        path.chmod(mode)
    entries = make_entries(files)
    journal = Written(live)
    journal.write(entries)
    journal.stop()
    check.equal("marks", set(re.findall(r"mark-([a-z-]+)", str(entries))), EVERY)
    environment = {
        **ENVIRONMENT, "EXECTL": Viewer(live, None).program, "DIRECTORY": os.fsdecode(journal.directory()), "FILES": files,
        "COLUMNS": "300", "PATH": f"{files}/bin:{ENVIRONMENT['PATH']}",
        # Where it is about noon, so that no midnight lies between the records and today's queries.
        "TZ": f"NOON{time.gmtime().tm_hour - 12:+d}",
    }
    # Those of doctor wait for an exec to be recorded here, in vain.
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda query: ask(query, environment), queries))
    for query, out in zip(queries, answers):
        expected = expectation(query)
        if isinstance(expected, tuple):
            check.equal(f"missing in {query}: {out}", [text for text in expected if text not in out], [])
        else:
            found = set(re.findall(r"mark-([a-z-]+)", out))
            check.equal(f"found by {query}: {out}", sorted(found - expected) + sorted(expected - found), [])
    used = {max((b for b in EXPECTED if q.startswith(b)), key=len, default="") for q in queries}
    check.equal("expected of no query", sorted(set(EXPECTED) - used), [])

# SPDX-License-Identifier: GPL-2.0-or-later
"""Two thousand execs (EXECTRACED_TEST_EXECS) that a seed decides: arguments, and ways to call. The stream holds exactly those."""

import os
import random

from lib import check, plan
from lib.daemon import argv_of, raw
from lib.plan import Job, Origin, Way

EXECS = int(os.environ.get("EXECTRACED_TEST_EXECS") or 2000)
SEED = "EXECTRACED_TEST_SEED"  # environment variable: repeats a run
WAYS = (Way.EXECVE, Way.EXECVEAT, Way.DIRFD, Way.FEXECVE, Way.MEMFD)
COMPAT_WAYS = (Way.INT80, Way.INT80_AT)
BY_DESCRIPTOR = (Way.DIRFD, Way.FEXECVE, Way.MEMFD)
CHILDREN = (Origin.FORK, Origin.VFORK, Origin.THREAD)


class Expected:
    def __init__(self, job, script_words=None, first=None):
        self.job = job
        self.script_words = script_words  # what the script puts before its own name
        self.first = first  # arguments of an exec of the same process before this one


def random_bytes(rng, size):
    return bytes(rng.randrange(1, 256) for _ in range(size))


def random_argv(rng):
    argv = []
    for _ in range(rng.choice((1, 1, 2, 3, 5, 10, 40))):
        size = rng.choice((0, 1, 3, 10, 30, 100, 500))
        argv.append(random_bytes(rng, size) if rng.random() < 0.5 else bytes([rng.randrange(32, 127)]) * size)
    return argv


def make_expected(live, rng, scripts, ways):
    argv, way, origin = random_argv(rng), rng.choice(ways), rng.choice(CHILDREN)
    if rng.random() < 0.25:
        script, words = rng.choice(scripts)
        return Expected(Job(script, argv, way, origin), script_words=words)
    return Expected(Job(live.target, argv, way, origin))


def make_plan(live, rng, ways):
    """The expectations, and the jobs: some processes execute caller first, which then executes the real one."""
    scripts = [(live.script(live.target), [live.target]),
               (live.script(live.target + b" -a b"), [live.target, b"-a b"])]
    inner = scripts[1][0]
    scripts.append((live.script(inner + b" -c"), [live.target, b"-a b", inner, b"-c"]))

    expected = [make_expected(live, rng, scripts, ways) for _ in range(EXECS)]
    second_path = os.path.join(live.scratch(), b"second")
    seconds, jobs = [], []
    for item in expected:
        if rng.random() < 0.1 and item.job.origin != Origin.THREAD:
            item.first = [b"caller", second_path, b"%d" % len(seconds)]
            jobs.append(Job(live.caller, item.first, Way.EXECVE, item.job.origin))
            item.job.origin = Origin.SELF
            seconds.append(item.job)
        else:
            jobs.append(item.job)
    plan.write(second_path, seconds)
    return expected, jobs


def expected_flags(item):
    flags = set()
    if item.script_words:
        flags.add("script")
    if item.job.way in BY_DESCRIPTOR:
        flags.add("fd")
    if item.job.way == Way.MEMFD and not item.script_words:
        flags.add("memfd")
    if item.job.way in COMPAT_WAYS:
        flags.add("compat")
    if item.job.origin == Origin.THREAD:
        flags.add("thread")
    return flags


def check_record(record, item):
    job = item.job
    filename = raw(record["filename"])
    if job.way in BY_DESCRIPTOR:
        check.true(f"filename: {filename}", filename.startswith(b"/dev/fd/"))
    else:
        check.equal("filename", filename, job.path)
    argv = job.argv if not item.script_words else [*item.script_words, filename, *job.argv[1:]]
    check.equal("arguments", argv_of(record), argv)
    check.equal("flags", set(record.get("flags", [])), expected_flags(item))
    check.equal("truncated", record["truncated"], False)


def test_execs(live):
    seed = int(os.environ.get(SEED) or random.SystemRandom().randrange(1 << 32))
    live.note = f"{EXECS} execs, {SEED}={seed}"
    rng = random.Random(seed)
    try:
        live.need_compat()
        ways = WAYS + COMPAT_WAYS
    except check.Skip as skip:
        live.note += f"; {skip}"
        ways = WAYS
    expected, jobs = make_plan(live, rng, ways)

    daemon = live.daemon()
    (caller, results), records = live.observe(lambda: live.run_jobs(jobs), daemon)
    try:
        compare(expected, results, [r for r in records if r["ppid"] == caller.pid])
    except check.Failure as failure:
        raise check.Failure(f"{failure}\n{SEED}={seed} repeats it") from None
    daemon.stop()


def compare(expected, results, records):
    by_pid = {}
    for record in records:
        by_pid.setdefault(record["pid"], []).append(record)
    check.equal("processes", list(by_pid), [pid for pid, _, _ in results])
    for index, (item, (pid, status, error)) in enumerate(zip(expected, results)):
        mine = by_pid[pid]
        try:
            check.equal("wait status and errno", (status, error), (0, 0))
            if item.first:
                check.equal("arguments of the first exec", argv_of(mine.pop(0)), item.first)
            check.equal("records", len(mine), 1)
            check_record(mine[0], item)
        except check.Failure as failure:
            job = item.job
            raise check.Failure(f"exec {index}, {job.way.name} by {job.origin.name}: {failure}") from None
    check.true("seq does not grow within a process", all(
        a["seq"] < b["seq"] for mine in by_pid.values() for a, b in zip(mine, mine[1:])))

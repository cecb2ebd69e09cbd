# SPDX-License-Identifier: GPL-2.0-or-later
"""
Two thousand execs (EXECTRACED_TEST_EXECS) that a seed decides: arguments of all bytes and of lengths around every limit,
names of files, variables, all ways to call, by root and by a user who gains privileges, and some that fail. Two daemons
look on: what the one writes as JSON and what sd-journal reads back of the other's records has to be exactly those.
"""

import json
import os
import random

from lib import check, exact, kernel, plan, sdjournal
from lib.arguments import STRING_MAX, cut, in_memory
from lib.daemon import argv_of, raw
from lib.journal import Journal
from lib.plan import COMPAT_WAYS, Job, Origin, Way

EXECS = int(os.environ.get("EXECTRACED_TEST_EXECS") or 2000)
SEED = "EXECTRACED_TEST_SEED"  # environment variable: repeats a run
WAYS = (Way.EXECVE, Way.EXECVEAT, Way.DIRFD, Way.FEXECVE, Way.MEMFD)
BY_DESCRIPTOR = (Way.DIRFD, Way.FEXECVE, Way.MEMFD, Way.UNLINKED)
CHILDREN = (Origin.FORK, Origin.VFORK, Origin.THREAD)
LIMITS = (1024, 4096, 5000, 32768, 65536)  # of ArgumentBytes=
UNTOUCHED = 5
PAGE = 4096
NOBODY = 65534
OTHER = 4711
CAP_NET_RAW = 13
VARIABLE = b"RANDOM_TEXT"
NOT_COMPARED = {"seq", "timestamp"}  # what two daemons number and time differently


class Expected:
    def __init__(self, job):
        self.job = job
        self.script_words = None  # what the script puts before its own name
        self.first = None  # arguments of an exec of the same process before this one
        self.gained = set()  # flags of the privileges that the file gives
        self.error = None  # its name, of one that fails


class File:
    """A copy of target, and the flags that its exec has by root and by another user: who changes into whom counts."""

    def __init__(self, path, by_root=(), by_user=()):
        self.path = path
        self.gained = (set(by_root), set(by_user))


def random_bytes(rng, size):
    return bytes(rng.randrange(1, 256) for _ in range(size))


def random_name(rng):
    """No longer than what memfd_create(2) takes."""
    name = random_bytes(rng, rng.choice((1, 5, 20, 249))).replace(b"/", b"_")
    return b"dots" if name in (b".", b"..") else name


def random_text(rng, size):
    return random_bytes(rng, size) if rng.random() < 0.5 else bytes([rng.randrange(32, 127)]) * size


def random_argv(rng):
    return [random_text(rng, rng.choice((0, 1, 3, 10, 30, 100, 500))) for _ in range(rng.choice((1, 1, 2, 3, 5, 10, 40)))]


def border_argv(rng, limit):
    """Arguments whose length is next to a limit: of what is kept, of a page, of what the kernel takes."""
    around = rng.randrange(-3, 4)
    kind = rng.randrange(4)
    if kind == 0:  # all of them together
        argv = random_argv(rng)[:5]
        rest = limit + around - len(in_memory(argv)) - 1
        return [*argv, random_text(rng, rest)] if rest >= 0 else argv
    if kind == 1:  # one of them
        return [b"page", random_text(rng, PAGE * rng.choice((1, 2, 4)) + around), b"end"]
    if kind == 2:  # where the part that is kept ends
        return [b"head", random_text(rng, limit - limit // 4 - 5 + around), random_text(rng, limit), b"tail"]
    return [random_text(rng, STRING_MAX - rng.randrange(3)), b"longest"]


def make_files(live, rng):
    """Plain ones, and those that give something."""
    def copy(**how):
        return live.copy_target(name=random_name(rng), **how)

    capable = File(copy(), by_user={"filecaps"})
    os.setxattr(capable.path, "security.capability", kernel.file_capabilities([CAP_NET_RAW]))
    return [File(copy()) for _ in range(4)], [
        File(copy(mode=0o4755), by_user={"setuid"}),
        File(copy(mode=0o4755, owner=(OTHER, 0)), {"setuid"}, {"setuid"}),
        File(copy(mode=0o2755, owner=(0, OTHER)), {"setgid"}, {"setgid"}),
        File(copy(mode=0o6755), by_user={"setuid", "setgid"}),
        capable,
    ]


def make_scripts(live):
    """Scripts, and what each puts before its own name."""
    target, setuid = live.target, live.copy_target(mode=0o4755)
    inner = live.script(target + b" -a b")
    return [
        (File(live.script(target)), [target]),
        (File(inner), [target, b"-a b"]),
        (File(live.script(inner + b" -c")), [target, b"-a b", inner, b"-c"]),
        (File(live.script(setuid), by_user={"setuid"}), [setuid]),
    ]


class Maker:
    def __init__(self, live, rng, ways, limit, failures):
        self.live, self.rng, self.ways, self.limit, self.failures = live, rng, ways, limit, failures
        self.plain, self.privileged = make_files(live, rng)
        self.scripts = make_scripts(live)
        self.n_deleted = 0
        self.no_program = os.fsencode(live.write_file("text", "neither ELF nor script\n"))
        os.chmod(self.no_program, 0o755)

    def one(self, user, deleted_directory):
        """An exec by root or by the user."""
        rng = self.rng
        argv = border_argv(rng, self.limit) if rng.random() < 0.15 else random_argv(rng)
        job = Job(b"", argv, rng.choice(self.ways), rng.choice(CHILDREN))
        item = Expected(job)
        if rng.random() < 0.1:
            job.env = {VARIABLE: random_bytes(rng, rng.randrange(100))}
        kind = rng.random()
        if kind < 0.2:
            file, item.script_words = rng.choice(self.scripts)
        elif kind < 0.22:
            self.n_deleted += 1
            name = b"%d" % self.n_deleted + random_name(rng)[:200]
            file, job.way = File(self.live.copy_target(deleted_directory, name)), Way.UNLINKED
        elif kind < 0.3 and self.failures:
            self.make_failing(item)
            return item
        else:
            file = rng.choice(self.privileged if rng.random() < 0.4 else self.plain)
        job.path = file.path
        # A memfd has the bytes of the program, and nothing that belongs to its file.
        if job.way != Way.MEMFD or item.script_words:
            item.gained = file.gained[user]
        return item

    def make_failing(self, item):
        job = item.job
        job.argv = [random_bytes(self.rng, self.rng.randrange(30)) for _ in range(self.rng.randrange(1, 8))]
        job.way = self.rng.choice((Way.EXECVE, Way.EXECVEAT))
        job.path, item.error = self.rng.choice((
            (b"/nonexistent/" + random_name(self.rng), "ENOENT"),
            (self.no_program, "ENOEXEC"),
            (self.no_program + b"/x", "ENOTDIR"),
        ))


def add_seconds(live, rng, expected):
    """The jobs of a plan: some processes execute caller first, which then executes the real one."""
    path = os.path.join(live.scratch(), b"second")
    seconds, jobs = [], []
    for item in expected:
        if rng.random() < 0.1 and item.job.origin != Origin.THREAD and not item.error:
            item.first = [b"caller", path, b"%d" % len(seconds)]
            way = Way.COMPAT if item.job.way in COMPAT_WAYS else Way.EXECVE
            jobs.append(Job(live.actor(plan.caller([item.job])), item.first, way, item.job.origin))
            item.job.origin = Origin.SELF
            seconds.append(item.job)
        else:
            jobs.append(item.job)
    plan.write(path, seconds)
    return jobs


def expected_flags(item):
    job, flags = item.job, set(item.gained)
    if item.script_words:
        flags.add("script")
    if job.way in BY_DESCRIPTOR:
        flags.add("fd")
    if job.way == Way.MEMFD and not item.script_words:
        flags.add("memfd")
    if job.way == Way.UNLINKED:
        flags.add("deleted")
    if job.way in COMPAT_WAYS:
        flags.add("compat")
    if job.origin == Origin.THREAD:
        flags.add("thread")
    return flags


def check_failed(record, item, limit):
    """The caller's memory, when it is over: what was never touched may not be there, and then the record says so."""
    job, flags = item.job, set(record.get("flags", []))
    memory = in_memory(job.argv)
    kept = job.argv if len(memory) <= limit else (memory[:limit] + b"...").split(b"\0")
    check.equal("error", record.get("error"), item.error)
    check.equal("filename", raw(record["filename"]), job.path)
    if argv_of(record) != kept or record["truncated"] != (kept != job.argv):
        check.true(f"arguments {check.shown(argv_of(record))}, flags {flags}", "unread" in flags)
    check.equal("flags", flags - {"unread"}, expected_flags(item))


def check_record(record, item, limit):
    job = item.job
    filename = raw(record["filename"])
    if job.way in BY_DESCRIPTOR:
        check.true(f"filename: {filename}", filename.startswith(b"/dev/fd/"))
    else:
        check.equal("filename", filename, job.path)
    argv = job.argv if not item.script_words else [*item.script_words, filename, *job.argv[1:]]
    size = len(in_memory(argv))
    check.equal("arguments", argv_of(record), cut(argv, limit) if size > limit else argv)
    check.equal("truncated", record["truncated"], size > limit)
    check.equal("argv_bytes", record.get("argv_bytes"), size if size > limit else None)
    check.equal("flags", set(record.get("flags", [])), expected_flags(item))
    check.equal("variables", record.get("environment", {}), {
        name.decode(): value.decode("utf-8", "surrogateescape") for name, value in job.env.items()})


def compare(expected, results, records, limit):
    by_pid = {}
    for record in records:
        by_pid.setdefault(record["pid"], []).append(record)
    check.equal("processes", list(by_pid), [pid for pid, _, _ in results])
    for index, (item, (pid, status, error)) in enumerate(zip(expected, results)):
        mine = list(by_pid[pid])
        try:
            if item.first:
                check.equal("arguments of the first exec", argv_of(mine.pop(0)), item.first)
            check.equal("records", len(mine), 1)
            if item.error:
                check_failed(mine[0], item, limit)
                continue
            check.equal("wait status and errno", (status, error), (0, 0))
            check_record(mine[0], item, limit)
        except check.Failure as failure:
            job = item.job
            raise check.Failure(f"exec {index}, {job.way.name} by {job.origin.name}: {failure}") from None
    check.true("seq does not grow within a process", all(
        a["seq"] < b["seq"] for mine in by_pid.values() for a, b in zip(mine, mine[1:])))


def text_of(value):
    return value.decode("utf-8", "surrogateescape")


def record_of(entry, like):
    """An entry in the form of the JSON record that is to be the same; what only one of the two has shows as a difference."""
    record = {"truncated": False}
    for name, values in entry.items():
        key = name.removeprefix("EXEC_").lower()
        if name == "EXEC_FLAG":
            record["flags"] = sorted(map(text_of, values))
        elif name == "EXEC_FLAGS":
            check.equal("flags in one field", sorted(text_of(sdjournal.only(entry, name)).split(",")),
                        sorted(map(text_of, entry["EXEC_FLAG"])))
        elif name.startswith("EXEC_ENV_"):
            record.setdefault("environment", {})[name.removeprefix("EXEC_ENV_")] = text_of(sdjournal.only(entry, name))
        elif name.startswith("EXEC_") and name != "EXEC_ARGV_RAW":
            value = text_of(sdjournal.only(entry, name))
            if key == "argv":
                encoded = sdjournal.only(entry, "EXEC_ARGV_RAW") if "EXEC_ARGV_RAW" in entry else None
                record[key] = [text_of(argument) for argument in exact.arguments(json.loads(value), encoded)]
            elif key == "truncated":
                record[key] = True
            else:
                record[key] = int(value) if isinstance(like.get(key), int) or key == "seq" else value
    return record


def compare_formats(records, entries):
    """The journal's records in JSON's form, each the same as JSON's own in all but number and time."""
    check.equal("number of entries", len(entries), len(records))
    found = [record_of(entry, record) for entry, record in zip(entries, records)]
    for record, other in zip(records, found):
        for key in sorted(set(record) | set(other) - NOT_COMPARED):
            if key not in NOT_COMPARED:
                check.equal(f"{key} in the journal", other.get(key),
                            sorted(record[key]) if key == "flags" else record.get(key))
    return found


def run_part(live, maker, expected, observers, setup=None, untouched=False):
    """Executes that by as few callers as can make these calls."""
    by_caller = {}
    for item in expected:
        by_caller.setdefault(plan.caller([item.job]), []).append(item)
    for part in by_caller.values():
        run_by_one(live, maker, part, observers, setup, untouched)


def run_by_one(live, maker, expected, observers, setup, untouched):
    """Executes that by one caller, and judges what each of the daemons recorded of it."""
    daemon, journal = observers
    jobs = add_seconds(live, maker.rng, expected)
    (caller, results), records = live.observe(lambda: live.run_jobs(jobs, untouched, setup=setup), daemon)
    records = [r for r in records if r["ppid"] == caller.pid]
    compare(expected, results, records, maker.limit)
    if not journal:
        return

    journal.catch_up()
    entries = sdjournal.entries(journal.directory(), "SYSLOG_IDENTIFIER=exectrace", f"EXEC_PPID={caller.pid}")
    compare(expected, results, compare_formats(records, entries), maker.limit)


def run_all(live, maker, observers):
    own, users = live.scratch(), live.scratch()
    os.chown(users, NOBODY, NOBODY)
    run_part(live, maker, [maker.one(False, own) for _ in range(EXECS // 2)], observers)
    run_part(live, maker, [maker.one(True, users) for _ in range(EXECS - EXECS // 2)], observers,
             lambda: kernel.become(NOBODY, NOBODY))

    # Of execs that fail, those whose arguments nobody has touched may be unread; one by one, or some would be touched.
    for _ in range(UNTOUCHED if maker.failures else 0):
        item = Expected(Job(b"", []))
        maker.make_failing(item)
        item.job.argv = [b"untouched", random_text(maker.rng, maker.rng.randrange(1, 3 * PAGE))]
        run_part(live, maker, [item], observers, untouched=True)


def attempt(live, what):
    """What what() returns; None where this machine can't do it, which is noted."""
    try:
        return what()
    except check.Skip as skip:
        live.note += f"; {skip}"
        return None


def start_daemons(live, limit):
    """The one that writes JSON, and the journal of the other, where there is a journald."""
    config = f"[Trace]\nFailures=all\nArgumentBytes={limit}\n[Output]\nEnvironment={VARIABLE.decode()}\n"
    journal = attempt(live, lambda: Journal(live))
    if journal:
        journal.trace(config)
    return live.daemon(config), journal


def test_execs(live):
    seed = int(os.environ.get(SEED) or random.SystemRandom().randrange(1 << 32))
    rng = random.Random(seed)
    limit = rng.choice(LIMITS)
    live.note = f"{EXECS} execs, ArgumentBytes={limit}, {SEED}={seed}"
    ways = (*WAYS, *COMPAT_WAYS) if attempt(live, lambda: live.need_compat() or True) else WAYS
    daemon, journal = start_daemons(live, limit)
    failures = "failed execs" not in daemon.event("started").get("exectraced_not_covered", "").split(", ")
    try:
        run_all(live, Maker(live, rng, ways, limit, failures), (daemon, journal))
    except check.Failure as failure:
        raise check.Failure(f"{failure}\n{SEED}={seed} repeats it") from None
    daemon.stop()
    if journal:
        journal.stop_trace()

# SPDX-License-Identifier: GPL-2.0-or-later
"""Names of users and groups: in rules, where nobody may know them yet, and in records."""

import glob
import os
import signal
import time

from lib import check, kernel
from lib.daemon import argv_of
from lib.loop import DEADLINE

KNOWN_LATER = 54331  # "slow-user" of nss-slow.c
KNOWN_GROUP = 54332  # "slow group"
KNOWN_ID = 54333  # "slow-id"
NSS_MODULES = "/lib/*/libnss_hesiod.so.2", "/lib64/libnss_hesiod.so.2", "/usr/lib/*/libnss_hesiod.so.2"
STARTS = 5  # a busy machine may start the process that asks too late


class Database:
    """The user database of one daemon: local files, and behind them a source that is as slow as it is told."""

    def __init__(self, live, how, passwd=""):
        modules = [path for pattern in NSS_MODULES for path in glob.glob(pattern)]
        if not modules:
            raise check.Skip("there is no libnss_hesiod.so.2 to hide")
        self._module = os.path.realpath(modules[0])
        self._source = os.path.join(live.build, "tests", "live", "libnss_slow.so.2")
        self._directory = os.fsdecode(live.scratch())
        self._switch = live.write_file("nsswitch.conf", "passwd: files hesiod\ngroup: files hesiod\n")
        self.passwd = live.write_file("passwd", f"root:x:0:0:root:/root:/bin/sh\n{passwd}")
        self.answers(how)

    def answers(self, how):
        with open(os.path.join(self._directory, "nss-slow"), "w", encoding="ascii") as file:
            file.write(how)

    def setup(self):
        """To be called in the process that becomes the daemon."""
        kernel.private_mounts()
        kernel.bind(self._source, self._module)
        kernel.bind(self._switch, "/etc/nsswitch.conf")
        kernel.bind(self.passwd, "/etc/passwd")
        kernel.bind(self._directory, "/mnt")


def daemon_with(live, database, config):
    path = live.write_file("names.conf", config)
    begin = time.monotonic()
    daemon = live.daemon(options=[f"--config={path}"], setup=database.setup)
    return daemon, path, time.monotonic() - begin


def recorded(live, daemon, uid, gid=0):
    token = live.token()
    _, records = live.observe(
        lambda: live.run(live.target, [b"x", token], setup=lambda: kernel.become(uid, gid)), daemon)
    return len(live.with_token(records, token))


def stop_quickly(daemon):
    begin = time.monotonic()
    daemon.stop()
    check.true("SIGTERM was answered late", time.monotonic() - begin < 2)


def helpers(daemon):
    found = []
    for path in glob.glob(f"/proc/{daemon.pid}/task/*/children"):
        with open(path, encoding="ascii") as file:
            found += file.read().split()
    return found


def test_exclude_of_nobody(live):
    """A name without an id excludes nobody, and everything else works."""
    daemon = live.daemon("[Filter]\nExcludeUser=no-such-user-here 54321\n")
    check.equal("unknown", daemon.event("started")["exectraced_unknown_names"], "user no-such-user-here")
    check.equal("recorded", [recorded(live, daemon, uid) for uid in (0, 54321)], [1, 0])
    check.true(f"no warning: {daemon.stderr()!r}", "exectraced.conf:2: " in daemon.stderr())
    daemon.stop()


def test_include_of_nobody(live):
    """An Include stays one: it matches nobody but whom else it names."""
    daemon = live.daemon("[Filter]\nIncludeUser=0\nIncludeGroup=no-such-group-here 0\n")
    check.equal("unknown", daemon.event("started")["exectraced_unknown_names"], "group no-such-group-here")
    check.equal("recorded", [recorded(live, daemon, 0, gid) for gid in (0, 54321)], [1, 0])
    daemon.stop()


def test_known_to_nss_only(live):
    """A quick source is waited for: nothing is recorded by half of the rules. Blanks may be in a name."""
    database = Database(live, "0")
    for _ in range(STARTS):
        daemon, _, _ = daemon_with(live, database, '[Filter]\nExcludeUser=slow-user\nExcludeGroup="slow group"\n')
        if "exectraced_unknown_names" not in daemon.event("started"):
            break
        stop_quickly(daemon)
    else:
        raise check.Failure(f"unknown names at each of {STARTS} starts")
    check.equal("recorded", [recorded(live, daemon, uid, gid)
                             for uid, gid in ((0, 0), (KNOWN_LATER, 0), (0, KNOWN_GROUP))], [1, 0, 0])
    stop_quickly(daemon)


def check_held_up_by_nothing(live, how):
    database = Database(live, how)
    daemon, path, seconds = daemon_with(live, database, "[Filter]\nExcludeUser=slow-user\n")
    check.true(f"the start took {seconds:.1f} s", seconds < 5)
    check.equal("unknown", daemon.event("started")["exectraced_unknown_names"], "user slow-user")
    check.equal("recorded", recorded(live, daemon, KNOWN_LATER), 1)
    check.equal("helpers", len(helpers(daemon)), 1)

    with open(path, "w", encoding="ascii") as file:
        file.write("[Filter]\nExcludeUser=slow-user 54321\n")
    begin = time.monotonic()
    daemon.signal(signal.SIGHUP)
    event = daemon.wait_event("reloaded")
    check.true("the reload was late", time.monotonic() - begin < 2)
    check.equal("unknown", event["exectraced_unknown_names"], "user slow-user")
    check.equal("recorded", [recorded(live, daemon, uid) for uid in (KNOWN_LATER, 54321)], [1, 0])
    return daemon


def test_source_that_sleeps(live):
    """25 seconds hold up nothing; what is said after them counts."""
    daemon = check_held_up_by_nothing(live, "25000")
    daemon.loop.until(lambda: "have become known" in daemon.stderr(), daemon.state, 40)
    check.equal("recorded", [recorded(live, daemon, uid) for uid in (0, KNOWN_LATER)], [1, 0])
    stop_quickly(daemon)
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_source_that_never_answers(live):
    daemon = check_held_up_by_nothing(live, "never")
    started = helpers(daemon)
    check.equal("helpers", len(started), 1)
    stop_quickly(daemon)
    check.true("the helper is left", not os.path.exists(f"/proc/{started[0]}"))


def test_known_a_minute_later(live):
    """Without a reload: a name that came into the local file, and one that the source knows now."""
    database = Database(live, "never")
    daemon, _, _ = daemon_with(live, database, "[Filter]\nExcludeUser=late\n")
    check.equal("recorded", recorded(live, daemon, 54341), 1)
    with open(database.passwd, "a", encoding="ascii") as file:
        file.write("late:x:54341:54341::/:/bin/sh\n")
    daemon.loop.until(lambda: "have become known" in daemon.stderr(), daemon.state, 100)
    check.equal("recorded", recorded(live, daemon, 54341), 0)
    daemon.stop()


def user_of(live, daemon, uid):
    token = live.token()
    begin = time.monotonic()
    _, records = live.observe(
        lambda: live.run(live.target, [b"x", token], setup=lambda: kernel.become(uid, 0)), daemon)
    seconds = time.monotonic() - begin
    return next(r for r in records if token in argv_of(r)).get("user"), seconds


def test_names_in_records(live):
    database = Database(live, "0", passwd="me:x:54350:0::/:\n")
    daemon, _, _ = daemon_with(live, database, "[Output]\nUserNames=yes\n")
    check.equal("names", [user_of(live, daemon, uid)[0] for uid in (0, 54350)], ["root", "me"])
    # What the source knows comes by a process of its own. On a busy machine that takes longer than a record waits.
    end = time.monotonic() + DEADLINE
    while (name := user_of(live, daemon, KNOWN_ID)[0]) is None and time.monotonic() < end:
        pass
    check.equal("name from the source", name, "slow-id")
    check.equal("names", [user_of(live, daemon, uid)[0] for uid in (54351, KNOWN_ID)], [None, "slow-id"])
    stop_quickly(daemon)


def test_no_names_by_default(live):
    check.equal("name", user_of(live, live.tracer, 0)[0], None)


def test_records_wait_for_no_name(live):
    """A record waits a tenth of a second for a name, the next one not at all."""
    database = Database(live, "never")
    daemon, _, _ = daemon_with(live, database, "[Output]\nUserNames=yes\n")
    for uid in (KNOWN_ID, 54352, 0):
        name, seconds = user_of(live, daemon, uid)
        check.equal(f"name of {uid}", name, "root" if uid == 0 else None)
        check.true(f"{uid} took {seconds:.1f} s", seconds < 2)
    stop_quickly(daemon)
    check.balance(daemon.seqs, daemon.event("stopped"))

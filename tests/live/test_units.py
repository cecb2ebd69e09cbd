# SPDX-License-Identifier: GPL-2.0-or-later
"""The unit that a program ran in, from its control group."""

import os
import signal

from lib import check, kernel, plan
from lib.cgroup import Group
from lib.journal import Journal, value, values
from lib.text import Line

CONTAINER = "0123456789abcdef" * 4
EXPECTED = {
    "/live-a.slice/live-test.service": {"unit": "live-test.service", "slice": "live-a.slice"},
    "/live-a.slice/live-a-b.slice/live-test@in\\x2dstance.service/below":
        {"unit": "live-test@in\\x2dstance.service", "slice": "live-a-b.slice"},
    "/live-user.slice/user-4321.slice/session-77.scope":
        {"unit": "session-77.scope", "slice": "user-4321.slice", "logind_session": "77"},
    "/live-user.slice/user-4321.slice/user@4321.service/app.slice/editor.service":
        {"unit": "user@4321.service", "user_unit": "editor.service"},
    f"/live-machine.slice/docker-{CONTAINER}.scope": {"unit": f"docker-{CONTAINER}.scope", "container": CONTAINER},
}


def check_group(record, path, expected):
    check.fields(record, cgroup=path, **expected)
    for key in {"unit", "user_unit", "logind_session", "container"} - expected.keys():
        check.fields(record, **{key: None})


def test_made_while_it_runs(live):
    for path, expected in EXPECTED.items():
        group = Group(live, path)
        check_group(live.one(live.target, [b"unit"], setup=group.enter), path, expected)


def test_there_before_it_started(live):
    groups = [(Group(live, path), expected) for path, expected in EXPECTED.items()]
    daemon = live.daemon()
    for group, expected in groups:
        check_group(live.one(live.target, [b"unit"], daemon, setup=group.enter), group.path, expected)


def test_gone_before_it_looked(live):
    """Made, used and removed while the daemon sleeps."""
    daemon = live.daemon()
    live.observe(lambda: None, daemon)
    daemon.signal(signal.SIGSTOP)
    live.cleanup(daemon.signal, signal.SIGCONT)
    group = Group(live, "/live-short.slice/live-short.service")
    process = live.run(live.target, [b"short"], setup=group.enter)
    group.remove()
    daemon.signal(signal.SIGCONT)
    record = daemon.wait_record(lambda r: r["pid"] == process.pid, "the record")
    check.fields(record, unit="live-short.service", cgroup="/live-short.slice/live-short.service")


def test_invocation(live):
    """The service manager writes it to the cgroup when it has made it; it is of the unit, whichever group below it is."""
    number = "0123456789abcdef0123456789abcdef"
    group = Group(live, "/live-a.slice/live-invoked.service")
    below = Group(live, "/live-a.slice/live-invoked.service/below")
    try:
        os.setxattr(group.directory, "trusted.invocation_id", number.encode())
        os.setxattr(group.directory, "user.invocation_id", number.encode())
    except OSError as error:
        raise check.Skip(f"no such attributes of cgroups: {error}") from error
    daemon = live.daemon()
    for where in (group, below):
        check.fields(live.one(live.target, [b"invoked"], daemon, setup=where.enter), unit="live-invoked.service",
                     invocation_id=number)
    other = Group(live, "/live-a.slice/live-uninvoked.service")
    check.fields(live.one(live.target, [b"not invoked"], daemon, setup=other.enter), invocation_id=None)


def test_in_no_unit(live):
    """In the root of the hierarchy."""
    check_group(live.one(live.target, [b"root"], setup=Group(live, "/").enter), "/", {})


def test_filters(live):
    inside, outside = Group(live, "/live-a.slice/live-in.service"), Group(live, "/live-a.slice/live-out.service")
    for rule, expected in (("IncludeUnit=live-i*.service", [1, 0]), ("ExcludeUnit=live-i*.service", [0, 1])):
        place = inside if expected[0] else outside
        daemon = live.daemon(
            f"[Filter]\n{rule}\n",
            sentinel=lambda token, p=place: live.run(live.target, [b"sentinel", token], setup=p.enter))
        tokens = [live.token(), live.token()]

        def action(tokens=tokens):
            for group, token in zip((inside, outside), tokens):
                live.run(live.target, [b"filter", token], setup=group.enter)

        _, records = live.observe(action, daemon)
        check.equal(rule, [len(live.with_token(records, token)) for token in tokens], expected)


def test_units_of_users(live):
    """A user who calls a unit of his own like one of the system's does not hide what it runs."""
    own = Group(live, "/user.slice/user-1000.slice/user@1000.service/app.slice/live-quiet.service")
    of_system = Group(live, "/live-a.slice/live-quiet.service")
    for rule, expected in (("ExcludeUnit=live-quiet.service", [1, 0]), ("ExcludeUserUnit=live-quiet.service", [0, 1]),
                           ("ExcludeUnit=user@*.service", [0, 1])):
        daemon = live.daemon(f"[Filter]\n{rule}\n")
        tokens = [live.token(), live.token()]

        def action(tokens=tokens):
            for group, token in zip((own, of_system), tokens):
                live.run(live.target, [b"quiet", token], setup=group.enter)

        _, records = live.observe(action, daemon)
        check.equal(rule, [len(live.with_token(records, token)) for token in tokens], expected)
        daemon.stop()
        dropped = "exec_dropped_exclude_user_unit" if "UserUnit" in rule else "exec_dropped_exclude_unit"
        check.equal(f"{dropped} of {rule}", sum(event.get(dropped, 0) for event in daemon.events), 1)


def test_filters_in_the_kernel(live):
    """A unit that the daemon knows takes no number, and neither does one any more that came after it started."""
    group = Group(live, "/live-a.slice/live-noise.service")
    daemon = live.daemon("[Trace]\nFailures=all\n[Filter]\nExcludeUnit=live-noise*.service\n")

    def run(place):
        live.observe(lambda: live.run_jobs([plan.Job(live.target, [b"noise"])] * 20, setup=place.enter), daemon)

    run(group)
    late = Group(live, "/live-a.slice/live-noise-late.service")
    live.observe(lambda: None, daemon)  # the daemon has heard of it
    run(late)
    daemon.stop()
    stopped = daemon.event("stopped")
    check.balance(daemon.seqs, stopped)
    check.fields(stopped, exec_suppressed=0)
    # The caller of the jobs is one, too.
    check.equal("dropped", sum(e["exec_dropped_exclude_unit"] for e in daemon.events if e["event"] == "suppressed"),
                2 * 21)


def test_filters_in_the_kernel_after_a_reload(live):
    groups = [Group(live, f"/live-a.slice/live-reload-{name}.service") for name in "ab"]
    config = live.write_file("reloaded.conf", "[Trace]\nFailures=all\n[Filter]\nExcludeUnit=live-reload-a.service\n")
    daemon = live.daemon(options=[f"--config={config}"])

    def reload(text):
        reloaded = sum(event["event"] == "reloaded" for event in daemon.events)
        with open(config, "w", encoding="ascii") as file:
            file.write(text)
        daemon.signal(signal.SIGHUP)
        live.loop.until(lambda: sum(event["event"] == "reloaded" for event in daemon.events) > reloaded, daemon.state)

    def run():
        tokens = [live.token(), live.token()]

        def action():
            for group, token in zip(groups, tokens):
                live.run(live.target, [b"reload", token], setup=group.enter)

        _, records = live.observe(action, daemon)
        return [len(live.with_token(records, token)) for token in tokens]

    check.equal("before", run(), [0, 1])
    reload("[Trace]\nFailures=all\n[Filter]\nExcludeUnit=live-reload-b.service\n")
    check.equal("after", run(), [1, 0])
    reload("")
    check.equal("without a rule", run(), [1, 1])
    daemon.stop()
    check.fields(daemon.event("stopped"), exec_suppressed=0, exec_filtered=2)


def test_in_the_message(live):
    group = Group(live, "/live-a.slice/live-test.service")
    daemon = live.daemon(output="text")
    token = live.token()
    live.run(live.target, [b"text", token], setup=group.enter)
    line = Line(daemon.wait_line(token))
    check.equal("unit", line.unit, b"live-test.service")
    check.equal("arguments", line.arguments(), [b"text", token])


def test_unit_match(live):
    """UnitMatch=: what journalctl -u asks for."""
    group = Group(live, "/live-a.slice/live-test.service")
    for config, expected in (("", []), ("[Output]\nUnitMatch=yes\n", [b"live-test.service"])):
        journal = Journal(live)
        journal.trace(config)
        entry = journal.one(live.target, [b"match"], setup=group.enter)
        check.equal("EXEC_UNIT", value(entry, "EXEC_UNIT"), b"live-test.service")
        check.equal("OBJECT_SYSTEMD_UNIT", values(entry, "OBJECT_SYSTEMD_UNIT"), expected)


def test_another_cgroup_namespace(live):
    """The path is that of the initial namespace, whatever the process sees."""
    group = Group(live, "/live-a.slice/live-test.service")

    def setup():
        group.enter()
        kernel.unshare(kernel.CLONE_NEWCGROUP)

    check.fields(live.one(live.target, [b"namespace"], setup=setup), cgroup=group.path, unit="live-test.service")

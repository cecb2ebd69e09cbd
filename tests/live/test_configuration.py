# SPDX-License-Identifier: GPL-2.0-or-later
"""What the configuration changes in the records of real execs."""

import os
import signal

from lib import check, kernel
from lib.daemon import argv_of

USER = 54321
GROUP = 54322


def recorded(live, daemon, *runs):
    """Executes target as each of `runs` says ((path, setup) or one of them); for each whether it was recorded."""
    tokens = [live.token() for _ in runs]

    def action():
        for (path, setup), token in zip(runs, tokens):
            live.run(path or live.target, [b"run", token], setup=setup)

    _, records = live.observe(action, daemon)
    return [len(live.with_token(records, token)) for token in tokens]


def as_ids(uid, gid):
    return None, lambda: kernel.become(uid, gid)


def filtered(live, rule, expected, runs, sentinel):
    """A daemon with one rule, and that its final account of it is right."""
    daemon = live.daemon(f"[Trace]\nFailures=all\n[Filter]\n{rule}\n", sentinel=sentinel)
    check.equal(rule, recorded(live, daemon, *runs), expected)
    daemon.stop()
    stopped = daemon.event("stopped")
    check.equal("records that the daemon counted", stopped["exec_recorded"], len(daemon.records))
    dropped = stopped["exec_suppressed"] + stopped["exec_filtered"]
    check.true(f"dropped: {stopped}", dropped >= expected.count(0))
    check.equal("dropped by each rule", dropped, sum(
        n for event in daemon.events for key, n in event.items() if key.startswith("exec_dropped_")))


def sentinel_as(live, uid, gid, path=None):
    return lambda token: live.run(
        path or live.target, [b"sentinel", token], setup=lambda: kernel.become(uid, gid))


def test_include_user(live):
    runs = (as_ids(0, 0), as_ids(USER, 0), as_ids(USER + 1, 0))
    filtered(live, f"IncludeUser={USER}", [0, 1, 0], runs, sentinel_as(live, USER, GROUP))


def logged_in(uid):
    """In a session of this user, whatever ids the process has."""
    def setup():
        with open("/proc/self/loginuid", "w", encoding="ascii") as file:
            file.write(str(uid))

    return None, setup


def test_logins(live):
    """The login uid stays what it was, whoever a process becomes; `unset`: nobody has logged in."""
    if not os.path.exists("/proc/self/loginuid"):
        raise check.Skip("this kernel has no login uid (CONFIG_AUDIT)")
    with open("/proc/self/loginuid", encoding="ascii") as file:
        if int(file.read()) != 0xFFFFFFFF:
            raise check.Skip("these tests were started in a login session, whose uid can't be set again")
    runs = ((None, None), logged_in(USER), logged_in(USER + 1), as_ids(USER, USER))

    def sentinel(setup):
        return lambda token: live.run(live.target, [b"sentinel", token], setup=setup[1])

    for rule, expected, seen in (
            (f"IncludeLogin={USER}", [0, 1, 0, 0], logged_in(USER)),
            (f"IncludeLogin={USER}-{USER + 1}", [0, 1, 1, 0], logged_in(USER)),
            (f"IncludeLogin=unset {USER + 1}", [1, 0, 1, 1], (None, None)),
            (f"ExcludeLogin={USER}", [1, 0, 1, 1], (None, None)),
            ("ExcludeLogin=unset", [0, 1, 1, 0], logged_in(USER))):
        filtered(live, rule, expected, runs, sentinel(seen))


def test_include_user_range_and_name(live):
    runs = (as_ids(1, 0), as_ids(USER, 0), as_ids(USER + 9, 0), as_ids(USER + 10, 0))
    filtered(live, f"IncludeUser=daemon {USER}-{USER + 9}", [1, 1, 1, 0], runs, sentinel_as(live, USER, GROUP))


def test_exclude_user(live):
    runs = (as_ids(0, 0), as_ids(USER, 0))
    filtered(live, f"ExcludeUser={USER}", [1, 0], runs, None)


def test_exclude_wins(live):
    runs = (as_ids(USER, 0), as_ids(USER + 1, 0))
    rule = f"IncludeUser={USER}-{USER + 9}\nExcludeUser={USER + 1}"
    filtered(live, rule, [1, 0], runs, sentinel_as(live, USER, GROUP))


def test_groups(live):
    runs = (as_ids(USER, GROUP), as_ids(USER, 0))
    filtered(live, f"IncludeGroup={GROUP}", [1, 0], runs, sentinel_as(live, 0, GROUP))
    filtered(live, f"ExcludeGroup={GROUP}", [0, 1], runs, None)


def test_setuid_program_counts_by_its_real_user(live):
    path = live.copy_target(mode=0o4755)
    runs = ((path, lambda: kernel.become(USER, GROUP)), (path, None))
    filtered(live, f"ExcludeUser={USER}", [0, 1], runs, None)


def test_exe(live):
    directory = os.path.realpath(live.scratch())
    inside = live.copy_target(directory, b"program")
    os.mkdir(directory + b"/below")
    below = live.copy_target(directory + b"/below", b"other")
    runs = ((inside, None), (below, None), (None, None))
    inside_sentinel = (lambda token: live.run(inside, [b"sentinel", token]))
    filtered(live, f"IncludeExe={os.fsdecode(directory)}/*", [1, 1, 0], runs, inside_sentinel)
    filtered(live, f"ExcludeExe={os.fsdecode(directory)}/*", [0, 0, 1], runs, None)
    filtered(live, f"ExcludeExe={os.fsdecode(directory)}/prog?am", [0, 1, 1], runs, None)


def test_exe_of_a_script(live):
    """The rule sees the interpreter and the script, also when that was called by a relative path."""
    script = live.script(live.target)
    directory, name = os.path.split(script)
    runs = ((script, None), (b"./" + name, lambda: os.chdir(directory)), (None, None))
    filtered(live, f"ExcludeExe={os.fsdecode(script)}", [0, 0, 1], runs, None)
    interpreter = live.copy_target()
    runs = ((live.script(interpreter), None), (None, None))
    filtered(live, f"ExcludeExe={os.path.realpath(os.fsdecode(interpreter))}", [0, 1], runs, None)


def test_parent(live):
    """By comm of the calling process."""
    def called(name):
        return None, lambda: kernel.set_comm(name)

    runs = (called(b"noisy-1"), called(b"noisy"), called(b"quiet"))
    filtered(live, "ExcludeParent=noisy-*", [0, 1, 1], runs, None)

    def sentinel(token):
        live.run(live.target, [b"sentinel", token], setup=lambda: kernel.set_comm(b"noisy-0"))

    filtered(live, "IncludeParent=noisy-?", [1, 0, 0], runs, sentinel)


def test_filtered_records_have_numbers(live):
    """The gap in the numbers is what the daemon says that it suppressed."""
    program = live.copy_target()
    daemon = live.daemon(f"[Trace]\nFailures=all\n[Filter]\nExcludeExe={os.fsdecode(program)}\n")
    live.observe(lambda: [live.run(program, [b"dropped"]) for _ in range(5)], daemon)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))
    check.fields(daemon.event("suppressed"), exec_suppressed=5, exec_dropped_exclude_exe=5)


def test_ids_are_filtered_in_the_kernel(live):
    """These take no number: nothing in user space knows of them but their count."""
    for rule, key in ((f"ExcludeUser={USER}", "exclude_user"), (f"ExcludeGroup={GROUP}", "exclude_group"),
                      ("IncludeUser=0", "include_user"), ("IncludeGroup=0", "include_group")):
        daemon = live.daemon(f"[Trace]\nFailures=all\n[Filter]\n{rule}\n")
        live.observe(lambda: [live.run(live.target, [b"dropped"], setup=lambda: kernel.become(USER, GROUP))
                              for _ in range(5)], daemon)
        daemon.stop()
        stopped = daemon.event("stopped")
        check.balance(daemon.seqs, stopped)
        check.fields(stopped, exec_suppressed=0)
        check.equal(rule, sum(e[f"exec_dropped_{key}"] for e in daemon.events if e["event"] == "suppressed"),
                    stopped["exec_filtered"])
        check.true(f"{rule}: {stopped['exec_filtered']}", stopped["exec_filtered"] >= 5)


def test_filtered_on_every_processor(live):
    """Each counts for itself; what the daemon says is the sum."""
    def setup(cpu):
        os.sched_setaffinity(0, {cpu})
        kernel.become(USER, GROUP)

    daemon = live.daemon(f"[Trace]\nFailures=all\n[Filter]\nExcludeUser={USER}\n")
    cpus = sorted(os.sched_getaffinity(0))
    live.observe(lambda: [live.run(live.target, [b"dropped"], setup=lambda cpu=cpu: setup(cpu))
                          for cpu in cpus for _ in range(3)], daemon)
    daemon.stop()
    check.fields(daemon.event("stopped"), exec_suppressed=0, exec_filtered=3 * len(cpus))


def test_more_ids_than_the_kernel_side_takes(live):
    """They are filtered all the same, by the daemon; whoever stands between them is recorded."""
    ids = " ".join(str(USER + 2 * i) for i in range(65))
    runs = (as_ids(USER, 0), as_ids(USER + 1, 0), as_ids(USER + 128, 0), as_ids(USER + 130, 0))
    filtered(live, f"ExcludeUser={ids}", [0, 1, 0, 1], runs, None)
    ids = " ".join(str(USER + 2 * i) for i in range(64))
    filtered(live, f"ExcludeUser={ids}", [0, 1, 1, 1], runs, None)


def test_environment(live):
    daemon = live.daemon("[Output]\nEnvironment=LD_PRELOAD FOO\nEnvironment=EMPTY ABSENT\n")
    env = {b"FOO": b"a=b\nc\xff", b"EMPTY": b"", b"OTHER": b"hidden", b"LD_PRELOAD": b"/nonexistent.so", b"FOOT": b"x"}
    record = live.one(live.target, [b"environment"], daemon, env=env)
    check.fields(record, environment={"LD_PRELOAD": "/nonexistent.so", "FOO": "a=b\nc\udcff", "EMPTY": ""})
    check.fields(live.one(live.target, [b"plain"], daemon), environment=None)


def test_environment_of_the_new_program(live):
    """Not the caller's."""
    daemon = live.daemon("[Output]\nEnvironment=FOO\n")
    os.environ["FOO"] = "caller"
    live.cleanup(os.environ.pop, "FOO")
    check.fields(live.one(live.target, [b"x"], daemon, env={b"FOO": b"new"}), environment={"FOO": "new"})
    check.fields(live.one(live.target, [b"x"], daemon), environment=None)


def test_environment_beside_large_arguments(live):
    daemon = live.daemon("[Trace]\nArgumentBytes=4K\n[Output]\nEnvironment=FOO\n")
    argv = [b"large", b"x" * 30000]
    record = live.one(live.target, argv, daemon, env={b"FOO": b"here"})
    check.fields(record, environment={"FOO": "here"}, truncated=True, argv_bytes=30007)


def test_no_environment_by_default(live):
    check.fields(live.one(live.target, [b"x"], env={b"LD_PRELOAD": b"/nonexistent.so"}), environment=None)


def test_labels(live):
    daemon = live.daemon("[Output]\nLabel=HOST_ROLE=web server\nLabel=TEAM=ümlaut=x\nLabel=EMPTY=\n")
    record = live.one(live.target, [b"labels"], daemon)
    check.fields(record, labels={"HOST_ROLE": "web server", "TEAM": "ümlaut=x", "EMPTY": ""})
    check.fields(live.one(live.target, [b"none"]), labels=None)


def test_redaction(live):
    daemon = live.daemon("[Output]\nRedact=password=[^ ]*\nRedact=tok-[0-9a-f]{8}\n")
    argv = [b"login", b"--password=secret", b"x password=one y password=two", b"tok-0123abcd,tok-xyz",
            b"pass\nword=", b"\xffpassword=\xfe"]
    record = live.one(live.target, argv, daemon)
    check.equal("arguments", argv_of(record), [
        b"login", b"--***", b"x *** y ***", b"***,tok-xyz", b"pass\nword=", b"\xff***"])


def test_omit_field(live):
    """What is left out in JSON, and that a reload changes it also where standard output stays."""
    config = live.write_file("omit.conf", (
        "[Output]\nOmitField=EXEC_PPID EXEC_CWD\nOmitField=EXEC_TRUNCATED EXEC_NONSENSE\n"))
    daemon = live.daemon(options=[f"--config={config}"])
    said = daemon.stderr()
    check.true(f"no warning with file and line: {said!r}", "omit.conf:3" in said and "EXEC_NONSENSE" in said)
    token = live.token()
    live.run(live.target, [b"omit", token])
    record = daemon.wait_record(lambda r: token in argv_of(r), "the record")
    check.equal("omitted", {"ppid", "cwd", "truncated"} & set(record), set())
    check.equal("others", {"pid", "uid", "exe", "seq"} - set(record), set())

    with open(config, "w", encoding="ascii") as file:
        file.write("[Output]\nOmitField=EXEC_UID EXEC_LABEL_ROLE\nLabel=ROLE=web\nLabel=SITE=a\n")
    daemon.signal(signal.SIGHUP)
    daemon.wait_event("reloaded")
    record = live.one(live.target, [b"after"], daemon)
    check.fields(record, labels={"SITE": "a"})
    check.equal("after the reload", ("uid" in record, "cwd" in record, "truncated" in record), (False, True, True))
    daemon.stop()


def test_unknown_key_is_a_warning(live):
    daemon = live.daemon("[Trace]\n\nArgumentBites=4K\n[Nonsense]\nA=b\n")
    check.equal("arguments", argv_of(live.one(live.target, [b"runs"], daemon)), [b"runs"])
    said = daemon.stderr()
    check.true(f"no warning with file and line: {said!r}", "exectraced.conf:3" in said and "ArgumentBites" in said)
    check.true(f"no warning about the section: {said!r}", "Nonsense" in said)
    daemon.stop()


def test_reload(live):
    """SIGHUP: the new configuration holds for what is executed after it, and nothing is lost on the way."""
    config = live.write_file("reloaded.conf", "[Output]\nLabel=STATE=old\n")
    daemon = live.daemon(options=[f"--config={config}"])
    check.fields(live.one(live.target, [b"before"], daemon), labels={"STATE": "old"})
    with open(config, "w", encoding="ascii") as file:
        file.write("[Trace]\nArgumentBytes=1K\n[Output]\nLabel=STATE=new\n")
    daemon.signal(signal.SIGHUP)
    daemon.wait_event("reloaded")
    record = live.one(live.target, [b"after", b"x" * 3000], daemon)
    check.fields(record, labels={"STATE": "new"}, truncated=True)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_reload_of_a_broken_configuration(live):
    config = live.write_file("reloaded.conf", "[Output]\nLabel=STATE=old\n")
    daemon = live.daemon(options=[f"--config={config}"])
    with open(config, "w", encoding="ascii") as file:
        file.write("[Output]\nLabel=STATE=new\n[Trace]\nArgumentBytes=lots\n")
    daemon.signal(signal.SIGHUP)
    daemon.wait_event("reload-failed")
    check.fields(live.one(live.target, [b"after"], daemon), labels={"STATE": "old"}, truncated=False)
    said = daemon.stderr()
    check.true(f"no file and line: {said!r}", "reloaded.conf:4" in said)
    os.unlink(config)
    os.mkdir(config)
    daemon.signal(signal.SIGHUP)
    live.loop.until(lambda: len([e for e in daemon.events if e["event"] == "reload-failed"]) == 2, "the next one")
    message = daemon.events[-1]["message"]
    check.true(f"a file as a whole: {message!r}", f"{config}: " in message)
    daemon.stop()

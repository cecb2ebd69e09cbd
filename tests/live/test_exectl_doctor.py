# SPDX-License-Identifier: GPL-2.0-or-later
"""exectl doctor: every check finds what is wrong, where it is, and nothing where nothing is."""

import os
import pathlib
import time

from lib import check, kernel
from lib.epoch import epoch
from lib.viewer import Viewer
from lib.written import Written, execution, notice

STARTED = notice("started", exectraced_version="0.1.0", exectraced_hooks="sched_process_exec task_rename")


def checked(live, name, entries=(), status=0, setup=None, directory=None):
    """The verdict of one check, what it found and what it advises."""
    if directory is None:
        journal = Written(live)
        journal.write(list(entries))
        journal.stop()
        directory = journal.directory()
    objects = Viewer(live, directory).run("doctor", name, "-o", "json", status=status, setup=setup).objects()
    check.equal("checks", [o["check"] for o in objects], [name])
    check.true(f"advice where it is bad: {objects}", objects[0]["verdict"] != "bad" or "advice" in objects[0])
    return objects[0]["verdict"], objects[0]["found"]


def expect(live, name, entries, verdict, words, **how):
    got, found = checked(live, name, entries, status=1 if verdict == "bad" else 0, **how)
    check.equal(f"verdict of {name}, which found {found!r}", got, verdict)
    check.true(f"{words!r} in {found!r}", words in found)


def test_hooks(live):
    expect(live, "hooks", [STARTED], "ok", "sched_process_exec")
    expect(live, "hooks", [], "bad", "no start")
    expect(live, "hooks", [STARTED, notice("stopped")], "bad", "stopped")
    expect(live, "hooks", [notice("started", exectraced_hooks="")], "bad", "no hook")


def test_covered(live):
    expect(live, "covered", [STARTED], "ok", "nothing")
    expect(live, "covered", [{**STARTED, "EXECTRACED_NOT_COVERED": "failed execs"}], "note", "failed execs")


def test_alive(live):
    expect(live, "alive", [STARTED], "ok", "no heartbeat yet")
    expect(live, "alive", [STARTED, notice("alive")], "ok", "last heartbeat")
    expect(live, "alive", [STARTED, notice("alive"), notice("blind")], "bad", "does not see")
    expect(live, "alive", [STARTED, notice("blind"), notice("alive")], "ok", "last heartbeat")


def test_lost(live):
    expect(live, "lost", [STARTED], "ok", "nothing")
    expect(live, "lost", [STARTED, notice("lost", exec_lost=3), notice("lost", exec_lost=4)], "bad", "7 execs")


def test_config(live):
    expect(live, "config", [STARTED], "ok", "in use")
    expect(live, "config", [STARTED, notice("reload-failed")], "bad", "refused")
    expect(live, "config", [STARTED, notice("reload-failed"), notice("reloaded")], "ok", "in use")
    waits = {**notice("reloaded"), "MESSAGE": "Configuration reloaded; EventBuffer= waits for a restart"}
    expect(live, "config", [STARTED, waits], "note", "waits for a restart")


def test_nothing_known(live):
    """Without a word of the daemon it is not known that all is well."""
    for name in ("covered", "alive", "lost", "config"):
        expect(live, name, [execution(1, 1, ["x"])], "unknown", "no start of recording")
    for name in ("alive", "lost"):
        check.equal(f"{name} of one whose start was removed", checked(live, name, [notice("alive")])[0], "ok")


def test_config_changed(live):
    """A file that came after the daemon read its files, in any of the directories, unless another one masks it."""
    journal = Written(live)
    journal.write([STARTED])
    journal.stop()
    later, before = time.time() + 60, time.time() - 3600

    def setup(files):
        upper, work = writable(live)

        def inner():
            kernel.private_mounts()
            # What exectl itself is linked to is below /usr/lib.
            kernel.mount("overlay", "/usr/lib", "overlay", data=f"lowerdir=/usr/lib,upperdir={upper},workdir={work}")
            for place in ("/etc", "/run", "/usr/local"):
                kernel.mount("tmpfs", place, "tmpfs")
            for path, at in files.items():
                os.makedirs(os.path.dirname(path), exist_ok=True)
                if at is None:
                    os.symlink("/dev/null", path)
                else:
                    with open(path, "w", encoding="ascii") as file:
                        file.write("[Filter]\n")
                os.utime(path, (at or before, at or before), follow_symlinks=False)
            for path in files:
                os.utime(os.path.dirname(path), (before, before))
        return inner

    for place in ("/etc", "/run", "/usr/local/lib", "/usr/lib"):
        for name in ("exectraced.conf", "exectraced.conf.d/10-x.conf"):
            expect(live, "config", None, "note", "changed", setup=setup({f"{place}/{name}": later}), directory=journal.directory())
            expect(live, "config", None, "ok", "in use", setup=setup({f"{place}/{name}": before}), directory=journal.directory())
    for masked in ({"/etc/exectraced.conf": before, "/usr/lib/exectraced.conf": later},
                   {"/etc/exectraced.conf.d/a.conf": before, "/run/exectraced.conf.d/a.conf": later},
                   {"/etc/exectraced.conf.d/a.conf": None, "/run/exectraced.conf.d/a.conf": later}):
        expect(live, "config", None, "ok", "in use", setup=setup(masked), directory=journal.directory())


def writable(live):
    """Two directories for an overlay, in a file system of their own: some are no place for one."""
    base = os.fsdecode(live.scratch())
    kernel.mount("tmpfs", base, "tmpfs")
    live.cleanup(kernel.umount, base)
    paths = [os.path.join(base, name) for name in ("upper", "work")]
    for path in paths:
        os.mkdir(path)
    return paths


def test_seen(live):
    """A daemon that records into the journal that is read; then none."""
    journal = Written(live)
    journal.trace()
    got, found = checked(live, "seen", directory=journal.directory())
    check.equal(f"verdict of {found!r}", got, "ok")
    journal.settle()
    got, found = checked(live, "seen", directory=journal.directory(), status=1)
    check.equal(f"verdict of {found!r}", got, "bad")


def with_files(files):
    """A setup() in which these files are there, each in a directory that has nothing else."""
    def setup():
        kernel.private_mounts()
        for path in sorted({os.path.dirname(path) for path in files}, key=len):
            if not os.path.isdir(path):
                os.makedirs(path)
            elif not any(path.startswith(f"{os.path.dirname(other)}/") for other in files if other != path):
                kernel.mount("tmpfs", path, "tmpfs")
        for path, content in files.items():
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="ascii") as file:
                file.write(content)
    return setup


SYSLOG_FILES = {
    "main": "/etc/rsyslog.conf", "drop_in": "/etc/rsyslog.d/j.conf",
    "ng": "/etc/syslog-ng/syslog-ng.conf", "ng_drop_in": "/etc/syslog-ng/conf.d/e.conf",
    "socket": "/run/systemd/journal/syslog", "journald": "/etc/systemd/journald.conf.d/a.conf",
}


def test_syslog(live):
    journal = Written(live)
    journal.write([STARTED])
    journal.stop()
    where = {"directory": journal.directory()}

    def says(verdict, text, **files):
        """Of a machine with these files and none of its own."""
        files = {SYSLOG_FILES[key]: content for key, content in {"main": "", "ng": "", **files}.items()}
        expect(live, "syslog", None, verdict, text, setup=with_files({"/run/systemd/journal/socket": "", **files}), **where)

    says("ok", "no syslog daemon", main="# imjournal\n")
    says("bad", "20,000", main='module(load="imjournal")\n')
    says("bad", "20,000", drop_in="$ModLoad imjournal\n")
    # Another module's limit, and one that is not zero.
    says("bad", "20,000", main='module(load="imuxsock"\n  ratelimit.interval="0")\nmodule(load="imjournal" burst="2")\n')
    says("bad", "20,000", main='module(load="imjournal"\n  sysSock.ratelimit.interval="0")\n')
    # What is discarded has been counted before.
    says("bad", "20,000", main='module(load="imjournal")\n', drop_in='if $programname == "exectrace" then stop\n')
    unlimited = 'module(load="imjournal"  # the journal\n    RateLimit.Interval="0")\n'
    says("note", "rsyslog reads the journal", main=unlimited)
    says("ok", "a rule", main=unlimited, drop_in='if $programname == "exectrace" then stop\n')
    says("note", "rsyslog reads the journal", main=unlimited, drop_in='#if $programname == "exectrace" then stop\n')

    says("note", "journald forwards", socket="")
    says("ok", "no syslog daemon", socket="", journald="[Journal]\nForwardToSyslog=no\n")
    says("ok", "a rule", socket="", drop_in=':programname, isequal, "exectrace" ~\n')

    says("note", "syslog-ng reads the journal", ng="source s_src {\n    system();\n};\n")
    says("ok", "a rule", ng="source s_src { systemd-journal(); };\n", ng_drop_in='filter f { program("exectrace"); };\n')


def test_syslog_of_the_examples(live):
    """What is shipped is what it asks for."""
    journal = Written(live)
    journal.write([STARTED])
    journal.stop()
    where = {"directory": journal.directory()}

    def shipped(name):
        return (pathlib.Path(__file__).parents[2] / "packaging/fleet" / name).read_text(encoding="ascii")

    expect(live, "syslog", None, "ok", "a rule", setup=with_files({
        "/run/systemd/journal/syslog": "", "/etc/rsyslog.conf": "", "/etc/syslog-ng/syslog-ng.conf": "",
        "/etc/rsyslog.d/09.conf": shipped("rsyslog/09-exectraced-imjournal.conf"),
        "/etc/rsyslog.d/10.conf": shipped("rsyslog/10-exectraced.conf")}), **where)
    expect(live, "syslog", None, "ok", "a rule", setup=with_files({
        "/run/systemd/journal/socket": "", "/etc/rsyslog.conf": "", "/etc/syslog-ng/syslog-ng.conf": "system();\n",
        "/etc/syslog-ng/conf.d/exectraced.conf": shipped("syslog-ng/exectraced.conf")}), **where)


def test_lockdown(live):
    journal = Written(live)
    journal.write([STARTED])
    journal.stop()
    where = {"directory": journal.directory()}
    path = "/sys/kernel/security/lockdown"

    def setup(mode):
        def inner():
            kernel.private_mounts()
            kernel.mount("tmpfs", "/sys/kernel", "tmpfs")
            os.mkdir("/sys/kernel/security")
            with open(path, "w", encoding="ascii") as file:
                file.write(mode)
        return inner
    expect(live, "lockdown", None, "bad", "locked down", setup=setup("none integrity [confidentiality]\n"), **where)
    expect(live, "lockdown", None, "ok", "does not hinder", setup=setup("none [integrity] confidentiality\n"), **where)


def test_storage(live):
    journal = Written(live)
    journal.write([STARTED])
    journal.stop()
    where = {"directory": journal.directory()}
    kept = {"/var/log/journal/x": "", "/etc/x": "", "/run/x": ""}
    expect(live, "storage", None, "ok", "kept", setup=with_files(kept), **where)
    configured = "/etc/systemd/journald.conf.d"
    for value, verdict, words in (("volatile", "bad", "Storage=volatile"), ("none", "bad", "Storage=none"), ("persistent", "ok", "kept"),
                                  ("auto", "ok", "kept")):
        files = {**kept, f"{configured}/a.conf": f"[Journal]\nStorage={value}\n"}
        expect(live, "storage", None, verdict, words, setup=with_files(files), **where)
    # The last one by name counts, and masks that of the same name elsewhere.
    files = {**kept, f"{configured}/b.conf": "Storage=persistent\n", f"{configured}/a.conf": "Storage=volatile\n",
             "/run/systemd/journald.conf.d/b.conf": "Storage = none\n"}
    expect(live, "storage", None, "ok", "kept", setup=with_files(files), **where)
    expect(live, "storage", None, "bad", "Storage=none", setup=with_files({
        **kept, "/run/systemd/journald.conf.d/c.conf": "Storage = none\n", f"{configured}/b.conf": "Storage=auto\n"}), **where)

    def none():
        kernel.private_mounts()
        kernel.mount("tmpfs", "/var/log", "tmpfs")
    expect(live, "storage", None, "bad", "in memory only", setup=none, **where)


def an_hour(n):
    """So many execs in the last hour, by the numbers of the first and the last."""
    return [execution(1, 1, ["/bin/true"], timestamp=epoch() - 3600 * 1_000_000),
            execution(1 + n, 2, ["/bin/true"], timestamp=epoch())]


def test_lasting(live):
    """journald says itself what it may use: some GiB at most, 1.4 kB a record."""
    expect(live, "lasting", [STARTED], "ok", "too few records")
    expect(live, "lasting", [STARTED, *an_hour(100)], "ok", "2400 records a day")
    expect(live, "lasting", [STARTED, *an_hour(1_000_000)], "bad", "24000000 records a day")


def test_dropped(live):
    expect(live, "dropped", [STARTED], "ok", "none")
    message = {"MESSAGE_ID": "a596d6fe7bfa4994828e72309e95d61e", "MESSAGE": "Suppressed 5 messages from exectraced.service"}
    expect(live, "dropped", [STARTED, message], "bad", "1 times")


def test_without_systemd(live):
    """Where systemd can't be asked the check says so, and does not guess."""
    journal = Written(live)
    journal.write([STARTED])
    journal.stop()

    def setup():
        kernel.private_mounts()
        kernel.mount("tmpfs", "/run", "tmpfs")
    for name in ("service", "rate-limit"):
        got, found = checked(live, name, directory=journal.directory(), setup=setup)
        check.equal(f"verdict of {name}: {found!r}", got, "unknown")


def test_text(live):
    journal = Written(live)
    journal.write([STARTED, notice("lost", exec_lost=3), execution(1, 1, ["/bin/true"], timestamp=epoch())])
    journal.stop()
    result = Viewer(live, journal.directory()).run("doctor", "hooks", "lost", status=1)
    check.equal("lines", len(result.lines()), 3)
    check.true(f"marks and advice: {result.out!r}", result.out.startswith("ok    hooks") and "BAD   lost" in result.out and
               "-> exectl gaps" in result.out)
    result = Viewer(live, journal.directory()).run("doctor", "nonsense", status=1)
    check.true(f"a word: {result.err}", "no such check" in result.err)

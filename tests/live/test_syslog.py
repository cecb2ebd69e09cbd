# SPDX-License-Identifier: GPL-2.0-or-later
"""Target=syslog: what arrives at /dev/log."""

import os
import signal
import time

from lib import check, kernel
from lib.arguments import CORPUS
from lib.daemon import raw
from lib.plan import Job
from lib.syslog import Syslog

KERN, AUTHPRIV, LOCAL3 = 0, 10, 19
INFO, DEBUG = 6, 7
NOT_COMPARED = {"seq", "timestamp", "argv", "flags", "truncated"}  # what two daemons number and time differently


def test_facility_and_priority(live):
    for config, expected in (
            ("", (AUTHPRIV, INFO)), ("Facility=local3\nPriority=debug\n", (LOCAL3, DEBUG)),
            ("Facility=kern\n", (KERN, INFO))):
        syslog = Syslog(live)
        daemon = syslog.trace(config)
        process = live.run(live.target, [b"syslog"])
        syslog.catch_up()
        message = syslog.of(process.pid)
        check.equal("facility and priority", (message.facility, message.priority), expected)
        check.equal("tag", message.tag, b"exectrace")
        daemon.close()


def test_fields(live):
    """Every field of the JSON record of the same exec."""
    syslog = Syslog(live)
    syslog.trace("Label=ROLE=a b=c\n")
    path = live.copy_target(mode=0o6755, name=b"odd \"name\" EXEC_UID=0\n\xff")

    def setup():
        kernel.set_comm(b"c EXEC_UID=0\xfe")
        kernel.become(65534, 65533)

    record = live.one(path, [b"x", b"\xff y"], setup=setup)
    syslog.catch_up()
    message = syslog.of(record["pid"])
    for key, expected in record.items():
        if key not in NOT_COMPARED:
            text = raw(expected) if isinstance(expected, str) else b"%d" % expected
            check.equal(key, message.value("EXEC_" + key.upper()), text)
    check.equal("flags", {v.decode() for v in message.values("EXEC_FLAG")}, set(record["flags"]))
    check.equal("label", message.value("EXEC_LABEL_ROLE"), b"a b=c")
    check.equal("arguments", message.argv(), [b"x", b"\xff y"])
    check.true("the message comes first", message.text.startswith(b"[%d, comm=" % record["pid"]))


def test_arguments(live):
    syslog = Syslog(live)
    syslog.trace()
    for argv in CORPUS:
        process = live.run(live.target, argv)
        syslog.catch_up()
        check.equal("arguments", syslog.of(process.pid).argv(), argv)


def test_no_field_can_be_forged(live):
    """Arguments that look like fields are none."""
    syslog = Syslog(live)
    syslog.trace()
    process = live.run(live.target, [
        b"EXEC_EUID=0", b"EXEC_EUID=0", b"EXEC_FLAG=kernel", b"a EXEC_EUID=0 b", b"it's EXEC_EUID=0", b"\" EXEC_EUID=0",
        b"\\' EXEC_EUID=0", b"\nEXEC_EUID=0", b"' EXEC_EUID=0 '", b"EXEC_EUID=\"0\""])
    syslog.catch_up()
    message = syslog.of(process.pid)
    check.equal("EXEC_EUID=", message.values("EXEC_EUID"), [])
    check.equal("EXEC_FLAG=", message.values("EXEC_FLAG"), [])


def test_large(live):
    """Syslog has a limit: fields that don't fit are named, none is cut."""
    syslog = Syslog(live)
    syslog.trace()
    process = live.run(live.target, [b"large", b"x" * 30000])
    syslog.catch_up()
    message = syslog.of(process.pid)
    check.equal("EXEC_OMITTED", message.value("EXEC_OMITTED"), b"EXEC_ARGV")
    check.equal("EXEC_ARGV", message.values("EXEC_ARGV"), [])
    check.equal("EXEC_UID", message.value("EXEC_UID"), b"0")
    check.true(f"{len(message.text)} bytes", len(message.text) <= 8192)


def test_own_records(live):
    syslog = Syslog(live)
    daemon = syslog.trace()
    syslog.catch_up()
    daemon.stop()
    syslog.wait(lambda m: m.values("EXECTRACED_EVENT") == [b"stopped"], "the stopped record")
    check.equal("first", syslog.messages[0].value("EXECTRACED_EVENT"), b"started")
    check.balance([int(m.value("EXEC_SEQ")) for m in syslog.records()], {
        key.lower(): syslog.messages[-1].value(key) for key in ("EXEC_RECORDED", "EXEC_LOST", "EXEC_SUPPRESSED")})


def check_complete(syslog, results):
    results.check("messages", [{"pid": int(m.value("EXEC_PID")), "ppid": int(m.value("EXEC_PPID"))}
                               for m in syslog.execs()])


def check_slow(live, syslog):
    """Nobody reads /dev/log: the daemon waits, but answers to signals, and nothing is lost."""
    daemon = syslog.trace()
    syslog.catch_up()
    syslog.pause()
    _, results = live.run_jobs([Job(live.target, [b"slow", b"x" * 3000])] * 500)
    for times in (2, 3):  # after its start and the first reload
        begin = time.monotonic()
        daemon.signal(signal.SIGHUP)
        daemon.wait_ready(times)
        check.between("seconds until the reload", time.monotonic() - begin, 0, 2)
        _, more = live.run_jobs([Job(live.target, [b"slower"])] * 20)
        results.extend(more)
        results.pids.extend(more.pids)
    check.true("the daemon has ended", daemon.running())
    syslog.read_on()
    syslog.catch_up()
    daemon.stop()
    return results


def check_complete_of_all(syslog, results):
    """Each job once and in their order, whoever executed them."""
    pids = set(results.pids)
    found = [int(m.value("EXEC_PID")) for m in syslog.execs()]
    check.equal("messages", [pid for pid in found if pid in pids], results.pids)


def test_slow_syslog_daemon(live):
    """Its queue is as long as systemd makes it, or the kernel, and then it is full long before the socket is."""
    for length in (512, 10):
        syslog = Syslog(live, queue=length)
        check_complete_of_all(syslog, check_slow(live, syslog))


def test_stop_while_nobody_reads(live):
    """SIGTERM ends it within the time that it gives the receiver, and it says what became of the records."""
    syslog = Syslog(live, queue=512)
    daemon = syslog.trace()
    syslog.catch_up()
    syslog.pause()
    live.run_jobs([Job(live.target, [b"slow", b"x" * 3000])] * 300)
    begin = time.monotonic()
    daemon.signal(signal.SIGTERM)
    check.equal("exit status", daemon.wait_ended(), 1)
    check.between("seconds until the end", time.monotonic() - begin, 0, 15)
    check.true(f"no word of the loss: {daemon.stderr()!r}", "lost" in daemon.stderr())
    syslog.read_on()


def test_stream(live):
    """A stream socket, which syslog(3) takes, too: every message whole, also when it is read slowly."""
    syslog = Syslog(live, stream=True)
    check_complete_of_all(syslog, check_slow(live, syslog))


def test_restarted_syslog_daemon(live):
    """Its socket is another one, be it of another kind: what was executed meanwhile comes through that."""
    for streams in ((False, False), (True, True), (False, True)):
        syslog = Syslog(live, stream=streams[0])
        daemon = syslog.trace()
        syslog.catch_up()
        syslog.stop_listening()
        _, results = live.run_jobs([Job(live.target, [b"meanwhile"])] * 100)
        syslog.listen(stream=streams[1])
        syslog.catch_up()
        check_complete(syslog, results)
        daemon.stop()


def test_auto_without_a_journal(live):
    """Target=auto takes syslog where no journal is."""
    syslog = Syslog(live)
    run = live.scratch()

    def setup():
        syslog.enter()
        kernel.bind(run, "/run")

    live.daemon(output=None, setup=setup)
    process = live.run(live.target, [b"auto"])
    syslog.catch_up()
    check.equal("EXEC_FILENAME", syslog.of(process.pid).value("EXEC_FILENAME"), os.fsencode(live.target))


def test_reload_without_syslog(live):
    """A configuration that can't be put in use: which socket is not there."""
    syslog = Syslog(live)
    config = live.write_file("target.conf", "[Output]\nTarget=syslog\n")
    daemon = live.daemon(options=[f"--config={config}"], output=None, setup=syslog.enter)
    syslog.stop_listening()
    daemon.signal(signal.SIGHUP)
    live.loop.until(lambda: "not reloaded" in daemon.stderr(), "what it says of the reload")
    line = next(line for line in daemon.stderr().splitlines() if "not reloaded" in line)
    check.true(f"nothing of the socket: {line!r}", "no syslog at /dev/log" in line and "start a syslog daemon" in line)
    syslog.listen()
    live.run(live.target, [b"after"])
    daemon.signal(signal.SIGHUP)
    live.loop.until(lambda: "Configuration reloaded" in daemon.stderr(), "the next reload")

# SPDX-License-Identifier: GPL-2.0-or-later
"""Standard output: text and JSON, to a pipe, a file, a terminal, and to readers that are slow or gone."""

import errno
import fcntl
import os
import re
import signal
import subprocess
import time

from lib import check, kernel, memory
from lib.arguments import CORPUS, stack_without_limit
from lib.daemon import argv_of, parse_line
from lib.plan import Job
from lib.text import Line


def text_sentinel(live, daemon, token):
    live.run(live.target, [b"sentinel", token])
    daemon.wait_line(token)


def test_text(live):
    """The head says who, and a shell reads the same arguments back."""
    daemon = live.daemon(output="text")
    for argv in CORPUS:
        process = live.run(live.target, argv, setup=lambda: kernel.become(65534, 65533))
        text_sentinel(live, daemon, live.token())
        lines = [line for line in daemon.lines if line.startswith(b"[%d, " % process.pid)]
        check.equal("number of lines", len(lines), 1)
        line = Line(lines[0])
        check.equal("uid and gid", (line.uid, line.gid), (65534, 65533))
        check.equal("filename", line.filename, live.target)
        check.equal("arguments", line.arguments(), argv)
    daemon.stop()


def test_host(live):
    """JSON says in its first line where it was made; what is not known is not there."""
    daemon = live.daemon()
    started = daemon.event("started")
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        boot = file.read().strip().replace("-", "")
    machine = None
    if os.path.exists("/etc/machine-id"):
        with open("/etc/machine-id", encoding="ascii") as file:
            text = file.read().strip()
        machine = text if re.fullmatch("[0-9a-f]{32}", text) and int(text, 16) else None
    check.equal("host and ids", [started.get(key) for key in ("host", "machine_id", "boot_id")],
                [os.uname().nodename, machine, boot])
    daemon.stop()


def test_text_of_odd_names(live):
    daemon = live.daemon(output="text")
    for name in (b"a] b", b"new\nline", b"it's", b"\xff\xfe", b"$(id)", "ü€".encode()):
        path = live.copy_target(name=name)
        comm = b"c" + name[:14]
        process = live.run(path, [b"odd"], setup=lambda c=comm: kernel.set_comm(c))
        text_sentinel(live, daemon, live.token())
        line, = [Line(line) for line in daemon.lines if line.startswith(b"[%d, " % process.pid)]
        check.equal("filename", line.filename, path)
        check.equal("comm", line.comm, comm)
    daemon.stop()


def test_every_line_of_text_is_one_record(live):
    """Two daemons: the lines of one are as many as the records of the other."""
    json_daemon, text_daemon = live.daemon(), live.daemon(output="text")
    jobs = [Job(live.target, argv) for argv in CORPUS]
    token = live.token()
    begin_token = live.token()
    live.run(live.target, [b"sentinel", begin_token])
    (_, results), records = live.observe(lambda: live.run_jobs(jobs), json_daemon)
    text_sentinel(live, text_daemon, token)
    results.check("records", records)
    lines = [Line(line) for line in text_daemon.lines]
    begin = next(i for i, line in enumerate(lines) if begin_token in line.command)
    check.equal("lines", [line.pid for line in lines[begin:] if line.pid in results.pids], results.pids)


def test_two_instances(live):
    """Both see everything, beside each other, and the end of one is nothing to the other."""
    one, two = live.daemon(), live.daemon()
    (_, results), records = live.observe(lambda: live.run_jobs([Job(live.target, [b"both", b"x"])] * 50), one)
    live.observe(lambda: None, two)
    results.check("recorded by one", records)
    results.check("recorded by the other", two.records)
    one.stop()
    live.one(live.target, [b"after"], two)
    two.stop()


def test_json_to_a_file(live):
    """Flushed at each drain: it is there while the daemon runs."""
    path = live.write_file("out.json", "")
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    live.cleanup(os.close, file)
    daemon = live.daemon(stdout=file)
    token = live.token()
    process = live.run(live.target, [b"file", token])

    def written():
        live.loop.turn(0.05)
        with open(path, "rb") as reader:
            return token in reader.read()

    live.loop.until(written, "the record in the file")
    daemon.signal(signal.SIGTERM)
    check.equal("exit status", daemon.wait_end(), 0)
    with open(path, "rb") as reader:
        items = [parse_line(line) for line in reader.read().splitlines()]
    check.equal("first and last", [items[0]["event"], items[-1]["event"]], ["started", "stopped"])
    record, = [i for i in items if i.get("pid") == process.pid]
    check.equal("arguments", argv_of(record), [b"file", token])


def test_terminal(live):
    master, slave = os.openpty()
    live.cleanup(os.close, master)
    daemon = live.daemon(output="text", stdout=slave)
    os.close(slave)
    token = live.token()
    live.run(live.target, [b"terminal", token])
    seen = bytearray()
    live.loop.add(master, lambda: seen.extend(os.read(master, 65536)))
    live.loop.until(lambda: token in seen, "the record on the terminal")
    live.loop.remove(master)
    daemon.signal(signal.SIGTERM)
    check.equal("exit status", daemon.wait_end(), 0)
    line = next(line for line in bytes(seen).split(b"\r\n") if token in line)
    check.equal("arguments", Line(line).arguments(), [b"terminal", token])


def closed_reader(live, output):
    daemon = live.daemon(output=output)
    daemon.close_output()
    live.run(live.target, [b"to nobody"])
    check.equal("exit status", daemon.wait_end(), 0)
    check.equal("what it said of it", daemon.said_since_start(), "")


def test_closed_pipe(live):
    """As with head -1: a quiet end."""
    closed_reader(live, "text")
    closed_reader(live, "json")


def test_closed_pipe_without_an_exec(live):
    """The end is seen at once and not only with the next record."""
    daemon = live.daemon(output="json", config="[Filter]\nIncludeUser=4294967293\n")
    daemon.close_output()
    check.equal("exit status", daemon.wait_end(), 0)
    check.equal("what it said of it", daemon.said_since_start(), "")


def shrink_pipe(fd):
    """To a page. False: it holds more than that at the moment."""
    try:
        return fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, 4096) > 0
    except OSError as error:
        if error.errno == errno.EBUSY:
            return False
        raise


def slow_reader(live):
    """A daemon whose pipe is full and stays full."""
    daemon = live.daemon()
    live.loop.until(lambda: shrink_pipe(daemon.stdout_fd()), "a pipe that holds little enough to be made small")
    daemon.pause_reading()
    live.run_jobs([Job(live.target, [b"slow", b"x" * 1000])] * 300)
    return daemon


def check_gives_up(daemon):
    """It ends though nobody takes its records, and does not call that a success."""
    begin = time.monotonic()
    daemon.signal(signal.SIGTERM)
    check.equal("exit status", daemon.wait_ended(), 1)
    check.between("seconds until the end", time.monotonic() - begin, 0, 15)
    check.true(f"no word of the loss: {daemon.stderr()!r}", "lost" in daemon.stderr())


def test_slow_reader_keeps_nothing_from_a_signal(live):
    check_gives_up(slow_reader(live))


def test_slow_reader_gets_all_at_the_end(live):
    """A reader that takes something now and then is no reason to leave before it has all, though that takes longer."""
    daemon = slow_reader(live)
    daemon.signal(signal.SIGTERM)
    begin, fd, rest = time.monotonic(), daemon.stdout_fd(), b""
    os.set_blocking(fd, True)
    while True:
        data = os.read(fd, 2048)
        if not data:
            break
        rest += data
        if time.monotonic() - begin < 7:
            time.sleep(0.05)
    status = daemon.wait_ended()
    check.equal(f"exit status ({daemon.stderr()})", status, 0)
    check.true("time and last event", time.monotonic() - begin > 5.5 and b'"event":"stopped"' in rest.splitlines()[-1])


FULL = "No space left on device"


def wait_for_full(live, daemon):
    end = time.monotonic() + 30
    while FULL not in daemon.stderr():  # a file: nothing tells when it grows
        check.true("no word about the full device in 30 s", time.monotonic() < end)
        live.loop.turn(0.05)


def test_full_device(live):
    """Nothing can be written: it says so, once, and waits."""
    full = os.open("/dev/full", os.O_WRONLY | os.O_CLOEXEC)
    live.cleanup(os.close, full)
    daemon = live.daemon(stdout=full)
    live.run_jobs([Job(live.target, [b"full"])] * 20)
    wait_for_full(live, daemon)
    check.equal("lines that say so", daemon.stderr().count(FULL), 1)
    check_gives_up(daemon)


def test_disk_that_is_full_for_a_time(live):
    """What was not written waits; a line that was begun goes on where it stopped."""
    mount = live.scratch()

    def setup():
        kernel.private_mounts()
        kernel.mount("tmpfs", mount, "tmpfs", 0, "size=16m")

    holder = live.hold([b"holds a mount"], setup=setup)
    inside = f"/proc/{holder.pid}/root{os.fsdecode(mount)}"
    # Without it there is room for whatever else is executed on the machine meanwhile.
    with open(f"{inside}/ballast", "wb") as file:
        file.write(bytes((16 * 1024 - 64) * 1024))
    output = os.open(f"{inside}/out", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC)
    live.cleanup(os.close, output)
    daemon = live.daemon(stdout=output)
    # more than there is room for by themselves, whatever else runs on the machine
    _, results = live.run_jobs([Job(live.target, [b"disk", b"x" * 1000])] * 100)
    wait_for_full(live, daemon)
    os.unlink(f"{inside}/ballast")

    daemon.signal(signal.SIGTERM)
    status = daemon.wait_ended()
    check.equal(f"exit status ({daemon.stderr()})", status, 0)
    with open(f"{inside}/out", "rb") as file:
        items = [parse_line(line) for line in file.read().splitlines()]
    results.check("records", items)
    check.equal("last", items[-1]["event"], "stopped")


def test_slow_reader_slows_nothing_else(live):
    """Programs run on and another daemon records them; once it reads on, the slow one has everything, too."""
    daemon = slow_reader(live)
    (_, results), records = live.observe(lambda: live.run_jobs([Job(live.target, [b"beside"])] * 200))
    results.check("records of the other", records)
    daemon.go_on_reading()
    live.observe(lambda: None, daemon)
    results.check("records of the slow one", daemon.records)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_interrupt(live):
    """SIGINT ends it like SIGTERM."""
    daemon = live.daemon()
    live.one(live.target, [b"before"], daemon)
    daemon.signal(signal.SIGINT)
    check.equal("exit status", daemon.wait_end(), 0)
    check.equal("last event", daemon.events[-1]["event"], "stopped")


def test_drains_before_it_stops(live):
    """What was executed before the signal is there, however close it was."""
    for _ in range(5):
        daemon = live.daemon()
        _, results = live.run_jobs([Job(live.target, [b"close call"])] * 100)
        daemon.stop()
        results.check("records", daemon.records)


def test_notifications(live):
    daemon = live.daemon()
    live.one(live.target, [b"x"], daemon)
    daemon.stop()
    check.true("no STOPPING=1", daemon.notified("STOPPING=1"))


def full_pipe(live):
    """Both ends of a pipe that takes nothing more."""
    read, write = os.pipe()
    live.cleanup(os.close, read)
    live.cleanup(os.close, write)
    fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(write, False)
    os.set_blocking(read, False)
    check.equal("bytes in the pipe", os.write(write, b"x" * 8192), 4096)
    os.set_blocking(write, True)
    return read, write


def test_standard_error_that_nobody_reads(live):
    """It holds up nothing; once it is read on, it is said how much of it is missing."""
    read, write = full_pipe(live)
    daemon = live.daemon(setup=lambda: os.dup2(write, 2))
    live.one(live.target, [b"beside"], daemon)
    for times in (2, 3, 4):
        daemon.signal(signal.SIGHUP)
        daemon.wait_ready(times)
    check.equal("what was said", os.read(read, 65536), b"x" * 4096)
    daemon.signal(signal.SIGHUP)
    daemon.wait_ready(5)
    said = os.read(read, 65536).decode().splitlines()
    check.true(f"nothing about what is missing: {said}",
               said[0].endswith("messages were dropped here: there was no room"))
    check.true(f"nothing of what was said: {said}", any("Recorded" in line for line in said[1:]))
    check.true("the descriptor that is everybody's is not blocking any more", os.get_blocking(write))
    daemon.stop()


def test_both_outputs_in_a_pipe_that_nobody_reads(live):
    """As in `exectraced -f text 2>&1 | less`: ^C ends it."""
    _, write = full_pipe(live)
    daemon = live.unready_daemon(output="text", stdout=write, setup=lambda: os.dup2(write, 2))
    daemon.wait_notified("READY=1")
    live.run_jobs([Job(live.target, [b"unread", b"x" * 1000])] * 20)
    begin = time.monotonic()
    daemon.signal(signal.SIGINT)
    check.equal("exit status", daemon.wait_ended(), 1)
    check.between("seconds until the end", time.monotonic() - begin, 0, 15)


def on_terminal(slave):
    """A setup(): a session of its own, with this as its terminal and standard input."""
    def setup():
        os.setsid()
        fcntl.ioctl(slave, kernel.TIOCSCTTY, 0)
        os.dup2(slave, 0)

    return setup


def test_terminal_is_closed(live):
    """The kernel's SIGHUP ends it, all that was executed before being in its file."""
    master, slave = os.openpty()
    path = live.write_file("out.json", "")
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    live.cleanup(os.close, file)
    daemon = live.daemon(stdout=file, setup=on_terminal(slave))
    os.close(slave)
    process = live.run(live.target, [b"before the end"])
    os.close(master)
    status = daemon.wait_ended()
    check.equal(f"exit status ({daemon.stderr()})", status, 0)
    with open(path, "rb") as reader:
        items = [parse_line(line) for line in reader.read().splitlines()]
    check.equal("last", items[-1]["event"], "stopped")
    check.equal("records", len([i for i in items if i.get("pid") == process.pid]), 1)


def test_hangup_that_a_shell_passes_on(live):
    """It is no reload where a terminal of its own is gone."""
    master, slave = os.openpty()
    path = live.write_file("out.json", "")
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    live.cleanup(os.close, file)
    daemon = live.daemon(stdout=file, setup=lambda: os.dup2(slave, 0))  # the terminal is no one's
    os.close(slave)
    os.close(master)
    daemon.signal(signal.SIGHUP)
    status = daemon.wait_ended()
    check.equal(f"exit status ({daemon.stderr()})", status, 0)


def test_version_to_a_full_device(live):
    for option in ("--version", "--help"):
        with open("/dev/full", "wb") as full:
            result = subprocess.run([live.program, option], stdout=full, stderr=subprocess.PIPE, check=False)
        check.equal(f"exit status of {option}", result.returncode, 1)
        check.true(f"no word of it: {result.stderr}", FULL.encode() in result.stderr)
        result = subprocess.run([live.program, option], capture_output=True, check=False)
        check.equal(f"exit status of {option}", result.returncode, 0)


def test_memory_after_a_giant_record(live):
    """What a record of a megabyte takes is given back when it is written."""
    daemon = live.daemon(config="[Trace]\nArgumentBytes=1M\n")
    live.one(live.target, [b"small"], daemon)
    before = memory.anonymous(daemon.pid)
    for argv in ([b"giant", *[os.urandom(90000).replace(b"\0", b"\1")] * 10], [b""] * 100000):
        live.one(live.target, argv, daemon, setup=stack_without_limit)
    check.between("KiB more than before", memory.anonymous(daemon.pid) - before, -(1 << 20), 1024)
    daemon.stop()

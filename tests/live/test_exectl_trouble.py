# SPDX-License-Identifier: GPL-2.0-or-later
"""exectl on what is wrong: damaged files, absurd records, nothing to read, nobody who may."""

import os
import random
import resource
import shutil
import signal
import subprocess

from lib import check, kernel
from lib.viewer import ENVIRONMENT, Viewer
from lib.written import Written, execution, notice

COMMANDS = ("list", "info", "tree", "top", "sessions", "privileged", "new", "why 1000", "who 1000", "list -r -n5",
            "list prog*", "tree --up -n3", "list -b", "top --by=command", "list -o verbose", "list --json=short")
ZSTD = b"\x28\xb5\x2f\xfd"  # a frame begins so
ARGUMENTS = "[" + ",".join('"x"' for _ in range(5000)) + "]"


def each(viewer, **how):
    """Every command: none may be ended by a signal or go on for ever. Returns what they did."""
    for command in COMMANDS:
        name, *rest = command.split()
        done = subprocess.run(viewer.command(name, *rest), env=ENVIRONMENT, capture_output=True, timeout=60, check=False, **how)
        check.true(f"{command}: status {done.returncode}, {done.stderr}", done.returncode in (0, 1))
        done.stdout.decode()
        if done.returncode == 1:
            # libsystemd can have said something before.
            check.true(f"{command} says why it failed: {done.stderr}", b"\nexectl: " in b"\n" + done.stderr)
        yield command, done


def changed(seq, argv=(), **fields):
    """A good record but for these fields."""
    entry = execution(seq, 1000, list(argv) or ["prog"])
    entry.update({f"EXEC_{name.upper()}": value for name, value in fields.items()})
    return entry


def absurd():
    """Records that the daemon would never write, or not so."""
    base = {"SYSLOG_IDENTIFIER": "exectrace", "MESSAGE": "x"}
    yield base
    yield {**base, "EXEC_PID": "1000"}
    yield {**base, "EXEC_PID": "", "EXEC_PROCESS": "", "EXEC_ARGV": "", "EXEC_UID": "", "EXEC_TIMESTAMP": ""}
    for value in ("-1", "99999999999999999999", "0x10", "1e9", "\x1b[31m", b"\xff\xfe", "9" * 5000, "[",
                  "18446744073709551615"):
        yield {**base, **{f"EXEC_{name}": value for name in (
            "PID PPID UID GID EUID LOGINUID SESSION SEQ TIMESTAMP ERRNO PROCESS PARENT ANCESTOR ARGV ARGV_RAW TTY UNIT "
            "USER_UNIT FLAG TAG TRUNCATED CWD EXE FILENAME COMM PARENT_COMM CONTAINER").split()}}
    for argv in ('["a"', "[]", "{}", '["\\ud800"]', '[1,2]', '["a",]', ARGUMENTS, '["' + "y" * 300000 + '"]', "\x00",
                 "[" * 10000):
        yield {**changed(5), "EXEC_ARGV": argv}
    yield {**changed(6, pid=["1", "2"], uid=["0", "1"], process=["1-1", "2-2"]), "EXEC_ARGV": ['["a"]', '["b"]']}
    yield changed(7, parent="1000-3e80", ancestor="1000-3e80", process="1000-3e80")
    yield changed(8, flag=["setuid", "nonsense", ""], tag=["", ",", "a,b"])
    yield changed(9, timestamp=2 ** 63)
    yield changed(10, process="x" * 10000, parent="y" * 10000)
    yield changed(11, argv_raw="AAA", session="\n", loginuid="\n", tty="\x1b[2J")
    yield changed(12, [f"prog{i}" for i in range(3000)], **{f"env_x{i}": i for i in range(500)})
    yield notice("lost", exec_pid=1000, exec_lost="many")
    yield notice("", exec_pid=1000)


def test_absurd_records(live):
    journal = Written(live)
    journal.write(absurd())
    journal.write([execution(1, 77, ["good"])])
    journal.stop()
    viewer = Viewer(live, journal.directory())
    for command, done in each(viewer):
        check.true(f"nothing raw from {command}", b"\x1b" not in done.stdout and b"\0" not in done.stdout)
    check.equal("the good one", viewer.run("list", "good", "-o", "cat").out, "good\n")
    check.equal("the first of two values", [o["pid"] for o in viewer.run("list", "1", "-o", "json").objects()], [1])


def make(live, n=3000):
    journal = Written(live)
    journal.write(execution(i, 1000 + i % 50, [f"prog{i % 20}", "x" * (i % 900)], uid=i % 3, loginuid=i % 2) for i in range(n))
    journal.stop()
    return journal.directory()


def test_cut_files(live):
    """Files that end anywhere, as after a crash of the machine or a copy that was broken off."""
    directory = make(live)
    (name,) = os.listdir(os.path.join(directory, os.listdir(directory)[0]))
    whole = os.path.join(directory, os.listdir(directory)[0], name)
    size = os.path.getsize(whole)
    for end in (0, 1, 100, 271, 4096, size // 3, size // 2, size - 100_000, size - 1):
        copy = os.path.join(os.fsdecode(live.scratch()), "cut.journal")
        shutil.copyfile(whole, copy)
        os.truncate(copy, end)
        for _ in each(Viewer(live, os.path.dirname(copy))):
            pass


def test_corrupt_files(live):
    """Bytes that were changed anywhere: of the header, of the index, of the entries."""
    directory = make(live)
    (name,) = os.listdir(os.path.join(directory, os.listdir(directory)[0]))
    with open(os.path.join(directory, os.listdir(directory)[0], name), "rb") as file:
        whole = file.read()
    chosen = random.Random(4711)
    for changes in (1, 10, 100, 1000, 10000):
        data = bytearray(whole)
        for _ in range(changes):
            data[chosen.randrange(len(data) if changes > 10 else 4096)] = chosen.randrange(256)
        path = live.write_file("corrupt.journal", bytes(data))
        for _ in each(Viewer(live, os.path.dirname(path))):
            pass
    path = live.write_file("random.journal", chosen.randbytes(1 << 20))
    for command, done in each(Viewer(live, os.path.dirname(path))):
        check.equal(f"status of {command}", done.returncode, 1)
    result = Viewer(live, None).run("list", f"--file={path}", status=1)
    check.true(f"it says that the file is damaged: {result.err}", "damaged" in result.err or "no journal file" in result.err)


def end_values_early(data):
    """
    Changes what zstd has compressed (RFC 8878) so that it needs more than there is: a value is not as long as its frame
    says. Returns how many of them there are.
    """
    at, n = data.find(ZSTD), 0
    while at >= 0:
        descriptor = data[at + 4]
        single, size_of_size = descriptor >> 5 & 1, (0, 2, 4, 8)[descriptor >> 6] or descriptor >> 5 & 1
        block = at + 5 + (not single) + size_of_size
        header = int.from_bytes(data[block:block + 3], "little")
        if single and header >> 1 & 3 == 2:  # compressed
            data[block:block + 3] = ((header >> 3) + 100 << 3 | 2 << 1 | header & 1).to_bytes(3, "little")
            n += 1
        at = data.find(ZSTD, at + 4)
    return n


def test_value_that_ends_early(live):
    """libsystemd 252 aborts the program then: that costs this entry, and no other."""
    journal = Written(live)
    journal.write(execution(i, 1000 + i, [f"prog{i}", *("y" * (i % 7 == 3) * 2000)]) for i in range(70))
    journal.stop()
    directory = journal.directory()
    (name,) = os.listdir(os.path.join(directory, os.listdir(directory)[0]))
    with open(os.path.join(directory, os.listdir(directory)[0], name), "rb") as file:
        data = bytearray(file.read())
    n = end_values_early(data)
    if n == 0:
        raise check.Skip("journald does not compress with zstd here")
    path = live.write_file("early.journal", bytes(data))
    viewer = Viewer(live, None)
    for command in ("list", "list -r", "export", "list -o json"):
        name, *rest = command.split()
        result = viewer.run(name, *rest, f"--file={path}")
        lines = [line for line in result.lines() if "prog" in line]
        check.equal(f"what {command} shows", (len(lines), "damaged" in result.err), (70 - n, True))


def test_nothing_there(live):
    empty = os.fsdecode(live.scratch())
    for command, done in each(Viewer(live, empty)):
        check.equal(f"status of {command}", done.returncode, 1)
    for options in (["-D", "/nowhere"], ["--file=/nowhere/x.journal"], ["--root=/nowhere"], ["-M", "nosuchmachine"]):
        result = Viewer(live, None).run("list", *options, status=1)
        check.true(f"it says what is wrong with {options}", result.err.startswith("exectl: "))


def test_no_permission(live):
    """An ordinary user is told that it is a matter of permission; one who may read the files can use them."""
    directory = make(live, 10)
    viewer = Viewer(live, directory)
    viewer.program = shutil.copy(viewer.program, os.fsdecode(live.scratch()))
    os.chmod(directory, 0o700)
    result = viewer.run("list", setup=lambda: kernel.become(65534, 65534), status=1)
    check.true(f"permission is named in {result.err}", "ermission" in result.err)
    for path, _, files in os.walk(os.fsdecode(directory)):
        os.chmod(path, 0o755)
        for name in files:
            os.chmod(os.path.join(path, name), 0o644)
    check.equal("lines", len(viewer.run("list", setup=lambda: kernel.become(65534, 65534)).lines()), 11)


def test_files_that_are_left_out(live):
    """libsystemd is silent about files that it does not open. It is said, and gaps does not say that nothing is missing."""
    directory = make(live, 100)
    (machine,) = os.listdir(directory)
    (name,) = os.listdir(os.path.join(directory, machine))
    whole = os.path.join(os.fsdecode(directory), machine, name)
    viewer = Viewer(live, directory)
    check.true("nothing is said when all are opened", "can't be read" not in viewer.run("list").err)
    for i in range(30):
        shutil.copy(whole, f"{whole[:-len('.journal')]}-{i}.journal")
    check.true("nor of an empty one", "can't be read" not in viewer.run("list").err)

    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (25, 25))

    def few_until_asked():
        resource.setrlimit(resource.RLIMIT_NOFILE, (25, 4096))

    check.equal("said when there are more descriptors", viewer.run("list", setup=few_until_asked).err, "")
    for command in ("list", "top", "tree", "export"):
        result = viewer.run(command, setup=few)
        check.true(f"what {command} says: {result.err}", "of the journal's files can't be read" in result.err and
                   "Too many open files" in result.err)
    result = viewer.run("gaps", setup=few, status=1)
    check.true(f"gaps says it: {result.err} {result.out}", "can't be read" in result.err and
               "Nothing is missing." not in result.out)

    with open(f"{whole[:-len('.journal')]}-bad.journal", "wb") as file:
        file.write(b"LPKSHHRH" + bytes(4000))
    result = viewer.run("list")
    check.true(f"a damaged one: {result.err}", "1 of the journal's files can't be read" in result.err and "bad" in result.err)
    check.equal("quiet", viewer.run("list", "-q").err, "")


def test_nowhere_to_write(live):
    """A full disk is said, whether little or much was written when it became full."""
    for n in (10, 3000):
        viewer = Viewer(live, make(live, n))
        for command in ("list", "tree", "top", "list -o json", "list --json=short", "info"):
            with open("/dev/full", "wb") as full:
                done = subprocess.run(viewer.command(*command.split()), env=ENVIRONMENT, stdout=full, stderr=subprocess.PIPE,
                                      timeout=60, check=False)
            check.equal(f"status of {command}", done.returncode, 1)
            check.true(f"it says so: {done.stderr}", done.stderr.startswith(b"exectl: "))


def test_other_places(live):
    """Below another root, and by the names of files."""
    directory = os.fsdecode(make(live, 10))
    root = os.fsdecode(live.scratch())
    shutil.copytree(directory, os.path.join(root, "var/log/journal"))
    viewer = Viewer(live, None)
    check.equal("below a root", len(viewer.run("list", f"--root={root}").lines()), 11)
    check.equal("a file", len(viewer.run("list", f"--file={directory}/*/*.journal").lines()), 11)
    check.equal("twice", len(viewer.run("list", f"--file={directory}/*/*.journal", f"--file={root}/var/log/journal/*/*.journal",
                                        "-q").lines()), 11)


def test_wrong_words(live):
    viewer = Viewer(live, make(live, 10))
    for words in (["nocommand"], ["list", "--nooption"], ["list", "-o", "x"], ["list", "--json=x"], ["list", "-nx"],
                  ["list", "-g", "("], ["list", "--user=no such user"], ["list", ""], ["list", "99999999999"], ["why"], ["who"],
                  ["top", "--by=x"], ["list", "-S", "today", "-U", "yesterday"], ["list", "--root=/", "--file=x"],
                  ["list", "-f", "-r"], ["list", "-F", "lower"],
                  # What has no effect on the command, or on what it prints.
                  ["top", "-f"], ["top", "-r"], ["tree", "-r"], ["gaps", "-f"], ["list", "--by=unit"], ["list", "--up"],
                  ["why", "1000", "--at=now"], ["list", "--format=csv"], ["list", "--cursor-file=/dev/null"],
                  ["export", "--json=short"], ["list", "-F", "EXEC_PID", "--json=short"]):
        result = viewer.run(*words, status=1)
        check.true(f"it says what is wrong with {words}: {result.err}", result.err)
        check.equal(f"and nothing else for {words}", result.out, "")


def test_while_it_is_written(live):
    """journald rotates and deletes files as they are read."""
    journal = Written(live)
    journal.write(execution(i, 1000 + i, ["x" * 500]) for i in range(1, 4000))
    viewer = Viewer(live, journal.directory())
    readers = [subprocess.Popen(viewer.command("list", "-o", "json"), env=ENVIRONMENT, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL) for _ in range(3)]
    for reader in readers:
        reader.stdout.readline()
    os.kill(journal.process.pid, signal.SIGUSR2)  # rotate
    journal.write(execution(i, 1000 + i, ["y"]) for i in range(4000, 4100))
    for path, _, files in os.walk(os.fsdecode(journal.directory())):
        for name in files:
            if "@" in name:
                os.unlink(os.path.join(path, name))
    for reader in readers:
        reader.stdout.read()
        check.true("it ends well", reader.wait(60) in (0, 1))
        reader.stdout.close()

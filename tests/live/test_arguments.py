# SPDX-License-Identifier: GPL-2.0-or-later
"""The recorded arguments are exactly those that the program got."""

import os

from lib import check
from lib.arguments import STRING_MAX, check_cut, in_memory, stack_without_limit
from lib.daemon import argv_of
from lib.plan import Job, Origin

KEPT = 32 * 1024  # the default of ArgumentBytes=
LARGEST = 1024 * 1024  # the largest ArgumentBytes=


def exact(live, argv, daemon=None, **how):
    record = live.one(live.target, argv, daemon, **how)
    check.equal("arguments", argv_of(record), argv)
    check.fields(record, truncated=False, argv_bytes=None)


def check_memory(record, memory):
    """The program's own view. The last argument lacks its NUL when another thread took it away in time."""
    check.equal("arguments", b"\0".join(argv_of(record)), memory.removesuffix(b"\0"))


def test_each_byte(live):
    exact(live, [b"bytes"] + [bytes([value]) for value in range(1, 256)])


def test_all_bytes_in_one(live):
    exact(live, [b"bytes", bytes(range(1, 256)), bytes(range(255, 0, -1))])


def test_newlines_and_escapes(live):
    exact(live, [
        b"escapes", b"a\nb", b"\n", b"\r\n", b"\t", b"\x1b[2J\x1b]0;title\x07", b"\x7f", b"\\", b"\\n", b'"',
        b'"}\n{"event":"lost"}', b"\\udc41", b"\\u0000", b"'", b"$(reboot)", b"`id`",
        b"\nEXEC_UID=0\nEXEC_FILENAME=/bin/false", b"] [1, comm=\"forged\"", "\u2028\u202e\ufeff\u0085".encode(),
    ])


def test_utf8(live):
    exact(live, [b"utf8", "äöü€\U0001f600\U0010ffff".encode(), "\ud7ff\ue000\ufffd\uffff".encode()])


def test_invalid_utf8(live):
    exact(live, [
        b"invalid", b"\xff", b"\x80", b"\xc3", b"\xc3(", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xe2\x82", b"\xed\xa0\x80",
        b"\xed\xb2\x80", b"\xf0\x9f\x98", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"a\xffb\xc3\xa4\xc3",
    ])


def test_empty(live):
    exact(live, [b"", b"", b"x", b"", b""])


def test_blanks_only(live):
    exact(live, [b"blanks", b" ", b"   ", b"\t", b" \t\n ", b"\v\f"])


def test_none_at_all(live):
    """Since 5.18 the kernel gives a program without arguments one that is empty."""
    for argv in ([], None):
        job = Job(live.target, argv, origin=Origin.SELF, env={b"TARGET": b"arguments"})
        process, records = live.observe(lambda job=job: live.become(job))
        _, record = [r for r in records if r["pid"] == process.pid]
        check_memory(record, process.output)
        check.true(f"arguments: {record['argv']}", record["argv"] in ([], [""]))
        check.fields(record, truncated=False, argv_bytes=None)


def test_33_arguments(live):
    exact(live, [b"argument-%d" % i for i in range(33)])


def test_argument_of_1025_bytes(live):
    exact(live, [b"long", b"x" * 1025])


def test_as_much_as_is_kept(live):
    argv = [b"full", b"y" * 1000, b""]
    argv[2] = b"z" * (KEPT - len(in_memory(argv)))
    check.equal("size of the arguments", len(in_memory(argv)), KEPT)
    exact(live, argv)


def test_one_byte_more_than_is_kept(live):
    argv = [b"over", b"y" * 1000, b""]
    argv[2] = b"z" * (KEPT + 1 - len(in_memory(argv)))
    record = live.one(live.target, argv)
    check_cut(record, argv, KEPT)
    check.true("the gap can't be seen", b"..." in argv_of(record)[2])


def test_limit(live):
    daemon = live.daemon("[Trace]\nArgumentBytes=4K\n")
    argv = [b"%d-" % i + b"abcdefghijklmnopqrstuvwxyz" * (i % 7) for i in range(200)]
    check_cut(live.one(live.target, argv, daemon), argv, 4096)
    argv = [b"one", os.urandom(50000).replace(b"\0", b"\xff")]
    check_cut(live.one(live.target, argv, daemon), argv, 4096)
    argv = [b"x"] * 5000
    check_cut(live.one(live.target, argv, daemon), argv, 4096)
    argv = [b""] * 5000
    check_cut(live.one(live.target, argv, daemon), argv, 4096)
    exact(live, [b"short", b"enough"], daemon)


def test_smallest_limit(live):
    daemon = live.daemon("[Trace]\nArgumentBytes=1K\n")
    argv = [b"smallest"] + [b"%04d" % i for i in range(1000)]
    check_cut(live.one(live.target, argv, daemon), argv, 1024)


def test_limit_that_is_no_power_of_two(live):
    daemon = live.daemon("[Trace]\nArgumentBytes=10000\n")
    argv = [b"odd"] + [b"%05d" % i for i in range(5000)]
    check_cut(live.one(live.target, argv, daemon), argv, 10000)


def test_largest(live):
    """One daemon that keeps 1 MiB: everything up to there is exact, 2 MiB are cut."""
    daemon = live.daemon(f"[Trace]\nArgumentBytes={LARGEST}\n")
    exact(live, [b"string", os.urandom(STRING_MAX).replace(b"\0", b"\n")], daemon)
    exact(live, [b"%x" % i for i in range(100000)], daemon, setup=stack_without_limit)
    exact(live, [b"900K"] + [b"%05d" % i * 20000 for i in range(9)], daemon, setup=stack_without_limit)

    argv = [b"2M"] + [os.urandom(100000).replace(b"\0", b"\1") for _ in range(21)]
    check_cut(live.one(live.target, argv, daemon, setup=stack_without_limit), argv, LARGEST)


def test_100000_arguments_cut(live):
    argv = [b"%x" % i for i in range(100000)]
    check_cut(live.one(live.target, argv, setup=stack_without_limit), argv, KEPT)


def test_never_touched(live):
    """The arguments lie in pages of a file that nobody read before the kernel did."""
    for argv in ([b"untouched", b"x" * 20000], [b"%05d" % i for i in range(3000)]):
        record = live.one_by(Job(live.target, argv), untouched=True)
        check.equal("arguments", argv_of(record), argv)
        check.true("flags", "unread" not in record.get("flags", []))


def race(live, size, nul):
    """How many of the runs got an argument that is a mixture."""
    mixed = 0
    # An argument that is ended early makes one more string: the last variable is then no longer among them.
    env = {b"TARGET": b"arguments", b"LAST": b"x", b"VERY_LAST": b"x"}
    for _ in range(25):
        arguments = [b"racer", live.target, b"%d" % size, b"%d" % nul]

        def run(arguments=arguments):
            return live.run(live.racer, arguments, env, stdout=True)

        racer, records = live.observe(run)
        mine = [r for r in records if r["pid"] == racer.pid]
        check.equal("number of records", len(mine), 2)
        check_memory(mine[1], racer.output)
        mixed += len(set(racer.output.split(b"\0")[1])) > 2
    return mixed


def test_rewritten_by_another_thread(live):
    mixed = race(live, 20000, 0) + race(live, 20000, 1) + race(live, 100, 1)
    live.note = f"{mixed} of 75 were changed while they were copied"

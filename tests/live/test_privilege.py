# SPDX-License-Identifier: GPL-2.0-or-later
"""What an exec gives to the process: setuid, setgid, capabilities of the file."""

import os

from lib import check, kernel, plan
from lib.daemon import argv_of

NOBODY = 65534
CAP_NET_BIND_SERVICE = 10
CAP_NET_RAW = 13


def as_nobody():
    kernel.become(NOBODY, NOBODY)


def check_flags(record, *expected):
    check.equal("flags", set(record.get("flags", [])), set(expected))


def test_setuid(live):
    path = live.copy_target(mode=0o4755)
    record = live.one(path, [b"setuid", b"x"], setup=as_nobody)
    check.fields(record, uid=NOBODY, gid=NOBODY, euid=0, egid=None)
    check_flags(record, "setuid")
    check.equal("arguments", argv_of(record), [b"setuid", b"x"])


def test_setuid_to_another_user(live):
    path = live.copy_target(mode=0o4755, owner=(4711, 0))
    record = live.one(path, [b"setuid"], setup=as_nobody)
    check.fields(record, uid=NOBODY, euid=4711, egid=None)
    check_flags(record, "setuid")


def test_setgid(live):
    path = live.copy_target(mode=0o2755, owner=(0, 4712))
    record = live.one(path, [b"setgid"], setup=as_nobody)
    check.fields(record, uid=NOBODY, gid=NOBODY, euid=None, egid=4712)
    check_flags(record, "setgid")


def test_setuid_and_setgid(live):
    path = live.copy_target(mode=0o6755, owner=(4711, 4712))
    record = live.one(path, [b"both"], setup=as_nobody)
    check.fields(record, uid=NOBODY, gid=NOBODY, euid=4711, egid=4712)
    check_flags(record, "setuid", "setgid")


def test_setuid_that_gives_nothing(live):
    """Root executes a setuid-root program; its owner executes one of his own."""
    check_flags(live.one(live.copy_target(mode=0o4755), [b"root"]))
    path = live.copy_target(mode=0o4755, owner=(NOBODY, 0))
    check_flags(live.one(path, [b"own"], setup=as_nobody))


def test_setuid_on_a_mount_without_it(live):
    directory = live.scratch()

    def setup():
        kernel.private_mounts()
        kernel.mount("tmpfs", directory, "tmpfs", kernel.MS_NOSUID, "mode=755")
        live.copy_target(directory, b"program", 0o4755)
        as_nobody()

    record = live.one(os.path.join(directory, b"program"), [b"nosuid"], setup=setup)
    check.fields(record, uid=NOBODY, euid=None)
    check_flags(record)


def test_setuid_under_no_new_privileges(live):
    path = live.copy_target(mode=0o4755)

    def setup():
        as_nobody()
        kernel.no_new_privileges()

    check_flags(live.one(path, [b"no new privileges"], setup=setup))


def test_file_capabilities(live):
    path = live.copy_target()
    os.setxattr(path, "security.capability", kernel.file_capabilities([CAP_NET_RAW]))
    record = live.one(path, [b"filecaps"], setup=as_nobody)
    check.fields(record, uid=NOBODY, euid=None, egid=None)
    check_flags(record, "filecaps")


def test_file_capabilities_that_root_has_anyway(live):
    path = live.copy_target()
    os.setxattr(path, "security.capability", kernel.file_capabilities([CAP_NET_RAW]))
    check_flags(live.one(path, [b"root"]))


def test_capabilities_kept_by_the_caller(live):
    """Ambient capabilities pass through an exec: the file gives none."""
    def setup():
        kernel.become_with_ambient(NOBODY, NOBODY, [CAP_NET_BIND_SERVICE])

    check_flags(live.one(live.target, [b"ambient"], setup=setup))


def test_script_of_a_setuid_interpreter(live):
    interpreter = live.copy_target(mode=0o4755)
    script = live.script(interpreter)
    record = live.one(script, [b"name"], setup=as_nobody)
    check.fields(record, uid=NOBODY, euid=0)
    check_flags(record, "script", "setuid")


def test_setuid_script(live):
    """The kernel takes no privilege from a script."""
    script = live.script(live.target)
    os.chmod(script, 0o4755)
    record = live.one(script, [b"name"], setup=as_nobody)
    check.fields(record, uid=NOBODY, euid=None)
    check_flags(record, "script")


def test_next_exec_after_setuid(live):
    """The second exec of a privileged process gains nothing more."""
    path = live.copy(live.caller, mode=0o4755)
    plan_path = os.path.join(live.scratch(), b"plan")
    plan.write(plan_path, [plan.Job(live.target, [b"second"], origin=plan.Origin.SELF)])
    process, records = live.observe(
        lambda: live.run(path, [b"caller", plan_path, b"0"], setup=as_nobody, stdout=True))
    first, second = [r for r in records if r["pid"] == process.pid]
    check_flags(first, "setuid")
    check.fields(second, uid=NOBODY, euid=0)
    check_flags(second)


def test_setgid_bit_without_a_group_that_executes(live):
    """It is a mark for locks then, and no privilege."""
    record = live.one(live.copy_target(mode=0o2705, owner=(0, 4712)), [b"lock"], setup=as_nobody)
    check.fields(record, gid=NOBODY, egid=None)
    check_flags(record)


def test_setuid_and_file_capabilities(live):
    path = live.copy_target(mode=0o4755, owner=(4711, 0))
    os.setxattr(path, "security.capability", kernel.file_capabilities([CAP_NET_RAW]))
    record = live.one(path, [b"both"], setup=as_nobody)
    check.fields(record, uid=NOBODY, euid=4711)
    check_flags(record, "setuid", "filecaps")


def test_file_capabilities_that_the_caller_has(live):
    path = live.copy_target()
    os.setxattr(path, "security.capability", kernel.file_capabilities([CAP_NET_BIND_SERVICE]))

    def setup():
        kernel.become_with_ambient(NOBODY, NOBODY, [CAP_NET_BIND_SERVICE])

    check_flags(live.one(path, [b"had it"], setup=setup))


def test_setuid_in_a_user_namespace(live):
    """Ids are those of the initial one."""
    path = live.copy_target(mode=0o6755, owner=(100007, 100008))

    def setup():
        kernel.user_namespace((0, 100000, 1000))
        kernel.become(5, 6)

    record = live.one(path, [b"mapped"], setup=setup)
    check.fields(record, uid=100005, gid=100006, euid=100007, egid=100008)
    check_flags(record, "setuid", "setgid", "userns")


def test_root_of_a_user_namespace(live):
    """It has all capabilities there, whatever it executes."""
    def setup():
        kernel.user_namespace((0, 100000, 1000))
        kernel.become(0, 0)

    record = live.one(live.target, [b"root there"], setup=setup)
    check.fields(record, uid=100000, gid=100000, euid=None, egid=None)
    check_flags(record, "userns")


def test_file_capabilities_in_a_user_namespace(live):
    """Those that its root gives, those that everybody's root gives, and not those that another's does."""
    inside, everybodys, others = live.copy_target(), live.copy_target(), live.copy_target()
    os.setxattr(inside, "security.capability", kernel.file_capabilities([CAP_NET_RAW], root=100000))
    os.setxattr(everybodys, "security.capability", kernel.file_capabilities([CAP_NET_RAW]))
    os.setxattr(others, "security.capability", kernel.file_capabilities([CAP_NET_RAW], root=200000))
    plain = ((0, 100000, 1000),)
    # The kernel keeps more than five of them elsewhere.
    many = ((1, 100001, 1), (2, 100002, 1), (3, 100003, 1), (4, 100004, 1), (5, 100005, 1), (0, 100000, 1), (6, 100006, 9))
    without_root = ((5, 100005, 10),)

    def setup(ids, uid):
        kernel.user_namespace(*ids)
        if ids != without_root:
            kernel.become(0, 0)  # from where the next step takes all capabilities
        kernel.become(uid, uid)

    for path, ids, uid, flags in (
            (inside, plain, 5, ["filecaps"]), (inside, plain, 0, []), (everybodys, plain, 5, ["filecaps"]),
            (others, plain, 5, []), (inside, many, 5, ["filecaps"]), (inside, many, 0, []),
            (inside, without_root, 5, [])):
        record = live.one(path, [b"user namespace"], setup=lambda i=ids, u=uid: setup(i, u))
        check.fields(record, uid=100000 + uid, euid=None)
        check.equal(f"flags of {uid} in {ids}", record["flags"], [*flags, "userns"])

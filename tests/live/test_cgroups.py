# SPDX-License-Identifier: GPL-2.0-or-later
"""Which cgroup it was, however deep it lies and whatever the daemon sees of the hierarchy."""

import os
import time

from lib import cgroup, check, kernel
from lib.cgroup import DeepGroup, Group
from lib.loop import DEADLINE

UNIT = "live-test.service"
PATH_KEPT = 4095  # bytes of a cgroup's path, at most

# More than the kernel's tracepoints write (1023 bytes); all that is kept; more levels than one record tells of; more bytes
# than it has room for, and than is kept; more of each.
SHAPES = ((5, 240), (16, 252), (130, 20), (30, 240), (140, 60))


def kept(path):
    """A path that is too long is cut behind one of its components, and says so."""
    return path if len(path) <= PATH_KEPT else path[:path.rindex("/", 0, PATH_KEPT - len("/...") + 1)] + "/..."


def deep(live, depth, size):
    unit = Group(live, f"/live-a.slice/{UNIT}")
    return DeepGroup(live, unit, [f"{depth:03}{i:03}".ljust(size, "n") for i in range(depth)])


def check_deep(live, group, daemon=None):
    check.fields(live.one(live.target, [b"deep"], daemon, setup=group.enter), cgroup=kept(group.path), unit=UNIT)


def test_deep_made_while_it_runs(live):
    live.observe(lambda: None)
    for shape in SHAPES:
        check_deep(live, deep(live, *shape))


def test_deep_there_before(live):
    groups = [deep(live, *shape) for shape in SHAPES]
    daemon = live.daemon()
    for group in groups:
        # On a slow machine the hierarchy is still walked when the daemon has started.
        end = time.monotonic() + DEADLINE
        while "cgroup" not in live.one(live.target, [b"is it known"], daemon, setup=group.enter) and time.monotonic() < end:
            pass
        check_deep(live, group, daemon)


def test_longest_path(live):
    """To the byte: one that is kept whole, and the same with one byte more."""
    unit = Group(live, f"/live-a.slice/{UNIT}")
    for more in (0, 1):
        names = [f"{more}{i:02}" + "n" * 197 for i in range(20)]
        names.append("x" * (PATH_KEPT + more - len("/".join([unit.path, *names, ""]))))
        group = DeepGroup(live, unit, names)
        check.equal("length of the path", len(group.path), PATH_KEPT + more)
        check.true("the path is not kept", (kept(group.path) == group.path) == (more == 0))
        check_deep(live, group)


def test_names_that_are_not_text(live):
    name = b"live-\xff \x01\xe2\x80\xa9.service"
    group = Group(live, "/live-a.slice/" + name.decode("utf-8", "surrogateescape"))
    check.fields(live.one(live.target, [b"odd"], setup=group.enter), cgroup=group.path, unit=None)


def private_hierarchy(group=None):
    """In a setup(): no cgroup2 mount but, with a group, one that shows a cgroup namespace whose root the group is."""
    place = cgroup.mount_point()
    if group:
        group.enter()
        kernel.unshare(kernel.CLONE_NEWCGROUP)
    kernel.private_mounts()
    cgroup.unmount_all()
    if group:
        kernel.mount("cgroup2", place, "cgroup2")


def not_covered(daemon):
    return daemon.event("started").get("exectraced_not_covered", "").split(", ")


def test_daemon_in_a_cgroup_namespace(live):
    """What is inside of it is seen from its root; what is outside is in no cgroup that the daemon knows."""
    root = Group(live, "/live-a.slice/live-machine.service")
    before = Group(live, root.path + "/inner.slice/before.service")
    outside_before = Group(live, "/live-a.slice/outside-before.service")
    daemon = live.daemon(setup=lambda: private_hierarchy(root))
    after = Group(live, root.path + "/inner.slice/after.service")
    below = DeepGroup(live, after, [f"{i:03}" + "n" * 60 for i in range(100)])
    outside_after = Group(live, "/live-a.slice/outside-after.service")

    inside = {"slice": "inner.slice", "container": None}
    for group, expected in (
            (before, {"cgroup": "/inner.slice/before.service", "unit": "before.service", **inside}),
            (after, {"cgroup": "/inner.slice/after.service", "unit": "after.service", **inside}),
            (below, {"cgroup": kept(below.path[len(root.path):]), "unit": "after.service", **inside}),
            (root, {"cgroup": "/", "unit": None, "slice": None}),
            (outside_before, {"cgroup": None, "unit": None, "slice": None}),
            (outside_after, {"cgroup": None, "unit": None, "slice": None}),
            (Group(live, "/"), {"cgroup": None, "unit": None, "slice": None})):
        check.fields(live.one(live.target, [b"where"], daemon, setup=group.enter), **expected)
    check.true(f"{not_covered(daemon)}", "cgroups outside of its own namespace" in not_covered(daemon))


def test_filters_in_a_cgroup_namespace(live):
    root = Group(live, "/live-a.slice/live-machine.service")
    wanted = Group(live, root.path + "/wanted.service")
    token = live.token()
    daemon = live.daemon("[Filter]\nIncludeUnit=wanted.service\n", setup=lambda: private_hierarchy(root),
                         sentinel=lambda t: live.run(live.target, [b"sentinel", t], setup=wanted.enter))
    other, outside = Group(live, root.path + "/other.service"), Group(live, "/live-a.slice/wanted.service")

    def action():
        for group, where in ((other, b"other"), (outside, b"outside"), (wanted, b"wanted")):
            live.run(live.target, [where, token], setup=group.enter)

    _, records = live.observe(action, daemon)
    check.equal("records", [r["argv"][0] for r in live.with_token(records, token)], ["wanted"])


def test_whole_hierarchy_in_a_cgroup_namespace(live):
    """A mount of all of it, made outside, shows all paths from its own root."""
    root = Group(live, "/live-a.slice/live-machine.service")
    inside, outside = Group(live, root.path + "/in.service"), Group(live, "/live-a.slice/out.service")

    def setup():
        root.enter()
        kernel.unshare(kernel.CLONE_NEWCGROUP)

    daemon = live.daemon(setup=setup)
    check.fields(live.one(live.target, [b"in"], daemon, setup=inside.enter), cgroup=inside.path)
    check.fields(live.one(live.target, [b"out"], daemon, setup=outside.enter), cgroup=outside.path, unit="out.service")
    check.true(f"{not_covered(daemon)}", not any("cgroups" in what for what in not_covered(daemon)))


def test_no_cgroup2_mounted(live):
    """Where it is not, as on a host with version 1 only: what was made before is unknown, with all in it, and that is said."""
    before = Group(live, "/live-a.slice/before.service")
    daemon = live.daemon(setup=private_hierarchy)
    inside, after = Group(live, "/live-a.slice/after.service"), Group(live, "/live-c.slice/after.service")
    check.fields(live.one(live.target, [b"inside"], daemon, setup=inside.enter), cgroup=None, unit=None)
    check.fields(live.one(live.target, [b"before"], daemon, setup=before.enter), cgroup=None, unit=None)
    check.fields(live.one(live.target, [b"after"], daemon, setup=after.enter), cgroup=after.path, unit="after.service")
    check.fields(live.one(live.target, [b"root"], daemon, setup=Group(live, "/").enter), cgroup="/", unit=None)
    check.true(f"{not_covered(daemon)}", "cgroups that were made before" in not_covered(daemon))
    check.true(f"standard error: {daemon.stderr()}", "no cgroup2" in daemon.stderr())


def test_part_of_the_hierarchy_mounted(live):
    """In the initial namespace: paths are whole nevertheless, but of what lies in a cgroup that was made before elsewhere."""
    part = Group(live, "/live-a.slice")
    before, elsewhere = Group(live, "/live-a.slice/before.service"), Group(live, "/live-b.slice/before.service")

    def setup():
        place = cgroup.mount_point()
        kernel.private_mounts()
        kernel.bind(part.directory, "/mnt")
        cgroup.unmount_all(place)

    daemon = live.daemon(setup=setup)
    for group in (before, Group(live, "/live-a.slice/after.service"), Group(live, "/live-c.slice/after.service")):
        check.fields(live.one(live.target, [b"x"], daemon, setup=group.enter), cgroup=group.path)
    for group in (elsewhere, Group(live, "/live-b.slice/after.service")):
        check.fields(live.one(live.target, [b"x"], daemon, setup=group.enter), cgroup=None)
    check.true(f"{not_covered(daemon)}", any("not mounted" in what for what in not_covered(daemon)))


def test_version_1(live):
    """Groups of its hierarchies are no cgroups of the unified one, and change nothing."""
    for path, options in cgroup.mounts("cgroup"):
        if "name=systemd" in options.split(","):
            group = Group(live, "/live-a.slice/live-test.service", path)
            record = live.one(live.target, [b"version 1"], setup=group.enter)
            check.fields(record, cgroup="/", unit=None, slice=None)
            return
    raise check.Skip("this system has no cgroup hierarchy of version 1 that systemd would use")


INVOCATION = "0123456789abcdef" * 2


def test_invocation_id(live):
    """What systemd notes at a unit's cgroup: also of what runs deeper inside of it, and anew when it is another."""
    unit = Group(live, f"/live-a.slice/{UNIT}")
    below, other = Group(live, unit.path + "/below"), Group(live, "/live-a.slice/live-other")
    check.fields(live.one(live.target, [b"none"], setup=unit.enter), invocation_id=None)
    for group in (unit, other):
        os.setxattr(group.directory, "user.invocation_id", INVOCATION.encode())
    os.setxattr(below.directory, "user.invocation_id", b"f" * 32)
    for group in (unit, below):
        check.fields(live.one(live.target, [b"some"], setup=group.enter), invocation_id=INVOCATION)
    check.fields(live.one(live.target, [b"no unit"], setup=other.enter), invocation_id=None)

    # systemd's own goes before the one that others may write. What is no id is none.
    os.setxattr(unit.directory, "trusted.invocation_id", b"e" * 32)
    for _ in range(1000):  # the daemon looks again after a tenth of a second
        record = live.one(live.target, [b"trusted"], setup=unit.enter)
        if record["invocation_id"] != INVOCATION:
            break
    check.fields(record, invocation_id="e" * 32)
    for value in (b"E" * 32, b"e" * 31, b"e" * 33, b""):
        fresh = Group(live, f"/live-a.slice/live-{len(value)}-{value[:1].decode()}.service")
        os.setxattr(fresh.directory, "user.invocation_id", value)
        check.fields(live.one(live.target, [b"odd"], setup=fresh.enter), invocation_id=None)

# SPDX-License-Identifier: GPL-2.0-or-later
"""Variables that are kept: those that programs see, and what is said of others of their name."""

from lib import check


def started_with(live, daemon, *assignments):
    """The record of a program with exactly these strings as its environment."""
    return live.one(live.target, [b"x"], daemon, env=list(assignments))


def test_duplicate(live):
    """The last one is kept, which shells and the dynamic loader go by, and it is said that there was another."""
    daemon = live.daemon("[Output]\nEnvironment=LD_LIBRARY_PATH HOME\n")
    record = started_with(live, daemon, b"LD_LIBRARY_PATH=/first", b"HOME=/", b"LD_LIBRARY_PATH=/last")
    check.fields(record, environment={"LD_LIBRARY_PATH": "/last", "HOME": "/"},
                 environment_duplicate=["LD_LIBRARY_PATH"])
    record = started_with(live, daemon, b"LD_LIBRARY_PATH=/only", b"X=1", b"X=2")
    check.fields(record, environment={"LD_LIBRARY_PATH": "/only"}, environment_duplicate=None)


def test_prefix(live):
    daemon = live.daemon("[Output]\nEnvironment=LD_*\n")
    record = started_with(live, daemon, b"LD_A=1", b"X=2", b"LD_B=3", b"L=4")
    check.fields(record, environment={"LD_A": "1", "LD_B": "3"}, environment_truncated=None)
    many = [b"LD_%d=x" % i for i in range(300)]
    record = started_with(live, daemon, *many)
    check.fields(record, environment_truncated=True)
    check.between("variables", len(record["environment"]), 1, 299)


def test_one_field_has_one_value(live):
    """In the journal path and PATH would be the same field."""
    daemon = live.daemon("[Output]\nEnvironment=path PATH\n")
    record = started_with(live, daemon, b"path=/low", b"PATH=/high")
    check.fields(record, environment={"PATH": "/high"}, environment_duplicate=["path"])

# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test says when the truth and the record differ."""

import re

SHOWN = 160  # characters of a value in a message
# What a terminal, or somebody who counts lines, may take for more than text.
UNPRINTABLE = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029]")


class Failure(Exception):
    """The daemon did not do what it is to do."""


class Skip(Exception):
    """The test can't run here; the text says why."""


def shown(value):
    text = repr(value)
    if len(text) <= SHOWN:
        return text
    return f"{text[:SHOWN]}... ({len(value) if hasattr(value, '__len__') else len(text)} long)"


def difference(got, expected):
    """Where two sequences begin to differ."""
    if not isinstance(got, type(expected)) or not isinstance(got, (str, bytes, list, tuple)):
        return ""
    at = next((i for i, (a, b) in enumerate(zip(got, expected)) if a != b), min(len(got), len(expected)))
    if isinstance(got, (list, tuple)):
        return f"\nfirst difference at {at}: {shown(got[at:at + 1])}, expected {shown(expected[at:at + 1])}"
    begin = max(at - 20, 0)
    return f"\nfirst difference at {at}: {shown(got[begin:at + 40])}, expected {shown(expected[begin:at + 40])}"


def equal(what, got, expected):
    if got != expected:
        raise Failure(f"{what}: {shown(got)}, expected {shown(expected)}{difference(got, expected)}")


def balance(numbers, stopped):
    """
    No number is there twice, and what is missing is what the daemon, in its last words, says is missing: on a
    machine that is busy enough a ring may well be full for a moment.
    """
    recorded, lost, suppressed = (int(stopped[key]) for key in ("exec_recorded", "exec_lost", "exec_suppressed"))
    equal("different numbers", len(set(numbers)), len(numbers))
    equal("records that the daemon counted", recorded, len(numbers))
    between("last number", max(numbers), recorded, recorded + lost + suppressed)


def true(what, condition):
    if not condition:
        raise Failure(what)


def between(what, got, low, high):
    if not low <= got <= high:
        raise Failure(f"{what}: {got}, expected {low} to {high}")


def fields(record, **expected):
    """Compares the named fields; None: the field is absent."""
    for key, value in expected.items():
        if value is None:
            true(f"{key} is there: {shown(record.get(key))}", key not in record)
        else:
            true(f"{key} is missing in {shown(record)}", key in record)
            equal(key, record[key], value)

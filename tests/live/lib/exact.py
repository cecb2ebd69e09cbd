# SPDX-License-Identifier: GPL-2.0-or-later
"""Bytes that are not UTF-8: U+FFFD where a record shows them, and base64 of the exact ones beside it."""

import base64

from lib import check

RAW = "_raw"


def shown(data):
    """What JSON shows of these bytes: U+FFFD for each of them that is not part of valid UTF-8."""
    text = data.decode("utf-8", "surrogateescape")
    return "".join("\ufffd" if "\udc80" <= c <= "\udcff" else c for c in text)


def text_of(data):
    """The bytes as text that the tests compare: surrogates stand for what is not UTF-8."""
    return data.decode("utf-8", "surrogateescape")


def decode(encoded, what):
    """The bytes; `what` is what the record shows of them, which can't be exact."""
    data = base64.b64decode(encoded, validate=True)
    check.equal("what is shown of the raw bytes", what, shown(data))
    check.true(f"raw bytes beside what is exact: {check.shown(data)}", "\udc80" <= max(text_of(data)))
    return data


def arguments(argv, encoded):
    """The exact arguments of their array, and of what is beside it (None: nothing is)."""
    if encoded is None:
        return [argument.encode() for argument in argv]
    *found, rest = base64.b64decode(encoded, validate=True).split(b"\0")
    check.equal("bytes behind the last argument", rest, b"")
    check.equal("what is shown of the arguments", argv, [shown(argument) for argument in found])
    check.true("raw arguments beside exact ones", argv != [text_of(argument) for argument in found])
    return found


def restore(record):
    """Puts the exact text under its own key in an object of -f json, and takes the raw one out."""
    for key in [key for key in record if key.endswith(RAW)]:
        encoded, name = record.pop(key), key.removesuffix(RAW)
        if name == "argv":
            record[name] = [text_of(argument) for argument in arguments(record[name], encoded)]
        elif isinstance(encoded, dict):
            record[name] |= {k: text_of(decode(v, record[name][k])) for k, v in encoded.items()}
        else:
            record[name] = text_of(decode(encoded, record[name]))
    return record

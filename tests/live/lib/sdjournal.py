# SPDX-License-Identifier: GPL-2.0-or-later
"""What sd-journal(3) itself gives: each field as the bytes that it is, by calls of the library and no other program."""

import ctypes
import ctypes.util
import os

from lib import check

_NAMES = ("sd_journal_open_directory", "sd_journal_set_data_threshold", "sd_journal_add_match", "sd_journal_next",
          "sd_journal_enumerate_available_data")


def _library():
    name = ctypes.util.find_library("systemd") or "libsystemd.so.0"
    try:
        library = ctypes.CDLL(name)
        for function in _NAMES:
            getattr(library, function).restype = ctypes.c_int
        library.sd_journal_close.restype = None
        library.sd_journal_restart_data.restype = None
    except (OSError, AttributeError) as error:
        raise check.Skip(f"no libsystemd of version 246 or later: {error}") from None
    return library


def _checked(what, result):
    if result < 0:
        raise OSError(-result, f"{what}: {os.strerror(-result)}")
    return result


def _fields(library, journal):
    """NAME, value of each field of the current entry."""
    data, size = ctypes.c_void_p(), ctypes.c_size_t()
    library.sd_journal_restart_data(journal)
    while _checked("sd_journal_enumerate_available_data", library.sd_journal_enumerate_available_data(
            journal, ctypes.byref(data), ctypes.byref(size))):
        name, value = ctypes.string_at(data.value, size.value).split(b"=", 1)
        yield name.decode("ascii"), value


def entries(directory, *matches):
    """The entries below `directory` that have all the fields NAME=value, each as a dictionary of lists of values."""
    library = _library()
    journal = ctypes.c_void_p()
    _checked("sd_journal_open_directory", library.sd_journal_open_directory(
        ctypes.byref(journal), os.fsencode(directory), ctypes.c_int(0)))
    try:
        _checked("sd_journal_set_data_threshold", library.sd_journal_set_data_threshold(journal, ctypes.c_size_t(0)))
        for match in matches:
            data = os.fsencode(match)
            _checked("sd_journal_add_match", library.sd_journal_add_match(journal, data, ctypes.c_size_t(len(data))))
        found = []
        while _checked("sd_journal_next", library.sd_journal_next(journal)):
            entry = {}
            for name, value in _fields(library, journal):
                entry.setdefault(name, []).append(value)
            found.append(entry)
        return found
    finally:
        library.sd_journal_close(journal)


def only(entry, name):
    """The one value of a field."""
    values = entry.get(name, [])
    check.equal(f"number of values of {name}", len(values), 1)
    return values[0]

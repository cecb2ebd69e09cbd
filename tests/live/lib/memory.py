# SPDX-License-Identifier: GPL-2.0-or-later
"""What a process takes."""

import pathlib

from lib import check


def anonymous(pid):
    """KiB that are its own."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1])
    raise check.Failure("no RssAnon in /proc/PID/status")

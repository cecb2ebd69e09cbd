# SPDX-License-Identifier: GPL-2.0-or-later
"""
When records that a test writes are said to be of. A minute ago, and the same all through a test: exectl does not look
for what journald received long after it is said to have happened, and a run of all tests takes longer than that.
"""

import time

_epoch = None


def renew():
    """For the test that begins."""
    global _epoch
    _epoch = (time.time_ns() // 1_000_000_000 - 60) * 1_000_000


def epoch():
    """In microseconds since the epoch."""
    return _epoch

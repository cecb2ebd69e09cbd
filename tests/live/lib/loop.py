# SPDX-License-Identifier: GPL-2.0-or-later
"""One loop for everything that is waited for, so that a daemon's output is read while another is waited for."""

import os
import selectors
import time

from lib import check

# Seconds, for what takes well under one on an idle machine. On one that is emulated more is to be waited for.
DEADLINE = 30 * int(os.environ.get("EXECTRACED_TEST_PATIENCE", "1"))


class Loop:
    def __init__(self):
        self._selector = selectors.DefaultSelector()

    def add(self, fd, handler):
        self._selector.register(fd, selectors.EVENT_READ, handler)

    def remove(self, fd):
        self._selector.unregister(fd)

    def turn(self, timeout):
        for key, _ in self._selector.select(timeout):
            key.data()

    def until(self, condition, what, deadline=DEADLINE):
        """Returns the first true value of condition(), which is asked after each event."""
        end = time.monotonic() + deadline
        while not (value := condition()):
            left = end - time.monotonic()
            if left <= 0:
                raise check.Failure(f"nothing came in {deadline} s: {what() if callable(what) else what}")
            self.turn(left)
        return value

# SPDX-License-Identifier: GPL-2.0-or-later
"""Filters on what runs in a user namespace of its own, where any user mounts what he likes over any path."""

import os

from lib import check, kernel
from lib.daemon import argv_of


def covered(path, cover):
    """A setup(): a user and a mount namespace of its own, with another file over `path`."""
    def setup():
        kernel.user_namespace((0, 0, 1))
        kernel.private_mounts()
        kernel.bind(cover, path)

    return setup


def test_excludes(live):
    """An Exclude by path or parent drops what runs outside, and nothing that was put in its place inside."""
    path, cover = live.copy_target(name=b"plugin"), live.copy_target(name=b"other")
    probe = live.one(live.target, [b"probe"], setup=lambda: kernel.user_namespace((0, 0, 1)))
    if "userns" not in probe.get("flags", []):
        raise check.Skip("this kernel side does not tell of user namespaces")
    for rule in (f"ExcludeExe={os.fsdecode(path)}", "ExcludeParent=hide-me"):
        daemon = live.daemon(f"[Filter]\n{rule}\n")
        tokens = [live.token(), live.token()]

        def named(setup):
            def both():
                setup()
                kernel.set_comm(b"hide-me")

            return both

        def action(tokens=tokens):
            live.run(path, [b"x", tokens[0]], setup=named(lambda: None))
            live.run(path, [b"x", tokens[1]], setup=named(covered(path, cover)))

        _, records = live.observe(action, daemon)
        check.equal(rule, [len(live.with_token(records, token)) for token in tokens], [0, 1])
        inside = next(r for r in records if tokens[1] in argv_of(r))
        check.equal("the path that it claims", inside["exe"], os.fsdecode(path))
        daemon.stop()

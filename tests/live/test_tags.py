# SPDX-License-Identifier: GPL-2.0-or-later
"""[Tag NAME] sections: which records of real execs they mark."""

import os
import pathlib
import signal

from lib import check, kernel
from lib.daemon import argv_of
from lib.journal import Journal, value, values

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "config" / "tags"


def tags_of(live, daemon, path, argv, **how):
    token = live.token()
    _, records = live.observe(lambda: live.run(path, [*argv, token], **how), daemon)
    return next(r for r in records if token in argv_of(r)).get("tags", [])


def test_tags(live):
    """Each tag whose keys all match, in the order of the sections."""
    daemon = live.daemon(
        "[Tag second]\nArgument=--two\n[Tag user]\nUser=54321\nArgument=!--two\n"
        "[Tag both]\nArgument=--two --one\n"
        "[Tag ran]\nError=!*\nArgument=--one --two\n")
    cases = {(0, b"--one"): ["both", "ran"], (0, b"--two"): ["second", "both", "ran"],
             (54321, b"--one"): ["user", "both", "ran"], (54321, b"--two"): ["second", "both", "ran"],
             (54321, b"--three"): ["user"], (0, b"--three"): []}
    for (uid, argument), expected in cases.items():
        found = tags_of(live, daemon, live.target, [b"x", argument],
                        setup=lambda uid=uid: kernel.become(uid, 0))
        check.equal(f"tags of {argument} by {uid}", found, expected)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_arguments_before_redaction(live):
    daemon = live.daemon("[Tag secret]\nArgument=--password=*\n[Output]\nRedact=--password=.*\n")
    check.equal("tags", tags_of(live, daemon, live.target, [b"x", b"--password=hunter2"]), ["secret"])
    daemon.stop()


def test_reload(live):
    config = live.write_file("tags.conf", "[Tag old]\nUser=0\n")
    daemon = live.daemon(options=[f"--config={config}"])
    check.equal("before", tags_of(live, daemon, live.target, [b"x"]), ["old"])
    with open(config, "w", encoding="ascii") as file:
        file.write("[Tag new]\nUser=0\n")
    daemon.signal(signal.SIGHUP)
    daemon.wait_event("reloaded")
    check.equal("after", tags_of(live, daemon, live.target, [b"x"]), ["new"])
    daemon.stop()


def test_places(live):
    """The drop-in for unusual places, on programs that are there."""
    daemon = live.daemon((EXAMPLES / "places.conf").read_text(encoding="utf-8"))
    shared = f"/dev/shm/exectraced-{os.getpid()}"
    os.mkdir(shared)
    live.cleanup(os.rmdir, shared)
    path = live.copy_target(os.fsencode(shared))
    live.cleanup(os.unlink, path)
    check.equal("tags", tags_of(live, daemon, path, [b"x"]), ["from-writable-place"])
    daemon.stop()


def test_code_on_the_command_line(live):
    daemon = live.daemon((EXAMPLES / "code.conf").read_text(encoding="utf-8"))
    found = tags_of(live, daemon, b"/bin/sh", [b"sh", b"-c", b"exit 0"])
    check.equal("tags", found, ["code-on-command-line"])
    daemon.stop()


def test_in_the_journal(live):
    """The priority of the most urgent tag; each tag as a value, and all of them as one."""
    journal = Journal(live)
    journal.trace("[Tag a]\nUser=0\nPriority=warning\n[Tag b]\nUser=0\nPriority=notice\n")
    process = live.run(live.target, [b"x"])
    journal.catch_up()
    entry = journal.of(process.pid)
    check.equal("PRIORITY", value(entry, "PRIORITY"), b"4")
    check.equal("EXEC_TAG", sorted(values(entry, "EXEC_TAG")), [b"a", b"b"])
    check.equal("EXEC_TAGS", value(entry, "EXEC_TAGS"), b"a,b")

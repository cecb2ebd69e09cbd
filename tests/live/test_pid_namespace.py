# SPDX-License-Identifier: GPL-2.0-or-later
"""PID namespaces: what is recorded of a process inside one, and the filter."""

import os

from lib import check, child, kernel
from lib.daemon import argv_of

INIT_NAMESPACE = 0xEFFFFFFC  # PROC_PID_INIT_INO in linux/proc_ns.h


def need_initial():
    if kernel.namespace_id("pid") != INIT_NAMESPACE:
        raise check.Skip("needs the initial PID namespace")


def into_new_namespace():
    kernel.unshare(kernel.CLONE_NEWPID)
    child.fork_on()


def into_namespace_of(pid):
    fd = os.open(f"/proc/{pid}/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def setup():
        kernel.enter_pid_namespace(fd)
        child.fork_on()

    return setup, fd


def only_child_of(pid):
    """0: it has none."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return int(file.read() or 0)


def innermost(pid):
    """The last of a line of processes that have one child each."""
    while children := only_child_of(pid):
        pid = children
    return pid


class Namespace:
    """A PID namespace, below another when that is given; a process in it holds it open, others can get into it."""

    def __init__(self, live, above=None):
        def setup():
            if above:
                above.enter()
            into_new_namespace()

        outer = live.hold([b"holds a namespace"], setup=setup)
        self.pid = innermost(outer.pid)
        self.id = kernel.namespace_id("pid", self.pid)
        self.enter, fd = into_namespace_of(self.pid)
        live.cleanup(os.close, fd)


def execute_in(live, namespace, token):
    live.run(live.target, [b"inside", token], setup=namespace.enter if namespace else None)


def recorded(live, daemon, places):
    """Executes once at each place; for each whether the daemon recorded it."""
    tokens = [live.token() for _ in places]

    def action():
        for place, token in zip(places, tokens):
            execute_in(live, place, token)

    _, records = live.observe(action, daemon)
    return [len(live.with_token(records, token)) for token in tokens]


def test_ids_inside(live):
    need_initial()
    namespace = Namespace(live)
    token = live.token()

    def action():
        outer = live.hold([b"inside", token], setup=namespace.enter)
        inner = innermost(outer.pid)
        with open(f"/proc/{inner}/status", encoding="utf-8") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        return inner, int(status["NStgid"].split()[-1])

    (pid, nspid), records = live.observe(action)
    record, = live.with_token(records, token)
    check.fields(record, pid=pid, nspid=nspid, pidns=namespace.id)


def test_ids_two_levels_down(live):
    need_initial()
    inner = Namespace(live, Namespace(live))
    token = live.token()
    _, records = live.observe(lambda: execute_in(live, inner, token))
    record, = live.with_token(records, token)
    check.fields(record, pidns=inner.id)
    check.between("pid inside", record["nspid"], 2, 100)


def test_first_process_of_a_namespace(live):
    need_initial()
    token = live.token()
    _, records = live.observe(lambda: live.run(live.target, [b"init", token], setup=into_new_namespace))
    record, = live.with_token(records, token)
    check.fields(record, nspid=1)


def filter_test(live, option, config):
    """The namespace itself and all below it are recorded, its neighbours and its parent are not."""
    wanted, other = Namespace(live), Namespace(live)
    below = Namespace(live, wanted)
    two_below = Namespace(live, below)
    daemon = live.daemon(
        config.format(wanted.id), [o.format(wanted.id) for o in option],
        sentinel=lambda token: execute_in(live, wanted, token))
    places = [None, wanted, other, below, two_below]
    check.equal("recorded: outside, inside, another, below, two below",
                recorded(live, daemon, places), [0, 1, 0, 1, 1])
    daemon.stop()
    # What the kernel side filters has no number: no gap in the numbers shows it.
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_filter_by_option(live):
    filter_test(live, ["--pid-ns={}"], "")


def test_filter_by_short_option(live):
    filter_test(live, ["-p", "{}"], "")


def test_filter_by_configuration(live):
    filter_test(live, [], "[Trace]\nPidNamespace={}\n")


def test_option_overrides_configuration(live):
    filter_test(live, ["--pid-ns={}"], "[Trace]\nPidNamespace=1\n")


def test_filter_two_levels_down(live):
    outer = Namespace(live)
    wanted = Namespace(live, outer)
    daemon = live.daemon("", [f"--pid-ns={wanted.id}"], sentinel=lambda token: execute_in(live, wanted, token))
    check.equal("recorded: outside, level above, inside",
                recorded(live, daemon, [None, outer, wanted]), [0, 0, 1])


def self_test(live, options, config):
    """The daemon runs inside a namespace and looks at that one."""
    namespace = Namespace(live)
    daemon = live.daemon(config, options, setup=namespace.enter,
                         sentinel=lambda token: execute_in(live, namespace, token))
    check.equal("recorded: outside, inside", recorded(live, daemon, [None, namespace]), [0, 1])
    record = next(r for r in daemon.records if argv_of(r)[0] == b"inside")
    check.fields(record, pidns=namespace.id)


def test_self_by_option(live):
    need_initial()
    self_test(live, ["--pid-ns=self"], "")


def test_self_by_configuration(live):
    need_initial()
    self_test(live, [], "[Trace]\nPidNamespace=self\n")


def test_self_in_the_initial_namespace(live):
    need_initial()
    namespace = Namespace(live)
    daemon = live.daemon("[Trace]\nPidNamespace=self\n")
    check.equal("recorded: outside, inside", recorded(live, daemon, [None, namespace]), [1, 1])


def test_all(live):
    namespace = Namespace(live)
    daemon = live.daemon("[Trace]\nPidNamespace=all\n")
    check.equal("recorded: outside, inside", recorded(live, daemon, [None, namespace]), [1, 1])


def test_namespace_that_starts_later(live):
    """A filter for one namespace does not let a younger one through."""
    wanted = Namespace(live)
    daemon = live.daemon("", [f"--pid-ns={wanted.id}"], sentinel=lambda token: execute_in(live, wanted, token))
    other = Namespace(live)
    check.equal("recorded: the younger, the wanted", recorded(live, daemon, [other, wanted]), [0, 1])

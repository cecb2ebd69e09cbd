# SPDX-License-Identifier: GPL-2.0-or-later
"""What may happen to a machine while it records: each exec is there once, and the books balance."""

import os
import pathlib
import signal

from lib import check, memory
from lib.cgroup import Group
from lib.native import NativeJournal
from lib.plan import Job, Origin

PID_MAX = pathlib.Path("/proc/sys/kernel/pid_max")
CPU = pathlib.Path("/sys/devices/system/cpu/cpu1/online")
CGROUPS = int(os.environ.get("EXECTRACED_TEST_CGROUPS") or 100_000)
ROOM = 4096  # KiB that the daemon may come to take for what it knows of cgroups


def jobs_of(live, count, name):
    return [Job(live.target, [name, b"%d" % i], origin=Origin.VFORK) for i in range(count)]


def test_reloads_in_a_storm(live):
    """Each with another set of programs in the kernel, that takes over from the one before."""
    # The programs of a reload are checked by the kernel's verifier meanwhile, which may take long on a busy machine.
    config = live.write_file("reloaded.conf", "[Trace]\nEventBuffer=64M\n")
    daemon = live.daemon(options=[f"--config={config}"])

    def reloaded():
        return sum(event["event"] == "reloaded" for event in daemon.events)

    def action():
        runs = []
        for i in range(8):
            with open(config, "w", encoding="ascii") as file:
                file.write(f"[Trace]\nEventBuffer=64M\nArgumentBytes={i + 1}K\nFailures={'no' if i % 2 else 'yes'}\n"
                           f"[Filter]\nExcludeUser={60000 + i}\nExcludeUnit=no-such-{i}.service\n")
            running, finish = live.start_jobs(jobs_of(live, 2000, b"storm"))
            live.loop.until(lambda r=running: r.output or r.status is not None, "the first job")
            daemon.signal(signal.SIGHUP)
            runs.append(finish())
            live.loop.until(lambda n=i: reloaded() > n, daemon.state)
        return runs

    runs, _ = live.observe(action, daemon)
    for results in runs:
        results.check("records", daemon.records)
        check.equal("names of the callers", {r.get("comm") for r in results.of(daemon.records)}, {"caller"})
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))
    check.fields(daemon.event("stopped"), exec_lost=0)


def test_reloads_at_any_moment(live):
    """One set of programs takes over from another while programs are executed, and others can't be, without a pause."""
    fixed = "[Trace]\nFailures=all\nEventBuffer=64M\nFailureBuffer=16M\nFailureLimit=0\nSyscallHook=tracepoint\n"
    config = live.write_file("reloaded.conf", fixed)
    daemon = live.daemon(options=[f"--config={config}"])
    storms = [live.start_jobs([Job(path, [b"storm"], origin=Origin.VFORK)] * 6000)
              for path in (live.target, live.target + b"-none")]
    reloads = 0
    while any(running.status is None for running, _ in storms):
        reloads += 1
        with open(config, "w", encoding="ascii") as file:
            file.write(f"{fixed}ArgumentBytes={reloads % 7 + 1}K\n")
        daemon.signal(signal.SIGHUP)
        live.loop.until(lambda: sum(e["event"] == "reloaded" for e in daemon.events) == reloads, daemon.state)
    ran, failed = (finish() for _, finish in storms)
    live.observe(lambda: None, daemon)
    for results in (ran, failed):
        check.equal("records", [r["pid"] for r in results.of(daemon.records)], results.pids)
        check.equal("without their caller", [r for r in results.of(daemon.records) if "comm" not in r], [])
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))
    check.fields(daemon.event("stopped"), exec_lost=0)
    live.note = f"{reloads} reloads"


def test_pids_are_used_again(live):
    """As often as there are pids: no two processes have the same identity."""
    count = int(PID_MAX.read_text(encoding="ascii")) + 200
    if count > 70_000:
        raise check.Skip(f"kernel.pid_max is {count - 200}")
    daemon = live.daemon("[Trace]\nFailures=no\nEventBuffer=64M\n")
    (_, results), records = live.observe(lambda: live.run_jobs(jobs_of(live, count, b"pid")), daemon)
    check.true("no pid was there twice", len(set(results.pids)) < count)
    # Of pids that came twice somebody else's may be among these.
    mine = [r for r in records if r["ppid"] == results.parent and r["argv"][0] == "pid"]
    check.equal("records", [r["argv"][1] for r in mine], [str(i) for i in range(count)])
    check.equal("different identities", len({r["process"] for r in mine}), count)
    check.equal("different parents", len({r["parent"] for r in mine}), 1)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_cgroups_come_and_go(live):
    """However many: what is executed in the last of them has its unit, and nothing is left of the others."""
    parent = Group(live, "/live-many.slice")
    daemon = live.daemon("[Filter]\nExcludeUnit=live-none.service\n")
    live.observe(lambda: None, daemon)
    before = memory.anonymous(daemon.pid)
    for i in range(CGROUPS):
        path = os.path.join(parent.directory, f"live-{i}.service")
        os.mkdir(path)
        os.rmdir(path)
        if i % 1000 == 999:
            live.loop.until(lambda: True, "nothing")  # what the daemon wrote is read
    last = Group(live, "/live-many.slice/live-last.service")
    record = live.one(live.target, [b"last"], daemon, setup=last.enter)
    check.fields(record, unit="live-last.service", cgroup=last.path)
    check.between("KiB that the daemon has grown", memory.anonymous(daemon.pid) - before, -ROOM, ROOM)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))


def test_cpu_goes_and_comes_back(live):
    if not os.access(CPU, os.W_OK):
        raise check.Skip("this machine has no CPU that can be switched off")
    daemon = live.daemon()
    live.cleanup(CPU.write_text, "1")

    def action():
        running, finish = live.start_jobs(jobs_of(live, 6000, b"cpu"))
        for state in "0101":
            CPU.write_text(state)
        check.equal("the jobs ended before the CPU was back", running.status, None)
        return finish()

    results, _ = live.observe(action, daemon)
    results.check("records", daemon.records)
    daemon.stop()
    check.balance(daemon.seqs, daemon.event("stopped"))
    check.fields(daemon.event("stopped"), exec_lost=0)


def test_reload_while_the_journal_is_full(live):
    """What it has taken of a batch it does not get again from the configuration that comes next."""
    journal = NativeJournal(live)
    daemon = journal.trace("[Output]\nLabel=RELOADS=0\n")
    journal.catch_up()
    parents = []
    for i in range(4):
        journal.pause()
        _, results = live.run_jobs(jobs_of(live, 1500, b"full"))
        parents.append(results)
        with open(daemon.config_path, "w", encoding="ascii") as file:
            file.write(f"[Output]\nTarget=journal\nLabel=RELOADS={i + 1}\n")
        daemon.signal(signal.SIGHUP)
        daemon.wait_ready(i + 2)
        journal.go_on()
        journal.catch_up()
    seqs = [int(entry["EXEC_SEQ"]) for entry in journal.records()]
    check.equal("records that are there twice", len(seqs) - len(set(seqs)), 0)
    for results in parents:
        pids = [int(e["EXEC_PID"]) for e in journal.execs() if int(e["EXEC_PPID"]) == results.parent]
        check.equal("jobs", pids, results.pids)
    check.equal("labels", {e["EXEC_LABEL_RELOADS"] for e in journal.execs()}, set("01234"))
    journal.stop_trace()

# SPDX-License-Identifier: GPL-2.0-or-later
"""One process of the daemon after another, with a service manager that keeps what they need."""

import os
import signal
import time

from lib import bpf, check
from lib.cgroup import Group
from lib.journal import value, values
from lib.plan import Job
from lib.service import Service, accounted, check_jobs, wait_unloaded

TIMES = 6
JOBS = 4000
STATE_DEATHS = 16  # where their number is in the state
ALL_MAPS = {"events", "failures", "logs", "counters", "cpus"}


def during_jobs(live, service, action, config=""):
    """Does something TIMES times while programs are executed without a pause."""
    running, finish = live.start_jobs([Job(live.target, [b"job", b"%d" % i]) for i in range(JOBS)])
    for i in range(TIMES):
        live.loop.until(lambda n=i: running.output.count(b"\n") >= JOBS * n // TIMES or running.status is not None,
                        "the jobs")
        action()
        service.resumed()
    results = finish()
    service.journal.catch_up()
    return results


def test_restarted(live):
    service = Service(live)
    results = during_jobs(live, service, service.restart)
    check_jobs(service, results)
    stopped = service.balance()
    check.equal("lost", int(stopped["EXEC_LOST"]), 0)


def test_killed(live):
    service = Service(live)

    def kill():
        service.kill()
        service.start()

    results = during_jobs(live, service, kill)
    twice = check_jobs(service, results, TIMES)
    stopped = service.balance()
    check.equal("lost", int(stopped["EXEC_LOST"]), 0)
    live.note = f"{twice} of {len(service.seqs())} twice"


def test_killed_while_it_starts(live):
    """At moments that lie all over the start."""
    service = Service(live)
    running, finish = live.start_jobs([Job(live.target, [b"job", b"%d" % i]) for i in range(JOBS)])
    service.kill()
    for i in range(25):
        daemon = service.journal.trace_unready("", keeper=service.keeper)
        end = time.monotonic() + i * 0.008
        while time.monotonic() < end:
            live.loop.turn(end - time.monotonic())
        daemon.signal(signal.SIGKILL)
        daemon.wait_ended()
    service.starts = len(service.journal.events("started"))
    service.start()
    service.resumed()
    results = finish()
    service.journal.catch_up()
    twice = check_jobs(service, results, 26)
    service.balance()
    check.equal("status of the jobs", running.status, 0)
    check.true(f"too much is kept: {service.keeper.names()}", len(service.keeper.names()) < 40)
    live.note = f"{twice} twice"


def test_stop_lets_go(live):
    service = Service(live)
    names = {name.split(".")[0] for name in service.keeper.names()}
    check.true(f"kept: {names}", ALL_MAPS | {"state", "hook", "seal"} <= names)
    programs = service.programs()
    check.true(f"programs: {programs}", len(programs) >= 4)
    for program in programs:
        check.true(f"program {program} is not loaded", bpf.is_loaded(program))
    service.end()
    for program in programs:
        check.true(f"program {program} went with the process", bpf.is_loaded(program))
    service.keeper.stop()
    wait_unloaded(programs)
    service.start()
    check.true("resumes after a stop", "EXECTRACED_RESUMED" not in service.started())
    service.journal.catch_up()
    check.true("numbers go on after a stop", service.seqs()[-1] < 1000)


def test_restart_replaces_programs(live):
    service = Service(live)
    programs = service.programs()
    kept = len(service.keeper.names())
    for _ in range(3):
        service.restart()
        service.journal.catch_up()
        check.true("programs of the process before", not programs & service.programs())
        wait_unloaded(programs)
        programs = service.programs()
        check.equal("what is kept", len(service.keeper.names()), kept)


def test_reload_replaces_programs(live):
    service = Service(live)
    programs = service.programs()
    with open(service.journal.daemon.config_path, "a", encoding="ascii") as file:
        file.write("[Trace]\nFailures=no\n")
    service.daemon.signal(signal.SIGHUP)
    service.wait_events("reloaded", 1)
    service.journal.catch_up()
    check.true("the programs before are kept", not programs & service.programs())
    wait_unloaded(programs)
    results = live.run_jobs([Job(live.target, [b"reloaded"])] * 50)[1]
    service.kill()
    service.start()
    service.resumed()
    service.journal.catch_up()
    check_jobs(service, results, 1)
    service.balance()


def test_nobody_keeps(live):
    """A service manager that refuses: the programs go with the process, and the next one begins anew."""
    service = Service(live, room=0)
    service.journal.catch_up()
    service.balance()
    service.start()
    check.true("resumes", "EXECTRACED_RESUMED" not in service.started())


def test_room_for_some(live):
    """What is kept in part is of no use: no gap may be passed over in silence."""
    service = Service(live, room=9)
    service.journal.catch_up()
    service.end()
    live.run_jobs([Job(live.target, [b"unseen"])] * 10)
    service.start()
    check.true("resumes", "EXECTRACED_RESUMED" not in service.started())
    service.journal.catch_up()


def test_executed_between(live):
    """What runs while no process of the daemon does."""
    service = Service(live)
    service.end()
    counted = accounted(service.wait_events("stopped", 1))
    results = live.run_jobs([Job(live.target, [b"between", b"%d" % i]) for i in range(500)])[1]
    service.start()
    check.equal("accounted for", service.resumed(), counted)
    service.journal.catch_up()
    check_jobs(service, results)
    check.equal("lost", int(service.balance()["EXEC_LOST"]), 0)


def test_other_configuration(live):
    """It holds from the switch on, and nothing is missed around it."""
    service = Service(live, "[Output]\nLabel=RUN=1\n")
    configs = iter(f"[Trace]\nFailures={'no' if i % 2 else 'yes'}\nArgumentBytes={i + 2}K\n[Output]\nLabel=RUN={i}\n"
                   for i in range(2, TIMES + 2))
    results = during_jobs(live, service, lambda: service.restart(next(configs)))
    check_jobs(service, results)
    service.journal.catch_up()
    check.equal("label", values(service.journal.records()[-1], "EXEC_LABEL_RUN"), [b"%d" % (TIMES + 1)])
    service.balance()


def test_other_ring(live):
    """Each start asks for a ring of another size: the one before is read to its end first."""
    service = Service(live, "[Trace]\nEventBuffer=16M\n")
    sizes = iter(("8M", "32M", "32M", "4M", "16M", "64M"))
    results = during_jobs(live, service, lambda: service.restart(f"[Trace]\nEventBuffer={next(sizes)}\nLogBuffer=64K\n"))
    check_jobs(service, results)
    service.journal.catch_up()
    # It lets go of the older one after it has delivered what was in it.
    live.loop.until(lambda: len(service.keeper.fds("events.")) == 1, "the end of the ring before")
    check.equal("rings of messages", len(service.keeper.fds("logs.")), 1)
    check.equal("size", bpf.fdinfo(service.keeper.fds("events.")[0], "max_entries"), 64 << 20)
    check.equal("lost", int(service.balance()["EXEC_LOST"]), 0)


def test_other_ring_and_killed(live):
    """Killed with records in both rings."""
    service = Service(live)
    service.journal.catch_up()
    service.journal.pause()
    first = live.run_jobs([Job(live.target, [b"first", b"x" * 4000])] * 800)[1]
    service.kill()
    for size in ("32M", "8M"):
        service.daemon = service.journal.trace_unready(f"[Trace]\nEventBuffer={size}\n", keeper=service.keeper)
        service.daemon.wait_started()
        second = live.run_jobs([Job(live.target, [b"second"])] * 50)[1]
        service.kill()
    check.equal("rings", len(service.keeper.fds("events.")), 2)
    service.journal.go_on()
    service.start("[Trace]\nEventBuffer=8M\n")
    service.journal.catch_up()
    check_jobs(service, first, 4)
    check_jobs(service, second, 4)
    service.restart()
    service.journal.catch_up()
    live.loop.until(lambda: len(service.keeper.fds("events.")) == 1, "the end of the ring before")
    check.equal("size", bpf.fdinfo(service.keeper.fds("events.")[0], "max_entries"), 8 << 20)
    service.balance()


def with_other_abi(name):
    """As if a process of another version had made the maps."""
    kind, *numbers = name.split(".")
    return name if len(numbers) < 3 else f"{kind}.{numbers[0]}.{numbers[1]}.{int(numbers[2]) + 1}"


def test_other_records(live):
    """Of a version whose records it can't read: it says how many there are, and numbers anew."""
    service = Service(live)
    service.end()
    counted = accounted(service.wait_events("stopped", 1))
    programs = service.programs()
    live.run_jobs([Job(live.target, [b"unreadable"])] * 100)
    counts = os.dup(service.keeper.fds("cpus.")[0])
    live.cleanup(os.close, counts)
    last = last_number(counts)
    service.keeper.rename(with_other_abi)
    service.start()
    check.equal("numbers that it goes on from", service.resumed(), 0)
    lost = service.wait_events("lost", 1)
    check.equal("cause", value(lost, "EXEC_LOST_CAUSE"), b"takeover")
    # What others execute until the programs are switched counts, too.
    check.between("lost", int(lost["EXEC_LOST"]), last - counted, last_number(counts) - counted)
    check.true(f"times: {lost}", int(lost["EXEC_LOST_FIRST"]) < int(lost["EXEC_LOST_LAST"]))
    check.true("lost comes first", service.journal.entries.index(lost) < service.journal.entries.index(service.started()))
    begin = len(service.journal.records())
    results = live.run_jobs([Job(live.target, [b"readable"])] * 100)[1]
    service.journal.catch_up()
    wait_unloaded(programs)
    kept = service.keeper.names()
    check.equal("counters", len([name for name in kept if name.startswith("counters.")]), 1)

    # The one after it takes over as ever.
    service.kill()
    service.start()
    service.resumed()
    service.journal.catch_up()
    results.check("jobs", sorted({int(e["EXEC_SEQ"]): {"pid": int(e["EXEC_PID"]), "ppid": int(e["EXEC_PPID"])}
                                  for e in service.journal.execs()[-400:]}.values(),
                                 key=lambda r: results.pids.index(r["pid"]) if r["pid"] in results.pids else -1))
    check.true("numbers begin anew", min(service.seqs(begin)) < 1000)
    check.equal("losses", len(service.journal.events("lost")), 1)


def last_number(fd):
    """What every CPU has counted in this map."""
    size, cpus = bpf.fdinfo(fd, "value_size"), bpf.fdinfo(fd, "max_entries")
    return sum(int.from_bytes(bpf.lookup(fd, cpu, size)[:8], "little") for cpu in range(cpus))


def test_stopped_while_nothing_is_taken(live):
    """Five seconds after the stop it gives up; the records are there for the next process."""
    service = Service(live)
    service.journal.catch_up()
    service.journal.pause()
    results = live.run_jobs([Job(live.target, [b"waits", b"x" * 4000])] * 1000)[1]
    service.daemon.signal(signal.SIGTERM)
    check.equal("status", service.daemon.wait_ended(), 1)
    check.true(f"it said: {service.daemon.stderr()}", "wait for the next start" in service.daemon.stderr())
    service.daemon = service.journal.trace_unready("", keeper=service.keeper)
    service.journal.go_on()
    service.starts += 1
    service.resumed()
    service.journal.catch_up()
    check_jobs(service, results, 1)
    check.equal("lost", int(service.balance()["EXEC_LOST"]), 0)


def test_loss_is_said_once(live):
    """The ring overflows while nobody reads; those who come after each say what was not said yet."""
    service = Service(live, "[Trace]\nEventBuffer=64K\nFailures=no\n")
    for i in range(3):
        service.journal.catch_up()
        service.kill()
        live.run_jobs([Job(live.target, [b"flood", b"x" * 200])] * 1000)
        service.start()
        service.resumed()
        service.wait_events("lost", i + 1)
    for _ in range(3):
        service.kill()
        service.start()
    lost = service.journal.events("lost")
    check.true(f"losses: {lost}", len(lost) >= 3)
    check.equal("causes", {value(entry, "EXEC_LOST_CAUSE") for entry in lost}, {b"ring-full"})
    stopped = service.balance()
    check.true(f"lost: {stopped}", int(stopped["EXEC_LOST"]) > 1000)


def test_unit_that_is_gone(live):
    """The process that was told of it is dead, and so is the unit: the exec in it is not read yet."""
    service = Service(live)
    group = Group(live, "/live-gone.slice/live-gone.service")
    service.journal.catch_up()
    service.daemon.signal(signal.SIGSTOP)
    process = live.run(live.target, [b"gone"], setup=group.enter)
    group.remove()
    service.kill()
    service.start()
    service.journal.catch_up()
    entry = service.journal.of(process.pid)
    check.equal("unit", value(entry, "EXEC_UNIT"), b"live-gone.service")
    check.equal("cgroup", value(entry, "EXEC_CGROUP"), b"/live-gone.slice/live-gone.service")


def test_hung(live):
    """What the watchdog does, to a process that answers nothing."""
    service = Service(live)
    service.journal.catch_up()
    service.daemon.signal(signal.SIGSTOP)
    results = live.run_jobs([Job(live.target, [b"hung"])] * 1000)[1]
    service.kill()
    service.start()
    service.resumed()
    service.journal.catch_up()
    check_jobs(service, results, 1)
    check.equal("lost", int(service.balance()["EXEC_LOST"]), 0)


def test_records_that_kill(live):
    """When one process after the other dies of the same records, these are given up."""
    service = Service(live)
    service.journal.catch_up()
    service.end()
    live.run_jobs([Job(live.target, [b"deadly"])] * 600)
    for deaths, expected in ((4, 0), (5, 1)):
        [fd] = service.keeper.fds("state")
        os.pwrite(fd, deaths.to_bytes(8, "little"), STATE_DEATHS)
        service.start()
        service.resumed()
        service.journal.catch_up()
        check.equal("losses", len(service.journal.events("lost")), expected)
        service.end()
        live.run_jobs([Job(live.target, [b"deadly"])] * 600)
    lost = service.journal.events("lost")[0]
    check.equal("cause", value(lost, "EXEC_LOST_CAUSE"), b"takeover")
    check.true(f"lost: {lost}", int(lost["EXEC_LOST"]) >= 600)


def programs_of_proc():
    """The processes that /proc shows, without the kernel's threads."""
    found = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        found += fields[0] not in "ZX" and not int(fields[6]) & 0x00200000
    return found


def test_baseline(live):
    """How many programs ran already."""
    holders = [live.hold([b"runs before"]) for _ in range(5)]
    daemon = live.daemon()
    there = programs_of_proc()
    running = daemon.event("started")["exectraced_running"]
    check.between("running", running, there - 20, there + 20)
    check.true("the daemon and its parent are among them", running >= len(holders) + 2)
    check.true("resumed", "exectraced_resumed" not in daemon.event("started"))

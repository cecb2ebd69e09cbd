# SPDX-License-Identifier: GPL-2.0-or-later
"""
The journals of a fleet that never was: what its hosts executed within two days, always the same for the same arguments.
Each host has cron jobs, a service, logins that use sudo, and builds; some have what one looks for: programs from memory,
numbers that are missing, records that were sent again, a service that was started anew, so that its numbers begin again.
"""

import hashlib
import json
import random

SPAN = 2 * 86400 * 1_000_000
END = 1_795_824_000 * 1_000_000  # 2026-11-28 00:00 UTC, in microseconds
BEGIN = END - SPAN
LAST_DAY = END - SPAN // 2
EXEC_ID = "92246f01e5b249e095ef09fd9efb9c3f"
FAILED_ID = "7d4a4c79d245460682ecdc57ae7e8f19"
ERRORS = ((2, "ENOENT"), (13, "EACCES"), (8, "ENOEXEC"), (7, "E2BIG"))
TYPED = (["ls", "-la"], ["git", "status", "--short"], ["systemctl", "status", "nginx.service"], ["journalctl", "-e", "-n", "200"],
         ["vi", "/etc/nginx/sites-enabled/default"], ["ip", "-br", "address"], ["df", "-h"], ["tail", "-n", "50", "/var/log/dpkg.log"])
ROOT_TYPED = (["systemctl", "reload", "nginx.service"], ["apt-get", "update"], ["cat", "/etc/shadow"], ["ss", "-tlnp"])
GCC = "/usr/lib/gcc/x86_64-linux-gnu/12"


def identity(text):
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def name_of(index):
    return f"host{index:05d}"


def machine_of(index):
    return identity(f"machine {index}")


class Process:
    def __init__(self, host, parent, comm):
        host.pid = host.pid % 4_000_000 + 1 + host.rng.randrange(3)
        self.pid, self.comm = host.pid, comm
        self.start = (host.now - host.booted) * 1000 + host.rng.randrange(1000)
        self.id = f"{self.pid}-{self.start:x}"
        self.parent = parent


class Init:
    """PID 1, the parent of what units execute."""
    pid, id, comm = 1, "1-1c9c380", "systemd"


class Host:
    """The records of one host as fields of journal entries, in the order in which its journal has them."""

    def __init__(self, index, records):
        self.index, self.name, self.machine = index, name_of(index), machine_of(index)
        self.rng = random.Random(f"host {index}")
        self.records, self.gap = records, SPAN / max(records, 1)
        self.now, self.session, self.boots, self.seq = BEGIN + index * 37, 0, 0, 0
        self.out, self.last = [], []
        self.boot()

    def boot(self):
        self.boots += 1
        self.boot_id = identity(f"boot {self.index} {self.boots}")
        self.booted = self.now - 20_000_000
        self.pid, self.recorded, self.lost, self.suppressed = 700, 0, 0, 0
        self.start_service()

    def start_service(self):
        self.seq = self.recorded = self.lost = self.suppressed = 0
        self.notice("started", EXECTRACED_VERSION="0.1.0", EXECTRACED_HOOKS="sched_process_exec task_rename", EXECTRACED_RUNNING=57)

    def stop_service(self):
        self.notice("stopped", EXEC_RECORDED=self.recorded, EXEC_LOST=self.lost, EXEC_SUPPRESSED=self.suppressed, EXEC_FILTERED=0,
                    EXEC_SEQ=self.seq)

    def entry(self, fields):
        """What journald adds to every entry of the service."""
        self.out.append({
            "__REALTIME_TIMESTAMP": self.now + 300, "__MONOTONIC_TIMESTAMP": self.now + 300 - self.booted, "_BOOT_ID": self.boot_id,
            "_MACHINE_ID": self.machine, "_HOSTNAME": self.name, "_TRANSPORT": "journal", "_PID": 412, "_UID": 0, "_GID": 0,
            "_COMM": "exectraced", "_EXE": "/usr/sbin/exectraced", "_CMDLINE": "/usr/sbin/exectraced", "_CAP_EFFECTIVE": "c000080000",
            "_SELINUX_CONTEXT": "unconfined", "_SYSTEMD_CGROUP": "/system.slice/exectraced.service",
            "_SYSTEMD_UNIT": "exectraced.service", "_SYSTEMD_SLICE": "system.slice",
            "_SYSTEMD_INVOCATION_ID": self.boot_id, "SYSLOG_IDENTIFIER": "exectrace", **fields})

    def notice(self, event, **fields):
        self.entry({"PRIORITY": 6, "MESSAGE": event, "EXECTRACED_EVENT": event, **fields})

    def execute(self, process, argv, error=None, exe=None, **fields):
        """One record: `fields` are those of where it ran and who executed it, in lower case."""
        self.now += 500 + self.rng.randrange(4000)
        self.seq += 1
        self.recorded += 1
        exe = exe or (argv[0] if argv[0].startswith("/") else f"/usr/bin/{argv[0]}")
        flags = fields.pop("flag", None)
        values = {
            "filename": exe, "exe": None if error else exe, "argv": json.dumps(argv, separators=(",", ":")), "pid": process.pid,
            "ppid": process.parent.pid, "uid": 0, "gid": 0, "stdin": "null", "cwd": "/", "comm": process.comm,
            "parent_comm": process.parent.comm, "process": process.id, "parent": process.parent.id, "timestamp": self.now,
            "seq": self.seq, **fields}
        entry = {"PRIORITY": 6, "SYSLOG_FACILITY": 10, "MESSAGE_ID": FAILED_ID if error else EXEC_ID}
        if error:
            entry["EXEC_ERRNO"], entry["EXEC_ERROR"] = error
        login = f", login={values['loginuid']}" if values.get("loginuid") not in (None, values["uid"]) else ""
        tty = f", tty={values['tty']}" if values.get("tty") else ""
        unit = f", unit={values['unit']}" if values.get("unit") else ""
        entry["MESSAGE"] = (f"[{process.pid}, comm=\"{process.comm}\", uid={values['uid']}, gid={values['gid']}"
                            f"{login}{tty}{unit}, filename={exe}] {' '.join(argv)}")
        entry.update({f"EXEC_{name.upper()}": value for name, value in values.items() if value is not None})
        if flags:
            entry["EXEC_FLAG"] = flags
            if len(flags) > 1:
                entry["EXEC_FLAGS"] = ",".join(flags)
        self.entry(entry)
        if not error:
            process.comm = exe.rpartition("/")[2][:15]
        return process

    def below(self, parent, argv, **how):
        return self.execute(Process(self, parent, parent.comm), argv, **how)

    # What hosts do.

    def cron(self):
        place = {"unit": "cron.service", "slice": "system.slice", "cgroup": "/system.slice/cron.service", "cwd": "/root"}
        job = self.rng.randrange(40)
        daemon = Process(self, Init, "cron")
        shell = self.below(daemon, ["/bin/sh", "-c", f"test -x /usr/local/sbin/job{job} && /usr/local/sbin/job{job} --quiet"],
                           exe="/usr/bin/dash", **place)
        script = self.execute(shell, ["/bin/sh", f"/usr/local/sbin/job{job}", "--quiet"], exe="/usr/bin/dash", flag=["script"],
                              **{**place, "filename": f"/usr/local/sbin/job{job}"})
        for argv in (["find", f"/var/lib/app{job}", "-mtime", "+7", "-name", "*.tmp"], ["sort", "-u"],
                     ["logger", "-t", f"job{job}", f"{self.rng.randrange(1000)} files removed"]):
            self.below(script, argv, **{**place, "stdin": "pipe"})

    def service(self):
        """A health check, as monitoring does it."""
        n = self.rng.randrange(12)
        place = {"unit": f"app{n}.service", "slice": "system.slice", "cgroup": f"/system.slice/app{n}.service", "uid": 990 + n,
                 "gid": 990 + n, "cwd": f"/srv/app{n}"}
        main = Process(self, Init, f"app{n}")
        self.below(main, ["/usr/bin/curl", "-fsS", "--max-time", "5", f"http://127.0.0.1:{8000 + n}/health?id={self.rng.randrange(1 << 32):x}"],
                   **place)
        if self.rng.random() < 0.1:
            self.below(main, [f"/srv/app{n}/bin/helper"], error=self.rng.choice(ERRORS), **place)

    def login(self):
        self.session += 1
        user = 1000 + self.rng.randrange(20)
        scope = f"session-{self.session}.scope"
        place = {"uid": user, "gid": user, "loginuid": user, "session": self.session, "tty": f"pts/{self.session % 8}", "stdin": "tty",
                 "unit": scope, "slice": f"user-{user}.slice", "cgroup": f"/user.slice/user-{user}.slice/{scope}",
                 "logind_session": str(self.session), "cwd": f"/home/user{user}"}
        sshd = Process(self, Init, "sshd")
        shell = self.below(sshd, ["-bash"], exe="/usr/bin/bash", flag=["interactive"], **place)
        for _ in range(1 + self.rng.randrange(4)):
            self.below(shell, self.rng.choice(TYPED), flag=["interactive"], **place)
        if self.rng.random() < 0.5:
            argv = self.rng.choice(ROOT_TYPED)
            sudo = self.below(shell, ["sudo", *argv], flag=["setuid", "interactive"], **{**place, "euid": 0})
            self.below(sudo, argv, **{**place, "uid": 0, "gid": 0})

    def build(self):
        place = {"uid": 1001, "gid": 1001, "unit": "runner.service", "slice": "system.slice", "cgroup": "/system.slice/runner.service",
                 "cwd": f"/srv/build/{self.rng.randrange(1 << 20):05x}"}
        make = self.below(Process(self, Init, "runner"), ["make", "-j2"], **place)
        for _ in range(1 + self.rng.randrange(4)):
            name = f"src/part{self.rng.randrange(400)}"
            shell = self.below(make, ["/bin/sh", "-c", f"gcc -O2 -g -Wall -Iinclude -c {name}.c -o {name}.o"], exe="/usr/bin/dash", **place)
            gcc = self.execute(shell, ["gcc", "-O2", "-g", "-Wall", "-Iinclude", "-c", f"{name}.c", "-o", f"{name}.o"],
                               exe="/usr/bin/x86_64-linux-gnu-gcc-12", **{**place, "filename": "/usr/bin/gcc"})
            temporary = f"/tmp/cc{self.rng.randrange(1 << 30):06x}.s"
            self.below(gcc, [f"{GCC}/cc1", "-quiet", "-I", "include", "-imultiarch", "x86_64-linux-gnu", f"{name}.c", "-quiet",
                             "-dumpdir", "src/", "-dumpbase", f"{name}.c", "-dumpbase-ext", ".c", "-mtune=generic", "-march=x86-64",
                             "-g", "-O2", "-Wall", "-fasynchronous-unwind-tables", "-o", temporary], **place)
            self.below(gcc, ["as", "-I", "include", "--64", "-o", f"{name}.o", temporary], exe="/usr/bin/x86_64-linux-gnu-as",
                       **{**place, "filename": "/usr/bin/as"})

    def from_memory(self):
        place = {"unit": "app3.service", "cgroup": "/system.slice/app3.service", "uid": 993, "gid": 993}
        process = Process(self, Init, "app3")
        self.below(process, ["/dev/fd/5", "--daemon"], exe="/memfd:x", flag=["fd", "memfd"], **{**place, "filename": "/dev/fd/5"})
        self.below(process, ["/tmp/.x"], flag=["deleted"], **place)

    def new_program(self):
        n = self.rng.randrange(1 << 16)
        self.below(Process(self, Init, "app5"), [f"/tmp/tool-{n:04x}", "--scan"], unit="app5.service", uid=995, gid=995)
        self.below(Process(self, Init, "app5"), ["/usr/bin/python3", f"/opt/new-{n:04x}.py"], flag=["script"], unit="app5.service",
                   filename=f"./new-{n:04x}.py", cwd=f"/opt/{n % 4}")

    # What can go wrong with records.

    def mishap(self, kind):
        if kind == "lost":
            n = 3 + self.rng.randrange(40)
            self.notice("lost", EXEC_LOST=n, EXEC_LOST_CAUSE="ring-full", EXEC_LOST_FIRST=self.now, EXEC_LOST_LAST=self.now + 100,
                        EXEC_LOST_SEQ_FIRST=self.seq + 1, EXEC_LOST_SEQ_LAST=self.seq + n)
            self.seq, self.lost = self.seq + n, self.lost + n
        elif kind == "missing":
            self.seq += 5
        elif kind == "suppressed":
            self.seq, self.suppressed = self.seq + 4, self.suppressed + 4
            self.notice("suppressed", EXEC_SUPPRESSED=4, EXEC_FILTERED=9, EXEC_DROPPED_EXCLUDE_EXE=13)
        elif kind == "twice":
            self.out += [dict(entry) for entry in self.last[-3:] if "EXECTRACED_EVENT" not in entry]
        elif kind == "anew":
            self.stop_service()
            self.now += 5_000_000
            self.start_service()
        elif kind == "reboot":
            self.stop_service()
            self.now += 30_000_000
            self.boot()

    def entries(self):
        """Yields all of them."""
        mishaps = ["lost", "missing", "suppressed", "twice", "anew", None, None, None, None, None]
        plan = sorted([(0.3, mishaps[self.index % 10]), (0.45, "reboot"), (0.6, mishaps[self.index // 10 % 10])])
        work = [self.cron] * 4 + [self.service] * 10 + [self.login] * 2 + [self.build] * 3
        written, rare = 0, {0.2: self.from_memory, 0.7: self.new_program}
        while written < self.records:
            part, before = written / self.records, self.now
            while plan and part >= plan[0][0]:
                self.mishap(plan.pop(0)[1])
            for at in [at for at in rare if part >= at]:
                if self.index % 20 == 7:
                    rare[at]()
                del rare[at]
            self.rng.choice(work)()
            written += len(self.out)
            yield from self.out
            done, self.last, self.out = len(self.out), self.out, []
            self.now = max(self.now, before + int(done * self.gap * self.rng.uniform(0.6, 1.3)))
        self.stop_service()
        yield from self.out


def export_form(entry):
    """The entry as systemd-journal-remote reads it. No value has a line feed in it."""
    return "".join([f"{name}={value}\n" if value.__class__ is not list else "".join([f"{name}={one}\n" for one in value])
                    for name, value in entry.items()]) + "\n"

# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon under test: started, read, stopped."""

import json
import os
import shutil
import signal
import socket
import tempfile

from lib import check, child, exact, kernel
from lib.loop import DEADLINE

# Environment variable: "unit" has the daemon run with the privileges of exectraced.service only.
PRIVILEGES = "EXECTRACED_TEST_PRIVILEGES"
# Environment variable: a command that runs the daemon, with its options, such as valgrind.
WRAPPER = "EXECTRACED_TEST_WRAPPER"


def _object_without_doubles(pairs):
    result = dict(pairs)
    check.true(f"a key is there twice in {check.shown(pairs)}", len(result) == len(pairs))
    return result


def parse_line(line):
    """One line of -f json: printable valid UTF-8, one object, no key twice, no surrogate alone. Its texts are exact."""
    text = line.decode("utf-8")
    check.true(f"a line that is not printable: {check.shown(line)}",
               not check.UNPRINTABLE.search(text))
    record = json.loads(text, object_pairs_hook=_object_without_doubles)
    json.dumps(record, ensure_ascii=False).encode()  # fails for a surrogate
    return exact.restore(record)


def raw(text):
    """The bytes that a text of a record stands for."""
    return text.encode("utf-8", "surrogateescape")


def argv_of(record):
    """The arguments. Of an exec that failed they may be unknown: then none."""
    found = record.get("argv", []) if "error" in record else record["argv"]
    return [raw(argument) for argument in found]


class Notify:
    """The socket of sd_notify(3). Abstract, so that it is there in every mount namespace."""

    def __init__(self, loop):
        self._loop = loop
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind("")
        self.address = "@" + self._socket.getsockname()[1:].decode()
        self.messages = []
        loop.add(self._socket.fileno(), self._on_message)

    def _on_message(self):
        self.messages.append(self._socket.recv(65536).decode())

    def has(self, assignment):
        return any(assignment in message.split("\n") for message in self.messages)

    def close(self):
        self._loop.remove(self._socket.fileno())
        self._socket.close()


class Daemon:
    """
    `output` is what -f gets; None: no -f. `stdout`: a descriptor to write to instead of a pipe that is read here.
    `env`: variables that it gets beside those that it always gets. `keeper`: the service manager that keeps its
    descriptors.
    `sentinel(token)` executes something that this daemon records, with the token among its arguments.
    """

    def __init__(self, live, config="", options=(), output="json", setup=None, stdout=None, sentinel=None,
                 program=None, env=None, keeper=None):
        self.live = live
        self.loop = live.loop
        self.output = output
        self.sentinel = sentinel or live.execute_token
        self.records = []
        self.before = []  # records of what ran before
        self.events = []
        self.lines = []
        self.seqs = []
        self._rest = b""
        self._stdout = None
        self._paused = False
        self._process = None
        self._stderr = tempfile.TemporaryFile()
        self._said_at_start = 0
        self._keeper = keeper
        self._notify = keeper or Notify(self.loop)
        self._start(program or live.program, config, options, setup, stdout, env or {})

    def _start(self, program, config, options, setup, stdout, more_env):
        self.config_path = self.live.write_file("exectraced.conf", config)
        arguments = [program, f"--config={self.config_path}", *options]
        if self.output:
            arguments += ["-f", self.output]
        read, write = (None, stdout) if stdout is not None else os.pipe()

        def prepare():
            os.dup2(write, 1)
            os.dup2(self._stderr.fileno(), 2)
            if os.environ.get(PRIVILEGES) == "unit":
                kernel.unit_privileges()
            if setup is not None:
                setup()

        env = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        env |= {"NOTIFY_SOCKET": self._notify.address, "EXECTRACED_FILE_READER": self.live.file_reader, **more_env}
        wrapper = os.environ.get(WRAPPER, "").split()
        if wrapper:
            arguments = [*wrapper, *arguments]
            program = shutil.which(wrapper[0])
        executor = self._keeper.executor if self._keeper else child.executor
        self._process = child.start(self.loop, executor(program, arguments, env), prepare)
        if read is not None:
            os.close(write)
            os.set_blocking(read, False)
            self._stdout = read
            self.loop.add(read, self._on_output)

    @property
    def pid(self):
        return self._process.pid

    def computed(self):
        """Seconds that it has computed: unlike those of a clock they are the same on a busy machine."""
        with open(f"/proc/{self.pid}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[0]) / 1e9

    def _on_output(self):
        data = os.read(self._stdout, 1 << 20)
        if not data:
            self.loop.remove(self._stdout)
            os.close(self._stdout)
            self._stdout = None
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take(line)

    def _take(self, line):
        if self.output != "json":
            self.lines.append(line)
            return
        item = parse_line(line)
        if "event" in item:
            self.events.append(item)
        elif "running" in item.get("flags", []):
            self.before.append(item)
        else:
            self.records.append(item)
            self.seqs.append(item["seq"])

    def pause_reading(self):
        self._paused = True
        self.loop.remove(self._stdout)

    def go_on_reading(self):
        self._paused = False
        self.loop.add(self._stdout, self._on_output)

    def close_output(self):
        """Closes the reader's end of the pipe."""
        self.loop.remove(self._stdout)
        os.close(self._stdout)
        self._stdout = None

    def stdout_fd(self):
        return self._stdout

    def wait_started(self):
        def started():
            check.true(f"the daemon ended with {self._process.status}: {self.stderr()}",
                       self._process.status is None)
            return self._notify.has("READY=1") and (
                self._stdout is None or self.output != "json" or self.event("started"))

        self.loop.until(started, lambda: f"the start of the daemon; it said: {self.stderr()}")
        self._said_at_start = len(self.stderr())

    def event(self, kind):
        return next((event for event in self.events if event["event"] == kind), None)

    def wait_event(self, kind):
        return self.loop.until(lambda: self.event(kind), f"a {kind} event; {self.stderr()}")

    def wait_record(self, matches, what, begin=0, deadline=DEADLINE):
        state = {"next": begin}

        def found():
            while state["next"] < len(self.records):
                record = self.records[state["next"]]
                state["next"] += 1
                if matches(record):
                    return record
            check.true(f"{what} can't come any more; {self.state()}", not self._at_its_end())
            return None

        return self.loop.until(found, lambda: f"{what}; {self.state()}", deadline)

    def wait_line(self, part):
        state = {"next": 0}

        def found():
            while state["next"] < len(self.lines):
                line = self.lines[state["next"]]
                state["next"] += 1
                if part in line:
                    return line
            return None

        return self.loop.until(found, f"a line with {part}")

    def _at_its_end(self):
        return self._process.status is not None and self._stdout is None

    def notified(self, assignment):
        return self._notify.has(assignment)

    def notifications(self, assignment):
        """How often it has said this."""
        return sum(assignment in message.split("\n") for message in self._notify.messages)

    def wait_notified(self, assignment):
        self.loop.until(lambda: self._notify.has(assignment), f"{assignment} by sd_notify")

    def wait_ready(self, times):
        """Until it has said so often that it is ready: after its start, and after each reload."""
        def ready():
            check.true(f"the daemon has ended: {self.state()}", self.running())
            return sum("READY=1" in message.split("\n") for message in self._notify.messages) >= times

        self.loop.until(ready, self.state)

    def signal(self, number):
        self._process.kill(number)

    def wait_end(self):
        """The exit status, once everything that it wrote is read."""
        status = self._process.wait()
        self.loop.until(lambda: self._stdout is None or self.output is None, "the end of its output")
        return status

    def running(self):
        return self._process.status is None

    def wait_ended(self):
        """The exit status, whatever is left to read."""
        return self._process.wait()

    def stop(self):
        """Stops it as a service manager does; it must end well and say so."""
        self.signal(signal.SIGTERM)
        status = self.wait_end()
        check.equal(f"exit status after SIGTERM (it said: {self.stderr()})", status, 0)
        check.equal("the bytes behind the last line", self._rest, b"")
        if self.output == "json":
            check.true("no stopped event", self.event("stopped") is not None)
            check.true("something follows the stopped event", self.events[-1]["event"] == "stopped")

    def stderr(self):
        return child.written(self._stderr)

    def state(self):
        """For a message about what did not come."""
        life = "runs" if self.running() else f"ended with {self._process.status}"
        return f"the daemon {life}, and said: {self.stderr()}"

    def said_since_start(self):
        return self.stderr()[self._said_at_start:]

    def close(self):
        if self._notify is None:
            return
        self._process.close()
        if self._stdout is not None:
            if not self._paused:
                self.loop.remove(self._stdout)
            os.close(self._stdout)
        self._notify.close()
        self._notify = None
        self._stderr.close()

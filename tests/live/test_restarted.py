# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that the kernel makes again by itself: they have not failed."""

import os
import signal
import threading
import time
import traceback

from lib import check, failing, fuse, kernel
from lib.daemon import argv_of
from lib.loop import DEADLINE

HANGS = b"hangs"


def blocked_in_exec(tid):
    """Whether a thread of this process waits inside of its execve(2)."""
    file = os.open(f"/proc/self/task/{tid}/syscall", os.O_RDONLY)
    try:
        return os.read(file, 200).split()[0] == str(kernel.SYS_EXECVE).encode()
    except BlockingIOError:  # it fell asleep or woke up meanwhile
        return False
    finally:
        os.close(file)


def wait_blocked(threads):
    end = time.monotonic() + DEADLINE
    while not all(blocked_in_exec(thread.native_id) for thread in threads):
        check.true("the threads do not wait in their execs", time.monotonic() < end)
        time.sleep(0.01)


def exec_beside_one_that_hangs(live, hanging, token, is_read, write):
    """
    One thread executes a program whose file is not read; another has to wait for that one's exec, and gets signals
    meanwhile, upon which the kernel makes its call again. The file is read (`is_read` tells so) when the first exec has
    the lock that the other waits for; later kernels look the file up and open it before.
    """
    def execute(name, path, begin):
        kernel.set_comm(name)
        begin.wait()
        try:
            kernel.execve(path, [name, token], {})
        except OSError:
            pass

    signal.signal(signal.SIGUSR1, lambda number, frame: None)
    begins = threading.Event(), threading.Event()
    first, second = (threading.Thread(target=execute, args=a) for a in (
        (HANGS, hanging, begins[0]), (b"waits", live.target, begins[1])))
    first.start()
    second.start()  # while the other executes it could not be made
    begins[0].set()
    os.read(is_read, 1)
    begins[1].set()
    wait_blocked([first, second])
    for _ in range(5):
        signal.pthread_kill(second.ident, signal.SIGUSR1)
        time.sleep(0.05)
        wait_blocked([first, second])
    os.write(write, b"x")
    first.join()
    second.join()


def test_restarted(live):
    """What the kernel tries again by itself has not failed."""
    if not os.path.exists("/dev/fuse"):
        raise check.Skip("this system has no /dev/fuse")
    daemon = failing.daemon(live, "Failures=all")
    hanging, end, is_read = fuse.mount_hanging(live, live.target, HANGS)
    token = live.token()
    read, write = os.pipe()
    live.cleanup(os.close, read)

    def setup():
        if os.fork() == 0:
            for fd in set(range(3, 4096)) - {is_read, write}:
                try:
                    os.close(fd)
                except OSError:
                    pass
            try:
                exec_beside_one_that_hangs(live, hanging, token, is_read, write)
            except BaseException:
                os.write(write, traceback.format_exc().encode())
            os._exit(127)

    def action():
        live.start(live.target, [b"forks"], setup=setup)
        os.close(write)
        check.equal("word of the child", os.read(read, 4096), b"x")
        end()
        daemon.wait_record(lambda r: argv_of(r) == [b"waits", token], "the one that waited")

    _, records = live.observe(action, daemon)
    mine = live.with_token(records, token)
    check.equal("what came of them", [(argv_of(r)[0], r.get("error", "")) for r in mine if argv_of(r)[0] == b"waits"],
                [(b"waits", "")])
    check.true(f"errors: {[r.get('error') for r in mine]}", all(r.get("errno", 0) < 512 for r in mine))


def test_renamed_in_its_exec(live):
    """Another thread renames one that is inside of its exec: that is no sign that the exec came so far as to rename it."""
    if not os.path.exists("/dev/fuse"):
        raise check.Skip("this system has no /dev/fuse")
    daemon = failing.daemon(live, "Failures=all")
    hanging, end, is_read = fuse.mount_hanging(live, live.target, HANGS)
    done, tell_done = os.pipe()
    live.cleanup(os.close, done)
    live.cleanup(os.close, tell_done)
    token = live.token()
    pid = os.fork()
    if pid == 0:
        def rename():
            os.read(is_read, 1)
            with open(f"/proc/self/task/{os.getpid()}/comm", "wb", buffering=0) as file:
                file.write(b"renamed")
            signal.pthread_kill(threading.main_thread().ident, signal.SIGSEGV)
            os.write(tell_done, b"d")

        try:
            threading.Thread(target=rename).start()
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGSEGV])  # what a call that dies leaves pending
            kernel.set_comm(HANGS)
            kernel.execve(hanging, [b"hangs", token], {})
        except OSError:
            os._exit(0)
        finally:
            os._exit(1)

    def action():
        os.read(done, 1)
        end()
        check.equal("status", os.waitpid(pid, 0)[1], 0)

    _, records = live.observe(action, daemon)
    mine = [r for r in records if r["pid"] == pid]
    check.equal("records", [(r["comm"], argv_of(r), r.get("flags")) for r in mine], [("renamed", [b"hangs", token], None)])

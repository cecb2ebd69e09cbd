# SPDX-License-Identifier: GPL-2.0-or-later
"""What Python's os module lacks of the kernel: system calls, mostly for a child before it executes, and files of /proc."""

import contextlib
import ctypes
import errno
import os
import re
import signal

CLONE_NEWTIME = 0x00000080
CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
CLONE_NEWPID = 0x20000000
MS_BIND = 0x1000
MS_NOSUID = 0x2
MS_REC = 0x4000
MS_PRIVATE = 1 << 18
MS_REMOUNT = 0x20
MNT_DETACH = 2
PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
PR_CAPBSET_DROP = 24
PR_SET_KEEPCAPS = 8
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION_3 = 0x20080522
CAP_SYS_ADMIN = 21
CAP_PERFMON = 38
CAP_BPF = 39
TIOCSCTTY = 0x540E
SYS_CLONE3 = 435
SYS_EXECVE = 221 if os.uname().machine == "aarch64" else 59
SYS_GETCWD = 17 if os.uname().machine == "aarch64" else 79
SYS_OPEN_TREE = 428
SYS_PIVOT_ROOT = 41 if os.uname().machine == "aarch64" else 155
AT_FDCWD = -100
AT_EMPTY_PATH = 0x1000
AT_EXECVE_CHECK = 0x10000
PTRACE_TRACEME, PTRACE_CONT = 0, 7
OPEN_TREE_CLONE = 1

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(name, result):
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


def _vector(strings):
    return (ctypes.c_char_p * (len(strings) + 1))(*map(os.fsencode, strings))


def execve(path, argv, env):
    """
    Unlike os.execve() with any arguments, also when the first is empty or there is none; and with any environment: `env`
    is a dictionary, or a list of what are its strings.
    """
    variables = env if isinstance(env, list) else [
        os.fsencode(name) + b"=" + os.fsencode(value) for name, value in env.items()]
    _checked(f"execve {path}", _libc.execve(os.fsencode(path), _vector(argv), _vector(variables)))


def execve_raw(path, argv):
    """With a vector that is anything, and an empty environment."""
    _checked(f"execve {path}", _libc.execve(os.fsencode(path), argv, _vector([])))


def execveat(fd, path, argv, flags=0):
    """With an empty environment."""
    _checked("execveat", _libc.execveat(fd, path, _vector(argv), _vector([]), flags))


class CloneArguments(ctypes.Structure):
    """struct clone_args of clone3(2)."""

    _fields_ = [(name, ctypes.c_uint64) for name in (
        "flags", "pidfd", "child_tid", "parent_tid", "exit_signal", "stack", "stack_size", "tls", "set_tid",
        "set_tid_size", "cgroup")]


def fork_as(pid):
    """os.fork(), with the pid that the child is to have. FileExistsError: somebody has it."""
    wanted = (ctypes.c_int * 1)(pid)
    arguments = CloneArguments(exit_signal=signal.SIGCHLD, set_tid=ctypes.addressof(wanted), set_tid_size=1)
    made = _libc.syscall(SYS_CLONE3, ctypes.byref(arguments), ctypes.sizeof(arguments))
    _checked(f"clone3 as {pid}", made)
    return made


def unshare(flags):
    _checked("unshare", _libc.unshare(flags))


def setns(fd, kind):
    _checked("setns", _libc.setns(fd, kind))


def mount(source, target, kind=None, flags=0, data=None):
    arguments = [None if a is None else os.fsencode(a) for a in (source, target, kind)]
    _checked(f"mount {target}", _libc.mount(*arguments, ctypes.c_ulong(flags), data and os.fsencode(data)))


def umount(target, flags=0):
    _checked("umount", _libc.umount2(os.fsencode(target), flags))


def pivot_root(new_root, put_old):
    _checked("pivot_root", _libc.syscall(SYS_PIVOT_ROOT, os.fsencode(new_root), os.fsencode(put_old)))


def getcwd():
    """As the kernel says it, also where no path leads there."""
    buffer = ctypes.create_string_buffer(4096)
    _checked("getcwd", _libc.syscall(SYS_GETCWD, buffer, len(buffer)))
    return buffer.value


def trace_me():
    _checked("ptrace", _libc.ptrace(PTRACE_TRACEME, 0, None, None))


def trace_to_the_end(pid):
    """Of a child that has called trace_me(): whatever it stops for, it goes on. Its wait status."""
    while True:
        _, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            return status
        _checked("ptrace", _libc.ptrace(PTRACE_CONT, pid, None, None))


def open_tree(path):
    """A copy of what is mounted there, which is mounted nowhere."""
    fd = _libc.syscall(SYS_OPEN_TREE, AT_FDCWD, os.fsencode(path), OPEN_TREE_CLONE)
    _checked("open_tree", fd)
    return fd


def detach(target):
    """Unmounts it now for those who come, and for those who are in it once they have left."""
    _checked("umount", _libc.umount2(os.fsencode(target), MNT_DETACH))


def bind(source, target):
    mount(source, target, flags=MS_BIND)


def _prctl(option, value, extra=0):
    _checked("prctl", _libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(extra), 0, 0))


def set_comm(name):
    _checked("prctl", _libc.prctl(PR_SET_NAME, ctypes.c_char_p(name), 0, 0, 0))


def end_with_parent():
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def no_new_privileges():
    _prctl(PR_SET_NO_NEW_PRIVS, 1)


def drop_from_bounding_set(*capabilities):
    """What root has after the next exec is limited to this set."""
    for capability in capabilities:
        _prctl(PR_CAPBSET_DROP, capability)


def unit_privileges():
    """Those of exectraced.service, which root has after the next exec: two capabilities, and no way to gain more."""
    with open("/proc/sys/kernel/cap_last_cap", encoding="ascii") as file:
        last = int(file.read())
    drop_from_bounding_set(*(c for c in range(last + 1) if c not in (CAP_BPF, CAP_PERFMON)))
    no_new_privileges()


def private_mounts():
    """A mount namespace of its own, whose mounts nobody else sees."""
    unshare(CLONE_NEWNS)
    mount("none", "/", flags=MS_REC | MS_PRIVATE)


def user_namespace(*ids):
    """A user namespace of its own: each of `ids` is (first inside, first outside, number of ids)."""
    pid = os.getpid()
    waiting, go = os.pipe()
    helper = os.fork()
    if helper == 0:
        os.close(go)
        os.read(waiting, 1)
        for name in ("uid_map", "gid_map"):
            with open(f"/proc/{pid}/{name}", "w", encoding="ascii") as file:
                file.write("".join("%d %d %d\n" % extent for extent in ids))
        os._exit(0)
    os.close(waiting)
    unshare(CLONE_NEWUSER)
    os.close(go)
    _, status = os.waitpid(helper, 0)
    if status != 0:
        raise OSError(errno.EPERM, "the ids of the user namespace could not be set")


def become(uid, gid, groups=()):
    os.setgroups(groups)
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def become_with_ambient(uid, gid, capabilities):
    """Another user who keeps these capabilities over an exec (capabilities(7))."""
    _prctl(PR_SET_KEEPCAPS, 1)
    become(uid, gid)
    bits = sum(1 << c for c in capabilities)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    data = (ctypes.c_uint32 * 6)(*[bits & 0xFFFFFFFF] * 3, *[bits >> 32] * 3)
    _checked("capset", _libc.capset(header, data))
    for capability in capabilities:
        _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability)


def namespace_id(kind, pid="self"):
    return os.stat(f"/proc/{pid}/ns/{kind}").st_ino


def enter_pid_namespace(fd):
    """For the children of the caller."""
    setns(fd, CLONE_NEWPID)


def switches(pid):
    """How often a process was given a CPU after it had waited for something."""
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
        return int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)$", file.read(), re.MULTILINE)[1])


def has_trampolines():
    """Whether ftrace can call BPF directly at the functions of the kernel; on arm64 it learned that in 6.4."""
    with open("/proc/kallsyms", encoding="ascii") as file:
        return re.search(r" register_ftrace_direct$", file.read(), re.MULTILINE) is not None


@contextlib.contextmanager
def written(path, text):
    """A file of /proc that has another content for a time."""
    with open(path, encoding="utf-8") as file:
        before = file.read()
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        yield
    finally:
        with open(path, "w", encoding="utf-8") as file:
            file.write(before)


def file_capabilities(permitted, root=None):
    """
    The value of security.capability that gives these, permitted and effective (capabilities(7)); with `root`, to those
    in the user namespace whose root he is.
    """
    bits = sum(1 << c for c in permitted)
    words = [0x02000001 if root is None else 0x03000001, bits & 0xFFFFFFFF, 0, bits >> 32, 0]
    if root is not None:
        words.append(root)
    return b"".join(word.to_bytes(4, "little") for word in words)

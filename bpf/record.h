/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * What the kernel side writes into its three rings: the one header that both sides include.
 *
 * A record is a fixed head of eight-byte alignment, followed by `data`: the parts that its bits name, then
 * its strings, in the order of their lengths in the head. Increase EXEC_RECORD_ABI with every change: a
 * reader trusts no record whose `abi` is not the one that it was built for.
 */

#ifndef __bpf__
#include <linux/types.h>
#endif

#include "bpf/settings.h"

#define EXEC_RECORD_ABI 5

#define EXEC_COMM_SIZE 16 /* TASK_COMM_LEN, the NUL included */
#define EXEC_PATH_SIZE 4096 /* PATH_MAX: most bytes kept of one path */
#define EXEC_PIDNS_DEPTH 32 /* MAX_PID_NS_LEVEL */
#define EXEC_PIDNS_INITIAL 0xEFFFFFFCU /* PROC_PID_INIT_INO */
#define EXEC_ID_UNSET ((__u32) -1)

/* Bounds of ArgumentBytes=. */
#define EXEC_ARGUMENT_BYTES_MIN 1024U
#define EXEC_ARGUMENT_BYTES_MAX (1024U * 1024U)

/* Every record begins with its kind. */
enum exec_record_kind {
        EXEC_RECORD_EXEC = 1, /* struct exec_record: a program runs */
        EXEC_RECORD_FAILED, /* struct exec_record: a program was to run, and did not; in a ring of its own */
        /* struct exec_record: it ran before recording began; from the task iterator, in no ring */
        EXEC_RECORD_RUNNING,
        EXEC_RECORD_CGROUP_MADE, /* struct exec_cgroup: comes before any exec in that cgroup */
        EXEC_RECORD_CGROUP_GONE, /* struct exec_cgroup: comes after every exec in that cgroup */
};

/* How it was executed, each bit from evidence that the kernel holds. */
enum exec_flag {
        EXEC_FLAG_SCRIPT = 1U << 0, /* an interpreter runs in the place of the file that was named */
        EXEC_FLAG_FD = 1U << 1, /* execveat() by a descriptor, or by a name relative to one */
        EXEC_FLAG_MEMFD = 1U << 2, /* the file that runs is a memfd */
        EXEC_FLAG_DELETED = 1U << 3, /* the file's name was removed: /proc/PID/exe says "(deleted)" */
        EXEC_FLAG_SETUID = 1U << 4, /* the exec changed the effective user id */
        EXEC_FLAG_SETGID = 1U << 5, /* the exec changed the effective group id */
        EXEC_FLAG_FILECAPS = 1U << 6, /* the file's capabilities gave some that the caller had not */
        EXEC_FLAG_COMPAT = 1U << 7, /* called through the 32-bit system call interface */
        EXEC_FLAG_THREAD = 1U << 8, /* called by a thread that was not the leader */
        EXEC_FLAG_KERNEL = 1U << 9, /* the kernel itself executed it (usermode helper) */
        EXEC_FLAG_UNREAD = 1U << 10, /* some argument could not be read */
        EXEC_FLAG_INTERACTIVE = 1U << 11, /* leader of the foreground process group of its terminal */
        EXEC_FLAG_ORPHAN = 1U << 12, /* the process that made it has exited */
        EXEC_FLAG_USERNS = 1U << 13, /* its credentials are of a user namespace other than the initial one */
        EXEC_FLAG_TRACED = 1U << 14, /* a debugger is attached */
        EXEC_FLAG_CHECK = 1U << 15, /* AT_EXECVE_CHECK: nothing was to be executed */
        EXEC_FLAG_DIED = 1U << 16, /* failed after the old program was gone */
        EXEC_FLAG_RUNNING = 1U << 17, /* it ran before recording began */
};
#define EXEC_FLAG_COUNT 18

/*
 * Optional parts, each a bit in `parts`. Those up to EXEC_PART_FAILED stand directly behind the head, in this
 * order, without padding. EXEC_PART_ENV and EXEC_PART_CUT are the last bytes of the record, in this order.
 */
enum exec_part {
        EXEC_PART_START = 1U << 0, /* __u64: when the process was made; else that is time_ns - age_ns */
        EXEC_PART_CGROUP = 1U << 1, /* __u32: upper half of the cgroup's id; else 0 */
        EXEC_PART_EFFECTIVE = 1U << 2, /* __u32 euid, egid after the exec; else the same as uid, gid */
        EXEC_PART_LOGIN = 1U << 3, /* __u32 loginuid, sessionid; else both are unset */
        EXEC_PART_PIDNS =
                1U << 4, /* __u32 tgid in its own PID namespace, its inode number; else the initial one */
        EXEC_PART_PGID = 1U << 5, /* __u32: process group, initial PID namespace; else the tgid */
        EXEC_PART_SID = 1U << 6, /* __u32: session, initial PID namespace; else the tgid */
        EXEC_PART_MAKER =
                1U << 7, /* struct exec_process: who made it and has exited; else the parent made it */
        EXEC_PART_ANCESTOR = 1U << 8, /* struct exec_process: see there */
        EXEC_PART_FILE = 1U << 9, /* struct exec_file */
        EXEC_PART_FAILED = 1U << 10, /* struct exec_failure */
        EXEC_PART_ENV = 1U << 11, /* struct exec_lengths of the environment: it was asked for */
        EXEC_PART_CUT = 1U << 12, /* struct exec_lengths of the arguments: some are missing */
        EXEC_PART_SAME_EXE = 1U << 13, /* no bytes: the path of the file is the filename */
};
#define EXEC_PARTS_BEFORE (EXEC_PART_ENV - 1U) /* those that stand before the strings */

#pragma pack(push, 4)

/* A process, told apart from every other of this boot. */
struct exec_process {
        __u64 start_ns; /* when it was made, CLOCK_BOOTTIME */
        __u32 tgid; /* initial PID namespace */
};

/* Which file it is that runs, as fstat(2) of it would say. There when the daemon asks for it. */
struct exec_file {
        __u64 inode;
        __s64 ctime_ns; /* last change of its status, since the epoch */
        __u32 device; /* of the file system, as the kernel writes it: major << 20 | minor */
};

struct exec_failure {
        __s32 dirfd; /* what execveat() was given, else AT_FDCWD */
        __u32 error; /* the errno, positive */
};

/*
 * Of the `total` bytes that there are, the first `head` are in the record; of arguments some of the last,
 * too.
 */
struct exec_lengths {
        __u32 total; /* 0, while not all are there: nobody knows */
        __u32 head;
};

#pragma pack(pop)

_Static_assert(sizeof(struct exec_process) == 12, "no padding");
_Static_assert(sizeof(struct exec_file) == 20, "no padding");

/*
 * EXEC_PART_ANCESTOR is the nearest ancestor that executed a program, where who made the process did not:
 * that one was only forked, and no record of an exec has its identity.
 */

/* What standard input is. */
enum exec_stdin {
        EXEC_STDIN_UNKNOWN,
        EXEC_STDIN_CLOSED,
        EXEC_STDIN_TTY,
        EXEC_STDIN_PIPE,
        EXEC_STDIN_SOCKET,
        EXEC_STDIN_NULL, /* /dev/null */
        EXEC_STDIN_FILE,
        EXEC_STDIN_OTHER,
        EXEC_STDIN_COUNT,
};

/* What is incomplete in a record, beside its arguments (their lengths say it). */
enum exec_partial {
        EXEC_PARTIAL_FILENAME = 1U << 0, /* its end is missing, or all of it */
        EXEC_PARTIAL_EXE = 1U << 1, /* the leading components are missing */
        EXEC_PARTIAL_CWD = 1U << 2, /* likewise */
        EXEC_PARTIAL_CALLER = 1U << 3, /* what task_rename saw is gone: no comm, no gain of privilege */
        EXEC_PARTIAL_EXE_OUTSIDE = 1U << 5, /* the path does not begin at the process's root */
        EXEC_PARTIAL_CWD_OUTSIDE = 1U << 6, /* likewise */
};
#define EXEC_PARTIAL_OUTSIDE(path) ((path) << 4) /* that of EXEC_PARTIAL_EXE, of EXEC_PARTIAL_CWD */

/*
 * Paths (exe and cwd) come as their components, the last one first, each ended by NUL: the order in which the
 * kernel's own structures give them. The root directory itself has no component.
 *
 * The arguments are the bytes of mm->arg_start..arg_end: each argument ended by NUL. Where EXEC_PART_CUT says
 * that bytes are missing, the first `head` bytes are from the front, and the rest of args_len bytes from the
 * end.
 */
struct exec_record {
        __u8 kind; /* enum exec_record_kind */
        __u8 partial; /* enum exec_partial */
        __u16 abi; /* EXEC_RECORD_ABI */
        __u32 flags; /* enum exec_flag */
        __u64 time_ns; /* CLOCK_BOOTTIME, at the exec */
        __u64 parent_start_ns; /* when the parent was made, likewise */
        __u32 age_ns; /* how long before time_ns the process was made */
        __u32 cgroup_id; /* in the unified hierarchy, lower half */
        __u32 tgid; /* initial PID namespace */
        __u32 parent_tgid;
        __u32 uid; /* initial user namespace, as are the other ids */
        __u32 gid;
        __u32 args_len; /* bytes of arguments in this record */
        __u16 parts; /* enum exec_part */
        __u16 filename_len; /* without a NUL */
        __u16 exe_len;
        __u16 cwd_len;
        __u8 tty_len; /* without a NUL, as the kernel names it: "pts0", "tty1" */
        __u8 comm_len; /* of the caller, before the exec; without a NUL, as the next */
        __u8 parent_comm_len; /* of the parent process */
        __u8 standard_input; /* enum exec_stdin */
        char data[]; /* parts, comm, parent_comm, tty, filename, exe, cwd, arguments, environment, parts */
};
_Static_assert(sizeof(struct exec_record) == 64, "the record's head is part of the ABI");

/*
 * A cgroup of the unified hierarchy. Where the one with the id `parent` is, an earlier record or a walk has
 * said.
 */
struct exec_cgroup {
        __u8 kind; /* enum exec_record_kind */
        __u8 name_len; /* without a NUL; 0: it could not be read, of a cgroup that is gone */
        __u16 abi; /* EXEC_RECORD_ABI */
        __u32 reserved;
        __u64 id;
        __u64 parent;
        char name[];
};
_Static_assert(sizeof(struct exec_cgroup) == 24, "the cgroup record is part of the ABI");

/* What the kernel side has to say of itself. The texts belong to the reader; `args` fill them in. */
enum exec_log_code {
        EXEC_LOG_PATH_TOO_DEEP = 1, /* args: bytes kept */
        EXEC_LOG_ARGS_UNREADABLE, /* args: bytes read, bytes there are, error */
        EXEC_LOG_ENV_UNREADABLE, /* likewise */
        EXEC_LOG_SLOT_BUSY, /* args: CPU */
        EXEC_LOG_NO_EXE, /* no argument: the process has no executable file */
        EXEC_LOG_FILENAME_UNREADABLE, /* args: error */
};

struct exec_log {
        __u32 size; /* of this struct */
        __u16 abi; /* EXEC_RECORD_ABI */
        __u16 code; /* enum exec_log_code */
        __u64 time_ns; /* CLOCK_BOOTTIME */
        __u32 tgid; /* of the process concerned */
        __u32 uid;
        __u32 gid;
        __u32 reserved;
        __s64 args[3];
};
_Static_assert(sizeof(struct exec_log) == 56, "the log record is part of the ABI");

/*
 * Where each string in `data` ends at most, and how large a slot is in which a record is put together: a path
 * may run over its limit by one name, and reading in pages may touch one page more than it keeps.
 */
#define EXEC_NAME_SIZE 256 /* NAME_MAX and the NUL */
#define EXEC_TTY_SIZE 64
#define EXEC_PAGE_SIZE 4096U
#define EXEC_PARTS_SIZE 128U /* of all parts before the strings */
#define EXEC_FILENAME_OFFSET_MAX (EXEC_PARTS_SIZE + 2 * EXEC_COMM_SIZE + EXEC_TTY_SIZE)
#define EXEC_EXE_OFFSET_MAX (EXEC_FILENAME_OFFSET_MAX + EXEC_PATH_SIZE)
#define EXEC_CWD_OFFSET_MAX (EXEC_EXE_OFFSET_MAX + EXEC_PATH_SIZE + EXEC_NAME_SIZE)
#define EXEC_ARGS_OFFSET_MAX (EXEC_CWD_OFFSET_MAX + EXEC_PATH_SIZE + EXEC_NAME_SIZE)
#define EXEC_SLOT_HEAD 160U /* before the record: struct exec_slot of the programs */
#define EXEC_SLOT_SIZE(args_max, env_max)                                                              \
        (EXEC_SLOT_HEAD + sizeof(struct exec_record) + EXEC_ARGS_OFFSET_MAX + (args_max) + (env_max) + \
                2 * EXEC_PAGE_SIZE)

/* Why a numbered record was lost. */
enum exec_lost_cause {
        EXEC_LOST_RING_FULL,
        EXEC_LOST_SLOT_BUSY,
        EXEC_LOST_FAILURES_FULL, /* a failed exec, whose ring was full */
        EXEC_LOST_CAUSE_COUNT,
};

/* Of one cause, on one CPU. Only ever increased: the daemon remembers what it has said. */
struct exec_loss {
        __u64 count;
        __u64 first_ns; /* CLOCK_BOOTTIME, of the first since there was none for a second */
        __u64 last_ns;
};

/*
 * What each CPU counts, in cache lines of its own, in an array map that the daemon maps: no exec writes to a
 * line that another CPU writes to. `numbered` is the first in every ABI from 5 on: a later version of the
 * daemon counts by it what it can't read.
 */
#define EXEC_RULE_SPACE 24
struct exec_cpu {
        __u64 numbered; /* records that went into a ring, or were lost by one of the causes below */
        __u64 recovered; /* of these, those that a copy recorded because the first program was skipped */
        __u64 cgroups_lost; /* cgroup records that were not sent: what is known of cgroups is out of date */
        __u64 logs_lost; /* log records that found no space */
        __u64 limited; /* failed execs beyond FailureLimit=, unnumbered */
        __u64 executed; /* by system calls, where failures are looked for: of programs that are native */
        __u64 executed_compat; /* ... and of 32-bit ones */
        __u64 returned; /* of both, those that the hooks at the end of the system calls saw succeed */
        struct exec_loss lost[EXEC_LOST_CAUSE_COUNT];
        __u64 by_rule[EXEC_RULE_SPACE]; /* dropped by filters on this side, unnumbered */
        __u64 padding[7]; /* to whole cache lines */
};
_Static_assert(sizeof(struct exec_cpu) % 64 == 0, "each CPU has cache lines of its own");
_Static_assert(EXEC_RULE_COUNT <= EXEC_RULE_SPACE, "each rule has its counter");

/*
 * What the daemon keeps with the maps, in an array map that it maps. `generation` is the first in every ABI.
 * The programs do not look at it.
 */
struct exec_counters {
        __u32 generation; /* the set of programs that records into these maps; 0: none does */
        __u32 reserved;
        __s64 skipped_base; /* to be added to what the hooks were skipped for: hooks of before count, too */
        __s64 failures_base; /* likewise, of failed execs */
        __u64 skipped; /* what was said last: it never goes back */
        __u64 failures_skipped;
        __u64 spare[3];
};

/* Failed execs of one user, beyond the limit. */
struct exec_limit {
        __u64 filled_ns; /* up to when tokens were given, CLOCK_BOOTTIME */
        __u64 dropped; /* how many were over the limit */
};

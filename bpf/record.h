/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * What the kernel side writes into its two rings: the one header that both sides include.
 *
 * A record is a fixed head of eight-byte alignment, followed by `data`, the variable parts one behind
 * another in the order of their lengths in the head. Bump EXEC_RECORD_ABI with every change: a reader
 * trusts no record whose `abi` or `size` is not the one that it was built for.
 */

#ifndef __bpf__
#include <linux/types.h>
#endif

#include "bpf/settings.h"

#define EXEC_RECORD_ABI 4

#define EXEC_COMM_SIZE 16 /* TASK_COMM_LEN, the NUL included */
#define EXEC_PATH_SIZE 4096 /* PATH_MAX: most bytes kept of one path */
#define EXEC_LINEAGE_SIZE 4096 /* of a cgroup's lineage: it may run over by its last part */
#define EXEC_PIDNS_DEPTH 32 /* MAX_PID_NS_LEVEL */
#define EXEC_PIDNS_INITIAL 0xEFFFFFFCU /* PROC_PID_INIT_INO */
#define EXEC_ID_UNSET ((__u32) -1)

/* Bounds of ArgumentBytes=. */
#define EXEC_ARGUMENT_BYTES_MIN 1024U
#define EXEC_ARGUMENT_BYTES_MAX (1024U * 1024U)

/* Every record begins with its size, EXEC_RECORD_ABI and its kind. Those of execs are numbered, the others are not. */
enum exec_record_kind {
        EXEC_RECORD_EXEC = 1, /* struct exec_record: a program runs */
        EXEC_RECORD_FAILED, /* struct exec_record: a program was to run, and did not */
        EXEC_RECORD_CGROUP_MADE, /* struct exec_cgroup: before any exec in it */
        EXEC_RECORD_CGROUP_GONE, /* struct exec_cgroup: behind every exec in it */
};

/* How it was executed, each bit from evidence that the kernel holds. */
enum exec_flag {
        EXEC_FLAG_SCRIPT = 1U << 0, /* an interpreter runs in the place of the file that was named */
        EXEC_FLAG_FD = 1U << 1, /* execveat() by a descriptor, or by a name relative to one */
        EXEC_FLAG_MEMFD = 1U << 2, /* the file that runs is a memfd */
        EXEC_FLAG_DELETED = 1U << 3, /* ... has no name in any directory any more */
        EXEC_FLAG_SETUID = 1U << 4, /* the exec changed the effective user id */
        EXEC_FLAG_SETGID = 1U << 5, /* the exec changed the effective group id */
        EXEC_FLAG_FILECAPS = 1U << 6, /* the file's capabilities gave some that the caller had not */
        EXEC_FLAG_COMPAT = 1U << 7, /* called through the 32-bit system call interface */
        EXEC_FLAG_THREAD = 1U << 8, /* called by a thread that was not the leader */
        EXEC_FLAG_KERNEL = 1U << 9, /* the kernel itself executed it (usermode helper) */
        EXEC_FLAG_UNREAD = 1U << 10, /* some argument could not be read */
        EXEC_FLAG_USERNS = 1U << 13, /* its credentials are of a user namespace other than the initial one */
};
#define EXEC_FLAG_COUNT 11

/* Parts of fixed size that a record may have, each a bit in `extras`. They stand before all others, in this order. */
enum exec_extra {
        EXEC_EXTRA_ANCESTOR = 1U << 0, /* struct exec_ancestor */
        EXEC_EXTRA_FILE = 1U << 1, /* struct exec_file */
};

/*
 * The nearest ancestor that executed a program, where the parent itself did not: it was forked only, and no record of an
 * exec has its identity.
 */
struct exec_ancestor {
        __u64 start_ns; /* when that process was made, CLOCK_BOOTTIME */
        __u32 tgid; /* initial PID namespace */
        __u32 reserved;
};

/* Which file it is that runs, as fstat(2) of it would say. There when the daemon asks for it. */
struct exec_file {
        __u64 inode;
        __s64 ctime_ns; /* last change of its status, since the epoch */
        __u32 device; /* of the file system, as the kernel writes it: major << 20 | minor */
        __u32 reserved;
};

/* What is incomplete in a record, beside its arguments (their lengths say it). */
enum exec_partial {
        EXEC_PARTIAL_FILENAME = 1U << 0, /* its end is missing, or all of it */
        EXEC_PARTIAL_EXE = 1U << 1, /* the leading components are missing */
        EXEC_PARTIAL_CWD = 1U << 2, /* likewise */
        EXEC_PARTIAL_CALLER = 1U << 3, /* what task_rename saw is gone: no comm, no gain of privilege */
        EXEC_PARTIAL_ARGS =
                1U << 4, /* of a failed exec: it had more arguments, nobody knows how many bytes */
        EXEC_PARTIAL_EXE_OUTSIDE = 1U << 5, /* the path does not begin at the process's root */
        EXEC_PARTIAL_CWD_OUTSIDE = 1U << 6, /* likewise */
};
#define EXEC_PARTIAL_OUTSIDE(path) ((path) << 4) /* that of EXEC_PARTIAL_EXE, of EXEC_PARTIAL_CWD */

/*
 * Paths (exe and cwd) come as their components, the last one first, each ended by NUL: the order in which
 * the kernel's own structures give them. The root directory itself has no component.
 *
 * The arguments are the bytes of mm->arg_start..arg_end: each argument ended by NUL. `args_head` bytes from
 * the front are followed by `args_tail` bytes from the end; where the two are less than `args_total`,
 * what lay between them is missing.
 */
struct exec_record {
        __u32 size; /* of the record: this head and `data` */
        __u16 abi; /* EXEC_RECORD_ABI */
        __u16 kind; /* enum exec_record_kind */
        __u64 seq; /* from 1, of all that passed the kernel side's filters */
        __u64 time_ns; /* CLOCK_BOOTTIME, at the exec */
        __u64 start_ns; /* when the process was made, CLOCK_BOOTTIME */
        __u64 parent_start_ns;
        __u64 cgroup_id; /* in the unified hierarchy */
        __u32 tgid; /* initial PID namespace */
        __u32 parent_tgid;
        __u32 ns_tgid; /* in the process's own PID namespace */
        __u32 pidns; /* that namespace's inode number; 0: it is the initial one */
        __u32 uid; /* initial user namespace, as are the other ids */
        __u32 gid;
        __u32 euid; /* after the exec */
        __u32 egid;
        __u32 loginuid; /* EXEC_ID_UNSET: none */
        __u32 sessionid; /* EXEC_ID_UNSET: none */
        __u32 flags; /* enum exec_flag */
        __u32 partial; /* enum exec_partial */
        __u32 args_total; /* bytes that the arguments have */
        __u32 args_head;
        __u32 args_tail;
        union {
                __u32 env_total; /* bytes that the environment has */
                __s32 dirfd; /* of a failed exec: what execveat() was given, else AT_FDCWD */
        };
        __u32 env_head; /* of these, how many are here (0 unless they are asked for) */
        __u16 filename_len; /* without a NUL */
        __u16 exe_len;
        __u16 cwd_len;
        __u16 tty_len; /* without a NUL, as the kernel names it: "pts0", "tty1" */
        char comm[EXEC_COMM_SIZE]; /* of the caller, before the exec */
        char parent_comm[EXEC_COMM_SIZE]; /* of the parent process */
        __u16 error; /* of a failed exec: the errno, positive; else 0 */
        __u16 extras; /* enum exec_extra */
        char data[]; /* extras, filename, exe, cwd, tty, args_head, args_tail, env_head */
};
_Static_assert(sizeof(struct exec_record) == 160, "the record's head is part of the ABI");

/*
 * A cgroup of the unified hierarchy. Its lineage is, from the cgroup upwards, the name of each, ended by NUL, and behind it
 * the id of its parent (8 bytes, not aligned). It ends with the id of the hierarchy's root, or, where that is too far, of an
 * ancestor: what that is called, an earlier record said.
 *
 * Ids and not one path, because the reader's paths may begin elsewhere: at the root of its cgroup namespace.
 */
struct exec_cgroup {
        __u32 size; /* of the record: this head and the lineage */
        __u16 abi; /* EXEC_RECORD_ABI */
        __u16 kind; /* enum exec_record_kind */
        __u64 id;
        char lineage[];
};
_Static_assert(sizeof(struct exec_cgroup) == 16, "the cgroup record is part of the ABI");

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
 * Where each part of `data` begins at most, and how large a slot is in which a record is put together: a path
 * may run over its limit by one name, and reading in pages may touch one page more than it keeps.
 */
#define EXEC_NAME_SIZE 256 /* NAME_MAX and the NUL */
#define EXEC_TTY_SIZE 64
#define EXEC_PAGE_SIZE 4096U
#define EXEC_EXTRAS_SIZE (sizeof(struct exec_ancestor) + sizeof(struct exec_file))
#define EXEC_EXE_OFFSET_MAX (EXEC_EXTRAS_SIZE + EXEC_PATH_SIZE)
#define EXEC_CWD_OFFSET_MAX (EXEC_EXE_OFFSET_MAX + EXEC_PATH_SIZE + EXEC_NAME_SIZE)
#define EXEC_TTY_OFFSET_MAX (EXEC_CWD_OFFSET_MAX + EXEC_PATH_SIZE + EXEC_NAME_SIZE)
#define EXEC_ARGS_OFFSET_MAX (EXEC_TTY_OFFSET_MAX + EXEC_TTY_SIZE)
#define EXEC_SLOT_SIZE(args_max, env_max) \
        (48 + sizeof(struct exec_record) + EXEC_ARGS_OFFSET_MAX + (args_max) + (env_max) + EXEC_PAGE_SIZE)

/* What sets of programs take turns in, and for how long at least those that others took over from stay attached. */
enum exec_turn_kind {
        EXEC_TURN_EXEC,
        EXEC_TURN_FAILED,
        EXEC_TURN_KINDS,
};
#define EXEC_TURN_NS 1000000U

/* Why a numbered record was lost. */
enum exec_lost_cause {
        EXEC_LOST_RING_FULL,
        EXEC_LOST_SLOT_BUSY,
        EXEC_LOST_FAILED, /* a failed exec, which gave way to what runs: the ring was half full */
        EXEC_LOST_CAUSE_COUNT,
};

/*
 * Kept in an array map that the daemon maps: reading it costs no system call. `generation` is the first in every ABI: a
 * later version of the daemon switches off by it what it does not know otherwise.
 */
struct exec_counters {
        __u32 generation; /* the set of programs that records; 0: none does */
        __u32 reserved[15]; /* every exec reads that: it has a cache line that nobody writes to */
        __u64 lost[EXEC_LOST_CAUSE_COUNT];
        __u64 lost_first_ns; /* CLOCK_BOOTTIME; the reader sets it back to 0 */
        __u64 lost_last_ns;
        __u64 lost_first_seq; /* the numbers that go with these times */
        __u64 lost_last_seq;
        __u64 cgroups_lost; /* cgroup records that found no space: what is known of cgroups is out of date */
        __u64 logs_lost; /* log records that found no space */
};

/*
 * What was dropped on this side, unnumbered, by rule. Each CPU has its own, in cache lines of its own, in an array map that
 * the daemon maps: where the filters drop nearly everything, a counter that all share can be half of what an exec costs.
 */
#define EXEC_RULE_SPACE 16
struct exec_filtered {
        __u64 by_rule[EXEC_RULE_SPACE];
};
_Static_assert(EXEC_RULE_COUNT <= EXEC_RULE_SPACE, "each rule has its counter");

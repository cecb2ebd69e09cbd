/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * What the daemon sets between opening and loading the programs: constants to the verifier, which drops what
 * they switch off. Included by both sides.
 */

#ifndef __bpf__
#include <linux/types.h>
#endif

/*
 * The keys of [Filter], and PidNamespace=: what a record can be dropped by, on whichever side. An Exclude is
 * even, the Include of the same kind comes after it.
 */
enum exec_rule {
        EXEC_RULE_EXCLUDE_USER,
        EXEC_RULE_INCLUDE_USER,
        EXEC_RULE_EXCLUDE_GROUP,
        EXEC_RULE_INCLUDE_GROUP,
        EXEC_RULE_EXCLUDE_LOGIN,
        EXEC_RULE_INCLUDE_LOGIN,
        EXEC_RULE_EXCLUDE_EXE,
        EXEC_RULE_INCLUDE_EXE,
        EXEC_RULE_EXCLUDE_UNIT,
        EXEC_RULE_INCLUDE_UNIT,
        EXEC_RULE_EXCLUDE_USER_UNIT,
        EXEC_RULE_INCLUDE_USER_UNIT,
        EXEC_RULE_EXCLUDE_PARENT,
        EXEC_RULE_INCLUDE_PARENT,
        EXEC_RULE_PID_NAMESPACE,
        EXEC_RULE_COUNT,
};
#define EXEC_ID_RULES 6U /* the first of them, which are about ids */

/*
 * Ids, real ones of the initial user namespace, that a rule lists. More ranges than this the daemon keeps to
 * itself.
 */
#define EXEC_ID_RANGES_MAX 64U

struct exec_id_range {
        __u32 first;
        __u32 last; /* included */
};

struct exec_id_list {
        __u32 n; /* 0: the rule is not there, or not for this side */
        struct exec_id_range ranges[EXEC_ID_RANGES_MAX];
};

/* Cgroups whose units the rules drop: likewise. */
#define EXEC_CGROUPS_DROPPED_MAX 16384

/* Bits of `guard`: where a program keeps itself from being preempted. */
#define EXEC_GUARD_TRACEPOINTS 1U
#define EXEC_GUARD_SYSCALLS 2U

struct exec_settings {
        __u32 pidns; /* inode number of the PID namespace to record; 0: all */
        __u32 guard;
        __u64 args_max; /* most bytes of the arguments kept, at most EXEC_ARGUMENT_BYTES_MAX */
        __u64 env_max; /* likewise of the environment; 0: none of it */
        __u64 events_size; /* of the ring of execs, in bytes */
        __u64 failure_token_ns; /* a user may have one failed exec recorded in so long; 0: as many as come */
        __u32 failure_burst; /* ... but so many at once */
        __u32 file; /* not 0: records say which file it is that runs (struct exec_file) */
        __u32 units; /* not 0: there are rules about units, and the map cgroups_dropped says whom they drop */
        __u32 slots; /* how many there are */
        __u32 own_pid; /* of the daemon, in the PID namespace own_pidns (its inode number) */
        __u32 own_pidns;
        __u32 failures; /* not 0: failed execs are looked for */
        __u32 reserved;
        struct exec_id_list ids[EXEC_ID_RULES];
};

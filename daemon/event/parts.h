/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "bpf/record.h"
#include "util/bytes.h"

/* What a record of an exec consists of: its optional parts as numbers, and its strings as they are in it. */
typedef struct Parts {
        uint64_t start_ns;
        uint64_t cgroup_id;
        uint32_t euid, egid;
        uint32_t loginuid, sessionid; /* EXEC_ID_UNSET: none */
        uint32_t ns_tgid, pidns; /* 0: the initial namespace */
        uint32_t pgid, sid;
        struct exec_process maker; /* tgid 0: the parent made it */
        struct exec_process ancestor; /* tgid 0: none */
        struct exec_file file;
        struct exec_failure failure;
        struct exec_lengths env; /* all 0: it is not there */
        struct exec_lengths cut; /* of the arguments; valid with EXEC_PART_CUT */
        Bytes comm, parent_comm, tty, filename, exe, cwd;
        Bytes args_head, args_tail, environment;
        struct exec_record head; /* the last, as its data are behind it in a record */
} Parts;

/*
 * Takes the `size` bytes of a record apart, which are not trusted: nothing is read that is not inside of
 * them, and what does not add up is no record. 0 or -EBADMSG. The strings point into `data`, which need not
 * be aligned.
 */
int parts_find(const void *data, size_t size, Parts *ret);

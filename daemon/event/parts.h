/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "bpf/record.h"
#include "util/bytes.h"

/* The numbers that are optional in a record. */
typedef struct PartIds {
        uint64_t start_ns;
        uint64_t cgroup_id;
        uint32_t euid, egid;
        uint32_t loginuid, sessionid; /* EXEC_ID_UNSET: none */
        uint32_t ns_tgid, pidns; /* both are 0 in the initial PID namespace */
        uint32_t pgid, sid;
} PartIds;

/* The strings of a record, as they are in it. */
typedef struct PartTexts {
        Bytes comm, parent_comm, tty, filename, exe, cwd;
        Bytes args_head, args_tail, environment;
} PartTexts;

/* The parts of a record of an exec. */
typedef struct Parts {
        PartIds ids;
        struct exec_process maker; /* the process that forked it; tgid 0: that is the parent */
        struct exec_process ancestor; /* tgid 0: none */
        struct exec_file file;
        struct exec_failure failure;
        struct exec_lengths env; /* all 0: the record has no environment */
        struct exec_lengths cut; /* of the arguments; valid with EXEC_PART_CUT */
        PartTexts texts;
        struct exec_record head; /* the last member, because its data follow it in a record */
} Parts;

/*
 * Finds the parts of a record of `size` bytes. The bytes are not trusted: nothing is read outside of them.
 * Returns 0, or -EBADMSG when they are not a valid record. The strings point into `data`, which need not be
 * aligned.
 */
int parts_find(const void *data, size_t size, Parts *ret);

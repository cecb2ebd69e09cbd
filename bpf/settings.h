/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * What the daemon sets between opening and loading the programs: constants to the verifier, which drops what they
 * switch off. Included by both sides.
 */

#ifndef __bpf__
#include <linux/types.h>
#endif

struct exec_settings {
        __u32 generation; /* this set of programs works while exec_counters says the same */
        __u32 pidns; /* inode number of the PID namespace to record; 0: all */
        __u64 args_max; /* most bytes of the arguments kept, at most EXEC_ARGUMENT_BYTES_MAX */
        __u64 env_max; /* likewise of the environment; 0: none of it */
        __u32 file; /* not 0: records say which file it is that runs (struct exec_file) */
        __u32 reserved;
};

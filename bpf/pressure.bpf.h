/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

#include "bpf/maps.bpf.h"

/*
 * As the ring fills, records become shorter, so that who executed which file is still recorded when somebody
 * floods the ring with arguments or with long paths. What is missing the record says by its lengths, and of a
 * path by EXEC_PARTIAL_*. Of arguments it is the middle that goes first, of paths the front.
 */

static __always_inline __u64 events_used(void) {
        return bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA);
}

/* How much is kept of the record that is begun in this slot. */
static __always_inline void pressure_apply(struct exec_slot *slot) {
        const __u64 used = events_used(), size = settings.events_size;
        __u64 args = settings.args_max, path = EXEC_PATH_SIZE;

        if (used >= size / 2) {
                args = 4096;
                if (used >= size / 4 * 3) {
                        args = 512;
                        path = 1024;
                }
                if (used >= size / 16 * 15) {
                        args = 0;
                        path = 256;
                }
                if (args > settings.args_max)
                        args = settings.args_max;
        }
        slot->args_limit = args;
        slot->path_limit = path;
}

/* path_limit, in a form that the verifier takes for the size of a read. */
static __always_inline __u32 pressure_path_limit(const struct exec_slot *slot) {
        __u64 limit = *(const volatile __u64 *) &slot->path_limit;

        barrier_var(limit);
        return limit == 0 || limit > EXEC_PATH_SIZE ? EXEC_PATH_SIZE : (__u32) limit;
}

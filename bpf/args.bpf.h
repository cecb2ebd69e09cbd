/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

#include "bpf/maps.bpf.h"

/*
 * Appends `want` bytes of the new program's stack from `source` to the data of slot number `index`, page by
 * page: a read that meets a page which is not there gives nothing at all. Returns how many bytes were read;
 * fewer than `want`: the page behind them could not be read.
 *
 * A global function, so that the verifier walks the loop once, whoever calls it.
 */
__noinline __u64 stack_read(__u64 index, __u64 source, __u64 want) {
        const __u64 want_max = settings.args_max > settings.env_max ? settings.args_max : settings.env_max;
        struct exec_slot *slot = slot_at(index);
        __u64 begin;

        if (!slot)
                return 0;

        begin = slot_used(slot);
        for (__u64 i = 0; i < want_max / EXEC_PAGE_SIZE + 2; i++) {
                char *room = slot_room(slot, EXEC_ARGS_OFFSET_MAX + settings.args_max + settings.env_max);
                /*
                 * Unknown to the verifier, because it comes from memory. Of a sum in a register it would
                 * follow each value that the rounds before can have led to: at 1 MiB, for minutes.
                 */
                const __u64 done = slot_used(slot) - begin;
                __u64 n = want - done;
                __u64 page = EXEC_PAGE_SIZE - ((source + done) & (EXEC_PAGE_SIZE - 1));

                if (done >= want || !room)
                        break;
                if (n > page)
                        n = page;

                /* Can't happen; the verifier wants to be shown. */
                barrier_var(n);
                if (n > EXEC_PAGE_SIZE)
                        break;

                if (bpf_probe_read_user(room, (__u32) n, (const void *) (source + done)) < 0)
                        break;
                slot_add(slot, n);
        }
        return slot_used(slot) - begin;
}

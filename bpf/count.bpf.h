/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * What is counted, each CPU in a line of its own. Atomic, because some programs may be preempted by one that
 * counts, too.
 */

#include "bpf/maps.bpf.h"

#define LOSS_PAUSE_NS 1000000000ULL /* without a loss: the next is the first of others */

/* A record was lost, whatever it would have been numbered. */
static __noinline int lost_count(__u32 cause) {
        struct exec_cpu *cpu = cpu_get();
        __u64 now = bpf_ktime_get_boot_ns();
        struct exec_loss *loss;

        if (!cpu || cause >= EXEC_LOST_CAUSE_COUNT)
                return 0;
        loss = &cpu->lost[cause];
        if (now - loss->last_ns > LOSS_PAUSE_NS)
                loss->first_ns = now;
        loss->last_ns = now;
        __sync_fetch_and_add(&loss->count, 1);
        __sync_fetch_and_add(&cpu->numbered, 1);
        return 0;
}

/* A record is in its ring. */
static __always_inline void sent_count(void) {
        struct exec_cpu *cpu = cpu_get();

        if (cpu)
                __sync_fetch_and_add(&cpu->numbered, 1);
}

/* A call has come to its end with success, past a hook that looks for those that fail. */
static __always_inline void returned_count(void) {
        struct exec_cpu *cpu = cpu_get();

        if (cpu)
                __sync_fetch_and_add(&cpu->returned, 1);
}

/* A copy has seen to what the first program was skipped for. */
static __always_inline void recovered_count(void) {
        struct exec_cpu *cpu = cpu_get();

        if (cpu)
                __sync_fetch_and_add(&cpu->recovered, 1);
}

static __always_inline void filtered_count(int rule) {
        struct exec_cpu *cpu = cpu_get();

        /* The last two can't happen; the verifier wants to be shown. */
        if (!cpu || rule < 0 || rule >= EXEC_RULE_COUNT)
                return;
        __sync_fetch_and_add(&cpu->by_rule[rule], 1);
}

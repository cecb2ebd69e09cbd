/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * The cgroups as they come and go, in the same ring as the execs and so in order with them: a cgroup is made
 * before anything is executed in it, and is gone only after. The record of an exec need hold no more than its
 * cgroup's number.
 *
 * Whoever may make cgroups could fill the ring with them: none is sent while it is half full. That is
 * counted, and the daemon looks for itself.
 */

#include "bpf/kernel-types.h"
#include "bpf/level.bpf.h"
#include "bpf/maps.bpf.h"
#include "bpf/pressure.bpf.h"

/* The tracepoints are entered with interrupts off (trace_cgroup_path_lock): no two at once on a CPU. */
struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, 1);
        __uint(key_size, sizeof(__u32));
        __uint(value_size, sizeof(struct exec_cgroup) + EXEC_NAME_SIZE);
} cgroup_slots SEC(".maps");

static __always_inline void cgroup_lost(void) {
        struct exec_cpu *cpu = cpu_get();

        if (cpu)
                __sync_fetch_and_add(&cpu->cgroups_lost, 1);
}

/*
 * The name and the parent of a cgroup; of one that is gone for a daemon that was not told when it was made.
 * Returns the size of the record, 0: it could not be read.
 */
static __always_inline __u64 cgroup_fill(struct exec_cgroup *record, struct cgroup *cgroup) {
        struct cgroup_subsys_state *css = BPF_CORE_READ(cgroup, self.parent);
        struct cgroup *parent = BPF_CORE_READ(css, cgroup);
        long n;

        record->parent = BPF_CORE_READ(parent, kn, id);
        n = bpf_probe_read_kernel_str(record->name, EXEC_NAME_SIZE, BPF_CORE_READ(cgroup, kn, name));
        if (n <= 1 || n > EXEC_NAME_SIZE)
                return 0;
        record->name_len = (__u8) (n - 1);
        return sizeof(*record) + (__u64) (n - 1);
}

static __always_inline int cgroup_send(struct cgroup *cgroup, enum exec_record_kind kind) {
        struct exec_cgroup *record;
        __u32 zero = 0;
        __u64 size;

        /* 0 is the unified hierarchy; those of version 1 count from 1. */
        if (BPF_CORE_READ(cgroup, root, hierarchy_id) != 0)
                return 0;
        record = bpf_map_lookup_elem(&cgroup_slots, &zero);
        if (!record)
                return 0;
        if (events_used() >= settings.events_size / 2) {
                cgroup_lost();
                return 0;
        }
        record->kind = (__u8) kind;
        record->name_len = 0;
        record->abi = EXEC_RECORD_ABI;
        record->reserved = 0;
        record->parent = 0;
        record->id = BPF_CORE_READ(cgroup, kn, id);
        size = cgroup_fill(record, cgroup);
        if (size == 0 && kind == EXEC_RECORD_CGROUP_GONE)
                size = sizeof(*record);
        if (size < sizeof(*record) || size > sizeof(*record) + EXEC_NAME_SIZE ||
                bpf_ringbuf_output(&events, record, size, 0) < 0)
                cgroup_lost();
        return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * The cgroups as they come and go, in the same ring as the execs and so in order with them: a cgroup is made before
 * anything is executed in it, and is gone only after. The record of an exec need hold no more than its cgroup's number.
 *
 * The tracepoints have the path as text, too, but no more of it than 1023 bytes (TRACE_CGROUP_PATH_LEN), and always from
 * the hierarchy's own root.
 */

#include "bpf/kernel-types.h"
#include "bpf/maps.bpf.h"

/* Most levels whose names are in one record. The verifier follows each by itself; there are hardly ever ten. */
#define CGROUP_LEVELS_MAX 64

struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, 1);
        __uint(key_size, sizeof(__u32));
        __uint(value_size, sizeof(struct exec_cgroup) + EXEC_LINEAGE_SIZE + EXEC_NAME_SIZE + sizeof(__u64));
} cgroup_slots SEC(".maps");

/* Returns how many bytes the lineage has; 0 also for the root, which has none. Negative: a name could not be read. */
static __always_inline long cgroup_fill_lineage(struct exec_cgroup *record, struct cgroup *cgroup) {
        __u64 used = 0;

        for (int i = 0; i < CGROUP_LEVELS_MAX; i++) {
                struct cgroup *parent = BPF_CORE_READ(cgroup, self.parent, cgroup);
                __u64 id;
                long n;

                if (!parent || used > EXEC_LINEAGE_SIZE)
                        break;
                n = bpf_probe_read_kernel_str(
                        record->lineage + used, EXEC_NAME_SIZE, BPF_CORE_READ(cgroup, kn, name));
                if (n <= 0 || n > EXEC_NAME_SIZE)
                        return -1;
                used += (__u64) n;
                id = BPF_CORE_READ(parent, kn, id);
                __builtin_memcpy(record->lineage + used, &id, sizeof(id));
                used += sizeof(id);
                barrier_var(used);
                cgroup = parent;
        }
        return (long) used;
}

/* By every set of programs that is there, as with caller_seen(): who reads the same twice knows no more, and misses nothing. */
static __always_inline int cgroup_send(struct cgroup *cgroup, enum exec_record_kind kind) {
        struct exec_counters *counts = counters_get();
        struct exec_cgroup *record;
        __u32 zero = 0;
        long n;

        if (!counts || counts->generation == 0)
                return 0;
        /* 0 is the unified hierarchy; those of version 1 count from 1. */
        if (BPF_CORE_READ(cgroup, root, hierarchy_id) != 0)
                return 0;
        record = bpf_map_lookup_elem(&cgroup_slots, &zero);
        if (!record)
                return 0;

        n = cgroup_fill_lineage(record, cgroup);
        if (n < 0 || n > (long) (EXEC_LINEAGE_SIZE + EXEC_NAME_SIZE + sizeof(__u64))) {
                __sync_fetch_and_add(&counts->cgroups_lost, 1);
                return 0;
        }
        record->size = (__u32) (sizeof(*record) + n);
        record->abi = EXEC_RECORD_ABI;
        record->kind = (__u16) kind;
        record->id = BPF_CORE_READ(cgroup, kn, id);
        if (bpf_ringbuf_output(&events, record, sizeof(*record) + n, 0) < 0)
                __sync_fetch_and_add(&counts->cgroups_lost, 1);
        return 0;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_made, struct cgroup *cgroup, const char *path) {
        return cgroup_send(cgroup, EXEC_RECORD_CGROUP_MADE);
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_gone, struct cgroup *cgroup, const char *path) {
        return cgroup_send(cgroup, EXEC_RECORD_CGROUP_GONE);
}

/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * The cgroups as they come and go, in the same ring as the execs and so in order with them: a cgroup is made before
 * anything is executed in it, and is gone only after. The record of an exec need hold no more than its cgroup's number.
 */

#include "bpf/kernel-types.h"
#include "bpf/maps.bpf.h"

struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, 1);
        __uint(key_size, sizeof(__u32));
        __uint(value_size, sizeof(struct exec_cgroup) + EXEC_PATH_SIZE);
} cgroup_slots SEC(".maps");

static __always_inline int cgroup_send(struct cgroup *cgroup, const char *path, enum exec_record_kind kind) {
        struct exec_counters *counts = counters_get();
        struct exec_cgroup *record;
        __u32 zero = 0;
        long n = 1;

        if (!counts || counts->generation != settings.generation)
                return 0;
        /* 0 is the unified hierarchy; those of version 1 count from 1. */
        if (cgroup->root->hierarchy_id != 0)
                return 0;
        record = bpf_map_lookup_elem(&cgroup_slots, &zero);
        if (!record)
                return 0;

        if (path)
                n = bpf_probe_read_kernel_str(record->path, EXEC_PATH_SIZE, path);
        if (n <= 0 || n > EXEC_PATH_SIZE) {
                __sync_fetch_and_add(&counts->cgroups_lost, 1);
                return 0;
        }
        record->size = (__u32) (sizeof(*record) + n - 1);
        record->abi = EXEC_RECORD_ABI;
        record->kind = (__u16) kind;
        record->id = cgroup->kn->id;
        if (bpf_ringbuf_output(&events, record, sizeof(*record) + n - 1, 0) < 0)
                __sync_fetch_and_add(&counts->cgroups_lost, 1);
        return 0;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_made, struct cgroup *cgroup, const char *path) {
        return cgroup_send(cgroup, path, EXEC_RECORD_CGROUP_MADE);
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_gone, struct cgroup *cgroup, const char *path) {
        return cgroup_send(cgroup, NULL, EXEC_RECORD_CGROUP_GONE);
}

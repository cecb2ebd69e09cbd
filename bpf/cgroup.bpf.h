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
#include "bpf/level.bpf.h"
#include "bpf/maps.bpf.h"

/* Most levels whose names are in one record. There are hardly ever ten. */
#define CGROUP_LEVELS_MAX 64

struct cgroup_slot {
        __u64 forgotten; /* see forget() */
        struct exec_cgroup record;
};

struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, 1);
        __uint(key_size, sizeof(__u32));
        __uint(value_size, sizeof(struct cgroup_slot) + EXEC_LINEAGE_SIZE + EXEC_NAME_SIZE + sizeof(__u64));
} cgroup_slots SEC(".maps");

struct lineage_walk {
        struct cgroup_slot *slot;
        struct cgroup *cgroup;
        __u64 used;
        __u64 unread; /* a name could not be read */
};

/* One level. Returns 1 when there is nothing more to be done. */
static long lineage_step(__u32 index, struct lineage_walk *w) {
        struct cgroup_subsys_state *css = PEEK(struct cgroup, w->cgroup, self.parent);
        struct cgroup *parent = PEEK(struct cgroup_subsys_state, css, cgroup);
        char *lineage = w->slot->record.lineage;
        struct kernfs_node *node;
        __u64 id, used = w->used;
        long n;

        if (!parent || used > EXEC_LINEAGE_SIZE)
                return 1;
        node = PEEK(struct cgroup, w->cgroup, kn);
        n = bpf_probe_read_kernel_str(lineage + used, EXEC_NAME_SIZE, PEEK(struct kernfs_node, node, name));
        if (n <= 0 || n > EXEC_NAME_SIZE) {
                w->unread = 1;
                return 1;
        }
        used += (__u64) n;
        node = PEEK(struct cgroup, parent, kn);
        id = PEEK(struct kernfs_node, node, id);
        __builtin_memcpy(lineage + used, &id, sizeof(id));
        w->used = forget(&w->slot->forgotten, used + sizeof(id));
        w->cgroup = (void *) forget(&w->slot->forgotten, (__u64) parent);
        return 0;
}

/* Returns how many bytes the lineage has; 0 also for the root, which has none. Negative: a name could not be read. */
static __always_inline long cgroup_fill_lineage(struct cgroup_slot *slot, struct cgroup *cgroup) {
        struct lineage_walk walk = { .slot = slot };

        walk.cgroup = (void *) forget(&slot->forgotten, (__u64) cgroup);
        if (HAVE_LOOP)
                bpf_loop(CGROUP_LEVELS_MAX, lineage_step, &walk, 0);
        else {
                for (__u32 i = 0; i < CGROUP_LEVELS_MAX; i++)
                        if (lineage_step(i, &walk))
                                break;
        }
        return walk.unread ? -1 : (long) walk.used;
}

/* By every set of programs that is there, as with caller_seen(): who reads the same twice knows no more, and misses nothing. */
static __always_inline int cgroup_send(struct cgroup *cgroup, enum exec_record_kind kind) {
        struct exec_counters *counts = counters_get();
        struct exec_cgroup *record;
        struct cgroup_slot *slot;
        __u32 zero = 0;
        long n;

        if (!counts || counts->generation == 0)
                return 0;
        /* 0 is the unified hierarchy; those of version 1 count from 1. */
        if (BPF_CORE_READ(cgroup, root, hierarchy_id) != 0)
                return 0;
        slot = bpf_map_lookup_elem(&cgroup_slots, &zero);
        if (!slot)
                return 0;
        record = &slot->record;

        n = cgroup_fill_lineage(slot, cgroup);
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

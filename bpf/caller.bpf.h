/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * What the caller was, handed from task_rename to sched_process_exec, by tgid: a thread that executes has become the
 * leader by then, and is alone.
 *
 * Each tgid has a desk in an array, which costs next to nothing, but shares it with others. Who comes while it is taken goes to
 * a hash map instead, which is slower, and loses nobody. An exec that dies on the way leaves its desk taken: after a
 * while anybody may have it.
 */

#include "bpf/filter.bpf.h"
#include "bpf/kernel-types.h"
#include "bpf/level.bpf.h"
#include "bpf/maps.bpf.h"
#include "bpf/task.bpf.h"

struct exec_caller {
        char comm[EXEC_COMM_SIZE];
        __u64 cap_permitted;
        __u32 euid;
        __u32 egid;
        __u32 compat;
        __u32 reserved;
};

#define DESKS 8192U /* a power of two */
#define DESK_TIMEOUT_JIFFIES 60000U /* a minute at the fastest clock there is, ten at the slowest */

struct exec_desk {
        __u64 since; /* jiffies */
        __u32 tgid; /* whose it is; 0: nobody's */
        __u32 reserved;
        struct exec_caller caller;
};

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, DESKS);
        __type(key, __u32);
        __type(value, struct exec_desk);
} desks SEC(".maps");

/* Least recently used, for those who die on the way. */
struct {
        __uint(type, BPF_MAP_TYPE_LRU_HASH);
        __uint(max_entries, 8192);
        __type(key, __u32);
        __type(value, struct exec_caller);
} callers SEC(".maps");

static __always_inline struct exec_desk *desk_of(__u32 tgid) {
        __u32 index = tgid & (DESKS - 1);

        return bpf_map_lookup_elem(&desks, &index);
}

/* Takes the desk for `tgid`. False: somebody else has it. */
static __always_inline bool desk_take(struct exec_desk *desk, __u32 tgid) {
        __u64 now = bpf_jiffies64();
        __u32 owner = desk->tgid;

        if (owner != tgid) {
                if (owner != 0 && now - desk->since < DESK_TIMEOUT_JIFFIES)
                        return false;
                if (__sync_val_compare_and_swap(&desk->tgid, owner, tgid) != owner)
                        return false;
        }
        desk->since = now;
        return true;
}

static __always_inline void caller_fill(
        struct exec_caller *caller, struct task_struct *task, const struct cred *cred) {
        task_copy_comm(caller->comm, task);
        caller->euid = cred->euid.val;
        caller->egid = cred->egid.val;
        caller->cap_permitted = caller->euid != 0 ? cred_permitted(cred) : 0;
        caller->compat = task_in_compat_call(task);
        caller->reserved = 0;
}

static __always_inline void caller_note(struct task_struct *task, const struct cred *cred) {
        __u32 tgid = (__u32) task->tgid;
        struct exec_caller caller = {};

        /* Desks take an atomic that returns what was there. */
        if (HAVE_LOOP) {
                struct exec_desk *desk = desk_of(tgid);

                if (desk && desk_take(desk, tgid)) {
                        caller_fill(&desk->caller, task, cred);
                        return;
                }
        }
        caller_fill(&caller, task, cred);
        bpf_map_update_elem(&callers, &tgid, &caller, BPF_ANY);
}

static __always_inline void caller_use(
        struct exec_record *r, const struct cred *cred, const struct exec_caller *caller) {
        __builtin_memcpy(r->comm, caller->comm, sizeof(r->comm));
        r->flags |= task_privilege_flags(cred, caller->euid, caller->egid, caller->cap_permitted);
        if (caller->compat)
                r->flags |= EXEC_FLAG_COMPAT;
}

/* What the record says of the caller. */
static __always_inline void fill_caller(struct exec_record *r, const struct cred *cred) {
        struct exec_caller *caller;

        if (HAVE_LOOP) {
                struct exec_desk *desk = desk_of(r->tgid);

                if (desk && desk->tgid == r->tgid) {
                        caller_use(r, cred, &desk->caller);
                        desk->tgid = 0;
                        return;
                }
        }
        caller = bpf_map_lookup_elem(&callers, &r->tgid);
        if (!caller) {
                __builtin_memset(r->comm, 0, sizeof(r->comm));
                r->partial |= EXEC_PARTIAL_CALLER;
                return;
        }
        caller_use(r, cred, caller);
        bpf_map_delete_elem(&callers, &r->tgid);
}

/*
 * Keeps what the caller is, before the exec changes it. Every set of programs does, also one that another is to take over
 * from or has taken over from: to note it twice is to note it, and so none is missed in between.
 */
SEC("tp_btf/task_rename")
int BPF_PROG(exec_caller, struct task_struct *renamed, const char *comm) {
        struct task_struct *task = UNTRUSTED(struct task_struct, renamed);
        struct exec_counters *counts = counters_get();
        struct task_refs refs = { .cred = task->cred };

        if (!counts || counts->generation == 0 || !task_in_exec(task))
                return 0;
        if (settings.pidns != 0)
                refs.pid = task->thread_pid;
        if (task_rule(task, &refs) == RULE_NONE)
                caller_note(task, refs.cred);
        return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * What the caller was, handed from task_rename to sched_process_exec, by tgid: a thread that executes has
 * become the leader by then, and is alone.
 *
 * Each tgid has a desk in an array, and may take one of its neighbours where that is another's. Whoever
 * records the exec, or its failure, gives the desk back: as long as it is taken, the exec was not recorded.
 * By that a copy of the program knows that the first one was skipped. A process that is killed in its exec
 * gives it back when it ends. Where that was skipped, too, after a while anybody may have it.
 */

#include "bpf/kernel-types.h"
#include "bpf/level.bpf.h"
#include "bpf/maps.bpf.h"
#include "bpf/task.bpf.h"
#include "bpf/text.bpf.h"

#define DESKS 8192U /* a power of two */
#define DESK_TRIES 4
#define DESK_TIMEOUT_JIFFIES 60000U /* a minute at the fastest clock there is, ten at the slowest */

#define KILLED_BY_SIGNAL 0x7f /* of an exit code: the number of the signal */

/* A cache line. */
struct exec_desk {
        __u64 key; /* whose it is, and the jiffies since when (lower half); 0: nobody's */
        __u64 start_ns; /* of the process: no other of the same tgid is taken for it */
        __u64 comm[2];
        __u64 cap_permitted;
        __u32 euid;
        __u32 egid;
        __u32 compat;
        __u32 reserved[3];
};
_Static_assert(sizeof(struct exec_desk) == 64, "a desk is a cache line");

/* Mappable, so that it begins at a page and each desk with a cache line. */
struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(map_flags, BPF_F_MMAPABLE);
        __uint(max_entries, DESKS);
        __type(key, __u32);
        __type(value, struct exec_desk);
} desks SEC(".maps");

static __always_inline struct exec_desk *desk_at(__u32 index) {
        index &= DESKS - 1;
        return bpf_map_lookup_elem(&desks, &index);
}

/* The desk of this process, or NULL: nobody noted who the caller was, or its exec was recorded. */
static __always_inline struct exec_desk *desk_find(__u32 tgid, __u64 start_ns) {
#pragma clang loop unroll(disable)
        for (__u32 i = 0; i < DESK_TRIES; i++) {
                struct exec_desk *desk = desk_at(tgid + i);

                if (desk && desk->key >> 32 == tgid && desk->start_ns == start_ns)
                        return desk;
        }
        return NULL;
}

/* Its fields were read before. */
static __always_inline void desk_free(struct exec_desk *desk) {
#if defined(__TARGET_ARCH_x86)
        barrier(); /* a load is not delayed beyond a store */
        *(volatile __u64 *) &desk->key = 0;
#else
        (void) __sync_lock_test_and_set(&desk->key, 0);
#endif
}

/* A desk for `tgid`, NULL: there is none free near its own. One that it has already it keeps. */
static __always_inline struct exec_desk *desk_take(__u32 tgid) {
        const __u32 now = (__u32) bpf_jiffies64();
        const __u64 key = (__u64) tgid << 32 | now;

#pragma clang loop unroll(disable)
        for (__u32 i = 0; i < DESK_TRIES; i++) {
                struct exec_desk *desk = desk_at(tgid + i);
                __u64 old;

                if (!desk)
                        return NULL;
                old = *(volatile __u64 *) &desk->key;
                if (old != 0 && old >> 32 != tgid && now - (__u32) old < DESK_TIMEOUT_JIFFIES)
                        continue;
                if (__sync_val_compare_and_swap(&desk->key, old, key) == old)
                        return desk;
        }
        return NULL;
}

/*
 * The task ends. Who fails in an exec after the old program is gone is killed, and has become the leader by
 * then. Where each such exec kept a desk, one user could take all of them.
 */
static __always_inline void caller_ends(struct task_struct *task) {
        struct exec_desk *desk;

        if (task->pid != task->tgid || !(task->exit_code & KILLED_BY_SIGNAL))
                return;
        desk = desk_find((__u32) task->tgid, task->start_boottime);
        if (desk)
                desk_free(desk);
}

/* Notes what the task is, which is inside of an exec and has not changed anything yet. */
static __always_inline void caller_note(struct task_struct *task, const struct cred *cred) {
        const __u64 *comm = (const void *) task->comm;
        struct exec_desk *desk = desk_take((__u32) task->tgid);

        if (!desk)
                return;
        desk->start_ns = task->start_boottime; /* it has become the leader */
        desk->comm[0] = comm[0];
        desk->comm[1] = comm[1];
        desk->euid = cred->euid.val;
        desk->egid = cred->egid.val;
        desk->cap_permitted = desk->euid != 0 ? cred_permitted(cred) : 0;
        desk->compat = task_in_compat_call(task);
}

/* What the record says of the caller, whose desk it gives back. */
static __always_inline void caller_put(
        struct exec_slot *slot, const struct cred *cred, struct exec_desk *desk) {
        struct exec_record *r = &slot->record;

        r->flags |= task_privilege_flags(cred, desk->euid, desk->egid, desk->cap_permitted);
        if (desk->compat)
                r->flags |= EXEC_FLAG_COMPAT;
        r->comm_len = (__u8) comm_put(slot, desk->comm[0], desk->comm[1]);
        desk_free(desk);
}

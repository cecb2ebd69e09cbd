/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * Who made a process whose maker has exited. At its exit a process that still has children leaves a note for
 * each of them; at the exec of a process whose parent may be one that adopted it, that note is looked for.
 */

#include "bpf/kernel-types.h"
#include "bpf/level.bpf.h"
#include "bpf/maps.bpf.h"
#include "bpf/task.bpf.h"

#define PF_FORKNOEXEC 0x00000040 /* include/linux/sched.h: forked, and has not executed anything since */
#define ANCESTORS_MAX 32 /* processes between the parent and the ancestor that executed */
#define CHILDREN_MAX 4096 /* of one process, for whom a note is left */

/* The nearest ancestor that executed is the maker itself, or has a tgid. */
struct exec_maker {
        __u64 start_ns;
        __u64 ancestor_start_ns;
        __u32 tgid;
        __u32 ancestor_tgid; /* 0: the maker executed, or there is none */
};

struct exec_child {
        __u64 start_ns;
        __u32 tgid;
        __u32 reserved;
};

/* Least recently used: nobody takes a note away. */
struct {
        __uint(type, BPF_MAP_TYPE_LRU_HASH);
        __uint(max_entries, 8192);
        __type(key, struct exec_child);
        __type(value, struct exec_maker);
} makers SEC(".maps");

static __always_inline struct exec_maker *maker_find(__u32 tgid, __u64 start_ns) {
        struct exec_child child = { .start_ns = start_ns, .tgid = tgid };

        return bpf_map_lookup_elem(&makers, &child);
}

/*
 * Which ancestor of `process`, which has executed nothing itself, did. `*ret_tgid` is 0 when none was found.
 */
static __always_inline void ancestor_find(struct task_struct *process, __u32 *ret_tgid, __u64 *ret_start_ns) {
        __u32 flags = PF_FORKNOEXEC;
        __u64 start_ns;

        for (int i = 0; i < ANCESTORS_MAX; i++) {
                struct task_struct *parent = PEEK(struct task_struct, process, real_parent);

                process = PEEK(struct task_struct, parent, group_leader);
                flags = PEEK(struct task_struct, process, flags);
                if (!(flags & PF_FORKNOEXEC))
                        break;
        }
        *ret_tgid = flags & PF_FORKNOEXEC ? 0 : (__u32) PEEK(struct task_struct, process, tgid);
        start_ns = PEEK(struct task_struct, process, start_boottime);
        barrier_var(
                /*
                 * or it is loaded with what comes in its place by one instruction, which the verifier refuses
                 */
                start_ns);
        *ret_start_ns = start_ns;
}

/*
 * Whether the parent of the task may have adopted it: the first process of a PID namespace may, and one that
 * asked for it (PR_SET_CHILD_SUBREAPER), which the kernel notes with all below it.
 */
static __always_inline bool task_may_be_adopted(struct task_struct *task, const struct task_refs *refs) {
        struct task_struct *parent = refs->parent;
        struct signal_struct *parent_signal;
        __u32 nr = 0;

        if (parent->tgid == 1)
                return true;
        if (BPF_CORE_READ_BITFIELD(refs->signal, has_child_subreaper)) {
                parent_signal = parent->signal;
                if (BPF_CORE_READ_BITFIELD(parent_signal, is_child_subreaper))
                        return true;
        }
        if (task->thread_pid->level == 0)
                return false;
        (void) task_pidns(parent, &nr);
        return nr == 1;
}

/* Of a process whose parent may have adopted it. Returns 1 when it has, and the parts are there. */
static __noinline int put_orphan(struct exec_slot *slot, __u64 start_ns) {
        struct exec_maker *maker = maker_find(slot->record.tgid, start_ns);

        if (!maker)
                return 0;
        slot->record.flags |= EXEC_FLAG_ORPHAN;
        put_process(slot, EXEC_PART_MAKER, maker->start_ns, maker->tgid);
        if (maker->ancestor_tgid != 0)
                put_process(slot, EXEC_PART_ANCESTOR, maker->ancestor_start_ns, maker->ancestor_tgid);
        return 1;
}

/* Of a process whose parent has executed nothing. */
static __noinline int put_ancestor(struct exec_slot *slot, struct task_struct *parent) {
        __u64 start_ns;
        __u32 tgid;

        ancestor_find(parent, &tgid, &start_ns);
        if (tgid != 0)
                put_process(slot, EXEC_PART_ANCESTOR, start_ns, tgid);
        return 0;
}

/* EXEC_PART_MAKER and EXEC_PART_ANCESTOR. */
static __always_inline void put_maker(
        struct exec_slot *slot, struct task_struct *task, const struct task_refs *refs) {
        struct task_struct *parent = refs->parent;

        if (task_may_be_adopted(task, refs) && put_orphan(slot, task->group_leader->start_boottime))
                return;
        if (parent->flags & PF_FORKNOEXEC)
                put_ancestor(slot, parent);
}

struct children_walk {
        struct exec_maker maker;
        __u64 link; /* address of the child's `sibling` */
        __u64 end; /* address of `children` */
};

static long child_step(__u32 index, struct children_walk *w) {
        struct list_head *link = (void *) w->link;
        struct exec_child child = {};
        struct task_struct *task;
        __u64 next;

        if (w->link == w->end || w->link == 0)
                return 1;
        task = (void *) (w->link - bpf_core_field_offset(struct task_struct, sibling));
        child.tgid = (__u32) PEEK(struct task_struct, task, tgid);
        child.start_ns = PEEK(struct task_struct, task, start_boottime);
        bpf_map_update_elem(&makers, &child, &w->maker, BPF_ANY);

        /* One that was taken off the list meanwhile points to itself. */
        next = (__u64) PEEK(struct list_head, link, next);
        if (next == w->link)
                return 1;
        w->link = next;
        return 0;
}

/* For the maker, which may itself be an orphan. */
static __always_inline void maker_fill(struct exec_maker *maker, struct task_struct *leader) {
        const struct exec_maker *own;

        maker->tgid = (__u32) leader->tgid;
        maker->start_ns = leader->start_boottime;
        if (!(leader->flags & PF_FORKNOEXEC))
                return;
        own = maker_find(maker->tgid, maker->start_ns);
        if (!own)
                ancestor_find(leader, &maker->ancestor_tgid, &maker->ancestor_start_ns);
        else {
                const bool executed = own->ancestor_tgid == 0;

                maker->ancestor_tgid = executed ? own->tgid : own->ancestor_tgid;
                maker->ancestor_start_ns = executed ? own->start_ns : own->ancestor_start_ns;
        }
}

/*
 * Of a thread that exits: what its children are to be told. The children of one are those that it made
 * itself.
 */
static __always_inline void children_note(struct task_struct *task) {
        struct children_walk walk = {};

        walk.end = (__u64) task + bpf_core_field_offset(struct task_struct, children);
        walk.link = (__u64) task->children.next;
        if (walk.link == walk.end)
                return;
        maker_fill(&walk.maker, task->group_leader);
        bpf_loop(CHILDREN_MAX, child_step, &walk, 0);
}

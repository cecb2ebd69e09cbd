/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * One record for each program that runs already, out of one walk through all tasks, each with its size before
 * it (32 bits): from a file that the daemon reads. Arguments are in the memory of other processes, which
 * can't be read here: the daemon reads them from /proc.
 */

#include "bpf/record.bpf.h"

struct bpf_iter_meta {
        struct seq_file *seq;
} __attribute__((preserve_access_index));

struct bpf_iter__task {
        struct bpf_iter_meta *meta;
        struct task_struct *task;
} __attribute__((preserve_access_index));

static __always_inline void running_fill(
        struct exec_slot *slot, struct task_struct *task, const struct task_refs *refs) {
        struct css_set *set = PEEK(struct task_struct, task, cgroups);
        struct cgroup *cgroup = PEEK(struct css_set, set, dfl_cgrp);
        struct kernfs_node *node = PEEK(struct cgroup, cgroup, kn);
        __u64 filename;

        slot->args_limit = settings.args_max;
        slot->path_limit = EXEC_PATH_SIZE;
        record_begin(slot, EXEC_RECORD_RUNNING, EXEC_FLAG_RUNNING);
        put_task(slot, task, refs, PEEK(struct kernfs_node, node, id));
        put_maker(slot, task, refs);
        put_parent_comm(slot, refs->parent);
        put_terminal(slot, task, refs);
        filename = slot_used(slot);
        /* Who called the exec, and with what path, is over. */
        slot->record.partial |= EXEC_PARTIAL_CALLER | EXEC_PARTIAL_FILENAME;
        put_exe(slot, refs, filename);
        put_cwd(slot, refs);
}

/*
 * One thread of each process: the first, or the one behind it where that has exited. None of the kernel's
 * own, and none that has ended.
 */
static __always_inline bool task_is_program(struct task_struct *task) {
        struct task_struct *leader;
        __u64 next;

        if (!task->mm || !task->fs)
                return false;
        if (task->pid == task->tgid)
                return true;
        leader = task->group_leader;
        next = (__u64) leader->thread_node.next;
        return !leader->mm && next - bpf_core_field_offset(struct task_struct, thread_node) == (__u64) task;
}

SEC("iter/task")
int snapshot(struct bpf_iter__task *ctx) {
        struct seq_file *seq = ctx->meta->seq;
        struct task_struct *given = ctx->task, *task;
        struct task_refs refs = {};
        struct exec_slot *slot;
        __u64 size;
        __u32 head;

        if (!given)
                return 0;
        task = UNTRUSTED(struct task_struct, given);
        if (!task_is_program(task))
                return 0;
        refs.cred = task->cred;
        if (task_rule(task, refs.cred, false) != RULE_NONE)
                return 0;
        slot = slot_take();
        if (!slot)
                return 0;
        task_refs_take(task, &refs);
        running_fill(slot, task, &refs);
        size = record_size(slot);
        /* Apart from it: up to 6.12 the verifier forgets the bounds of what a helper got the address of. */
        head = (__u32) size;
        bpf_seq_write(seq, &head, sizeof(head));
        bpf_seq_write(seq, &slot->record, (__u32) size);
        slot_put(slot);
        return 0;
}

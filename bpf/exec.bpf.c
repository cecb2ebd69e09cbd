/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */

/*
 * The kernel side: one record into the ring for every program that was executed, whoever called and by
 * whatever system call.
 *
 * The record is made at sched_process_exec, when the new program's stack is in place and its pages are there:
 * what is read is what the program gets, and no other thread can change it any more. A process that may trace
 * this one can, before and after: the record says when a debugger is attached. What only the caller knew (its
 * comm, its ids) is seen before, at task_rename, which fires inside the exec while they still hold.
 */

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/args.bpf.h"
#include "bpf/caller.bpf.h"
#include "bpf/cgroup.bpf.h"
#include "bpf/guard.bpf.h"
#include "bpf/kernel-types.h"
#include "bpf/level.bpf.h"
#include "bpf/maps.bpf.h"
#include "bpf/record.bpf.h"

#include "bpf/failure.bpf.h"
#include "bpf/snapshot.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define NSEC_PER_SEC 1000000000LL

/*
 * Nanoseconds since the epoch. The highest bit of the fraction, since 6.13, says that somebody has looked
 * (I_CTIME_QUERIED).
 */
static __always_inline __s64 inode_ctime_ns(struct inode *inode) {
        const struct inode___since_6_11 *since_6_11 = (void *) inode;
        const struct inode___before_6_11 *before_6_11 = (void *) inode;
        const struct inode___before_6_6 *before_6_6 = (void *) inode;

        if (bpf_core_field_exists(since_6_11->i_ctime_sec))
                return since_6_11->i_ctime_sec * NSEC_PER_SEC + (since_6_11->i_ctime_nsec & ~(1U << 31));
        if (bpf_core_field_exists(before_6_11->__i_ctime))
                return before_6_11->__i_ctime.tv_sec * NSEC_PER_SEC + before_6_11->__i_ctime.tv_nsec;
        return before_6_6->i_ctime.tv_sec * NSEC_PER_SEC + before_6_6->i_ctime.tv_nsec;
}

/* `old_pid` is the id that the calling thread had before it became the leader. */
static __always_inline __u32 call_flags(struct task_struct *task, int old_pid, struct linux_binprm *bprm) {
        __u32 flags = 0;

        if (bprm->interp != bprm->filename)
                flags |= EXEC_FLAG_SCRIPT;
        if (bprm->fdpath)
                flags |= EXEC_FLAG_FD;
        if (old_pid != task->pid)
                flags |= EXEC_FLAG_THREAD;

        /*
         * Each exec adds one, a fork inherits it, a kernel thread has 0: the first exec of a line is the
         * kernel's.
         */
        if (task->self_exec_id == 1)
                flags |= EXEC_FLAG_KERNEL;
        return flags;
}

static __always_inline void put_file(struct exec_slot *slot, const struct task_refs *refs) {
        struct file *file = refs->mm->exe_file;

        if (!settings.file || !file)
                return;
        PART_PUT(slot, EXEC_PART_FILE, __u64, file->f_inode->i_ino);
        PART_PUT_MORE(slot, __s64, inode_ctime_ns(file->f_inode));
        PART_PUT_MORE(slot, __u32, file->f_inode->i_sb->s_dev);
}

static __noinline int filename_unread(__u64 index, __s64 error) {
        struct exec_slot *slot = slot_at(index);

        if (slot)
                slot->record.partial |= EXEC_PARTIAL_FILENAME;
        return log_emit(EXEC_LOG_FILENAME_UNREADABLE, error, 0);
}

static __always_inline void put_filename(struct exec_slot *slot, struct linux_binprm *bprm) {
        const __u32 limit = pressure_path_limit(slot);
        char *room = slot_room(slot, EXEC_FILENAME_OFFSET_MAX);
        struct exec_record *r = &slot->record;
        long n;

        if (!room)
                return;
#if HAVE_CAST
        n = text_copy(room, bprm->filename);
        if (n < TEXT_WORDS * 8) {
                r->filename_len = (__u16) n;
                slot_add(slot, (__u64) n);
                return;
        }
#endif
        n = bpf_probe_read_kernel_str(room, limit, bprm->filename);
        if (n <= 0 || n > EXEC_PATH_SIZE) {
                filename_unread(slot->index, n);
                return;
        }
        /* Of the longest there are, one given by descriptor may have been longer still. */
        if (n == limit && (limit < EXEC_PATH_SIZE || bprm->fdpath))
                r->partial |= EXEC_PARTIAL_FILENAME;
        r->filename_len = (__u16) (n - 1);
        slot_add(slot, (__u64) (n - 1));
}

/* All of the arguments, or three quarters of what is kept from their front and one quarter from their end. */
static __always_inline __u32 put_args(struct exec_slot *slot, struct mm_struct *mm, __u32 *ret_head) {
        const __u64 limit = *(volatile __u64 *) &slot->args_limit, start = mm->arg_start, end = mm->arg_end;
        __u64 total = end > start ? end - start : 0;
        struct exec_record *r = &slot->record;
        __u64 head = total, tail = 0, got;

        if (total > limit) {
                tail = limit / 4;
                head = limit - tail;
        }
        got = stack_read(slot->index, start, head);
        if (got < head)
                r->flags |= EXEC_FLAG_UNREAD;

        /* A tail that is not whole would not reach the end: better none. */
        if (tail > 0) {
                const __u64 before = slot_used(slot);

                if (stack_read(slot->index, end - tail, tail) < tail) {
                        r->flags |= EXEC_FLAG_UNREAD;
                        *(volatile __u64 *) &slot->used = before;
                        tail = 0;
                }
        }
        if (r->flags & EXEC_FLAG_UNREAD)
                log_emit(EXEC_LOG_ARGS_UNREADABLE, (__s64) (got + tail), (__s64) total);
        r->args_len = (__u32) (got + tail);
        *ret_head = (__u32) got;
        return (__u32) total;
}

static __always_inline void put_env(struct exec_slot *slot, struct mm_struct *mm) {
        const __u64 args_limit = *(volatile __u64 *) &slot->args_limit;
        const __u64 limit = args_limit < settings.env_max ? args_limit : settings.env_max;
        __u64 start = mm->env_start, end = mm->env_end;
        __u64 total = end > start ? end - start : 0;
        __u64 want = total < limit ? total : limit, got;

        if (settings.env_max == 0)
                return;
        got = stack_read(slot->index, start, want);
        if (got < want)
                log_emit(EXEC_LOG_ENV_UNREADABLE, (__s64) got, (__s64) total);
        put_lengths(slot, EXEC_PART_ENV, (__u32) total, (__u32) got);
}

static __always_inline void record_fill(struct exec_slot *slot, struct task_struct *task,
        const struct task_refs *refs, int old_pid, struct linux_binprm *bprm, struct exec_desk *desk) {
        __u32 total, head = 0;
        __u64 filename;

        record_begin(slot, EXEC_RECORD_EXEC, call_flags(task, old_pid, bprm));
        put_task(slot, task, refs, bpf_get_current_cgroup_id());
        put_maker(slot, task, refs);
        put_file(slot, refs);
        if (desk)
                caller_put(slot, refs->cred, desk);
        else
                slot->record.partial |= EXEC_PARTIAL_CALLER;
        put_parent_comm(slot, refs->parent);
        put_terminal(slot, task, refs);

        filename = slot_used(slot);
        put_filename(slot, bprm);
        put_exe(slot, refs, filename);
        put_cwd(slot, refs);
        total = put_args(slot, refs->mm, &head);
        put_env(slot, refs->mm);
        if (slot->record.args_len < total)
                put_lengths(slot, EXEC_PART_CUT, total, head);
}

/* `copy`: only what the first program was skipped for. */
static __always_inline void exec_record(
        struct task_struct *current, int old_pid, struct linux_binprm *given, bool copy) {
        struct linux_binprm *bprm = UNTRUSTED(struct linux_binprm, given);
        struct task_struct *task = UNTRUSTED(struct task_struct, current);
        struct task_refs refs = { .cred = task->cred };
        struct exec_desk *desk;
        struct exec_slot *slot;

        if (copy) {
                desk = desk_find((__u32) task->tgid, task->start_boottime);
                if (!desk)
                        return;
        } else {
                if (!task_wanted(task, refs.cred))
                        return;
                desk = desk_find((__u32) task->tgid, task->start_boottime);
        }
        slot = slot_take();
        if (!slot) {
                log_emit(EXEC_LOG_SLOT_BUSY, bpf_get_smp_processor_id(), 0);
                lost_count(EXEC_LOST_SLOT_BUSY);
                if (desk)
                        desk_free(desk);
                return;
        }
        pressure_apply(slot);
        task_refs_take(task, &refs);
        record_fill(slot, task, &refs, old_pid, bprm, desk);
        if (bpf_ringbuf_output(&events, &slot->record, record_size(slot), 0) < 0)
                lost_count(EXEC_LOST_RING_FULL);
        else
                sent_count();
        if (copy)
                recovered_count();
        slot_put(slot);
}

/*
 * Counts what a system call executes, which the hooks at its end are to see succeed. The kernel says of the
 * call under way that it is a 32-bit one when the new program is, and so these hooks are told.
 */
static __always_inline void executed_count(struct task_struct *task) {
        struct exec_cpu *cpu;

        if (!settings.failures || task->self_exec_id == 1)
                return;
        cpu = cpu_get();
        if (!cpu)
                return;
        if (task_in_compat_call(task))
                __sync_fetch_and_add(&cpu->executed_compat, 1);
        else
                __sync_fetch_and_add(&cpu->executed, 1);
}

GUARDED_TRACEPOINT("tp_btf/sched_process_exec", exec_done) {
        executed_count(UNTRUSTED(struct task_struct, (struct task_struct *) context[0]));
        exec_record((void *) context[0], (int) context[1], (void *) context[2], false);
        return 0;
}

GUARDED_TRACEPOINT("tp_btf/sched_process_exec", exec_copy) {
        exec_record((void *) context[0], (int) context[1], (void *) context[2], true);
        return 0;
}

/* Keeps what the caller is, before the exec changes it. A copy of the hook has it done once more. */
GUARDED_TRACEPOINT("tp_btf/task_rename", exec_caller) {
        struct task_struct *task = UNTRUSTED(struct task_struct, (struct task_struct *) context[0]);
        const struct cred *cred;

        /* Another thread of the process can rename one that is inside of its exec. */
        if (!task_in_exec(task) || (__u32) bpf_get_current_pid_tgid() != (__u32) task->pid)
                return 0;
        cred = task->cred;
        if (task_rule(task, cred, true) == RULE_NONE)
                caller_note(task, cred);
        return 0;
}

GUARDED_TRACEPOINT("tp_btf/sched_process_exit", process_exit) {
        struct task_struct *task = UNTRUSTED(struct task_struct, (struct task_struct *) context[0]);

        caller_ends(task);
        children_note(task);
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

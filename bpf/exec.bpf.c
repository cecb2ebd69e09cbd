/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */

/*
 * The kernel side: one record into the ring for every program that was executed, whoever called and by whatever
 * system call.
 *
 * The record is made at sched_process_exec, when the new program's stack is in place and its pages are there:
 * what is read is what the program gets, and no other thread can change it any more. What only the caller knew (its comm,
 * its ids) is seen before, at task_rename, which fires inside the exec while they still hold.
 */

#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/args.bpf.h"
#include "bpf/caller.bpf.h"
#include "bpf/cgroup.bpf.h"
#include "bpf/kernel-types.h"
#include "bpf/level.bpf.h"
#include "bpf/log.bpf.h"
#include "bpf/maps.bpf.h"
#include "bpf/parts.bpf.h"
#include "bpf/path.bpf.h"
#include "bpf/record.h"
#include "bpf/task.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define NSEC_PER_SEC 1000000000LL

/* Nanoseconds since the epoch. The highest bit of the fraction, since 6.13, says that somebody has looked (I_CTIME_QUERIED). */
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

static __always_inline __u32 file_flags(struct file *file) {
        struct dentry *dentry = file->f_path.dentry;
        char name[6] = {};

        if (file->f_inode->i_nlink != 0)
                return 0;

        /* A memfd was never in a directory: it is its own parent. */
        if (dentry->d_parent == dentry) {
                bpf_probe_read_kernel(name, sizeof(name), dentry->d_name.name);
                if (name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f' && name[4] == 'd' &&
                        name[5] == ':')
                        return EXEC_FLAG_MEMFD;
        }
        return EXEC_FLAG_DELETED;
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

        /* Each exec adds one, a fork inherits it, a kernel thread has 0: the first exec of a line is the kernel's. */
        if (task->self_exec_id == 1)
                flags |= EXEC_FLAG_KERNEL;
        return flags;
}

/* Returns how many bytes it took, as do all of the following. */
static __always_inline __u64 fill_file(struct exec_record *r, const struct task_refs *refs, __u64 offset) {
        struct file *file = refs->mm->exe_file;
        struct exec_file *part;

        /* The second can't happen; the verifier wants to be shown. */
        if (!settings.file || !file || offset > sizeof(struct exec_ancestor))
                return 0;
        part = (void *) (r->data + offset);
        part->inode = file->f_inode->i_ino;
        part->ctime_ns = inode_ctime_ns(file->f_inode);
        part->device = file->f_inode->i_sb->s_dev;
        part->reserved = 0;
        r->extras |= EXEC_EXTRA_FILE;
        return sizeof(*part);
}

static __always_inline __u64 fill_filename(
        struct exec_slot *slot, struct exec_counters *counts, struct linux_binprm *bprm, __u64 offset) {
        const __u32 limit = pressure_path_limit(slot);
        struct exec_record *r = &slot->record;
        long n;

        /* Can't happen; the verifier wants to be shown. */
        if (offset > EXEC_EXTRAS_SIZE)
                return 0;
        n = bpf_probe_read_kernel_str(r->data + offset, limit, bprm->filename);
        if (n <= 0 || n > EXEC_PATH_SIZE) {
                r->partial |= EXEC_PARTIAL_FILENAME;
                log_emit(counts, EXEC_LOG_FILENAME_UNREADABLE, n, 0, 0);
                return 0;
        }
        if (n == limit && limit < EXEC_PATH_SIZE)
                r->partial |= EXEC_PARTIAL_FILENAME;
        r->filename_len = (__u16) (n - 1);
        return (__u64) (n - 1);
}

static __always_inline __u64 fill_exe(
        struct exec_slot *slot, struct exec_counters *counts, const struct task_refs *refs, __u64 offset) {
        struct file *file = refs->mm->exe_file;
        __u64 n;

        if (!file) {
                log_emit(counts, EXEC_LOG_NO_EXE, 0, 0, 0);
                return 0;
        }

        slot->record.flags |= file_flags(file);
        n = fill_path(slot, counts, &file->f_path, &refs->fs->root, offset, EXEC_PARTIAL_EXE);
        slot->record.exe_len = (__u16) n;
        return n;
}

/* All of the arguments, or three quarters of what is kept from their front and one quarter from their end. */
static __always_inline __u64 fill_args(
        struct exec_slot *slot, struct exec_counters *counts, struct mm_struct *mm, __u64 offset) {
        const __u64 limit = slot->args_limit, start = mm->arg_start, end = mm->arg_end;
        __u64 total = end > start ? end - start : 0;
        struct exec_record *r = &slot->record;
        __u64 head = total, tail = 0, got;

        if (total > limit) {
                tail = limit / 4;
                head = limit - tail;
        }
        r->args_total = (__u32) total;

        got = stack_read(offset, start, head);
        r->args_head = (__u32) got;
        if (got < head)
                r->flags |= EXEC_FLAG_UNREAD;

        /* A tail that is not whole would not reach the end: better none. */
        if (tail > 0) {
                if (stack_read(offset + got, end - tail, tail) < tail) {
                        r->flags |= EXEC_FLAG_UNREAD;
                        tail = 0;
                }
                r->args_tail = (__u32) tail;
        }

        if (r->flags & EXEC_FLAG_UNREAD)
                log_emit(counts, EXEC_LOG_ARGS_UNREADABLE, (__s64) (got + tail), (__s64) total, 0);
        return got + tail;
}

static __always_inline __u64 fill_env(
        struct exec_slot *slot, struct exec_counters *counts, struct mm_struct *mm, __u64 offset) {
        const __u64 limit = slot->args_limit < settings.env_max ? slot->args_limit : settings.env_max;
        __u64 start = mm->env_start, end = mm->env_end;
        __u64 total = end > start ? end - start : 0;
        __u64 want = total < limit ? total : limit, got;
        struct exec_record *r = &slot->record;

        r->env_total = (__u32) total;
        if (settings.env_max == 0)
                return 0;

        got = stack_read(offset, start, want);
        if (got < want)
                log_emit(counts, EXEC_LOG_ENV_UNREADABLE, (__s64) got, (__s64) total, 0);
        r->env_head = (__u32) got;
        return got;
}

/* Fills the record and returns its size. */
static __always_inline __u64 record_fill(struct exec_slot *slot, struct exec_counters *counts,
        struct task_struct *task, const struct task_refs *refs, int old_pid, struct linux_binprm *bprm) {
        struct exec_record *r = &slot->record;
        __u64 size = 0;

        r->abi = EXEC_RECORD_ABI;
        r->kind = EXEC_RECORD_EXEC;
        r->time_ns = bpf_ktime_get_boot_ns();
        r->partial = 0;
        r->exe_len = 0;
        r->tty_len = 0;
        r->filename_len = 0;
        r->args_tail = 0;
        r->env_head = 0;
        r->error = 0;
        r->extras = 0;
        r->flags = call_flags(task, old_pid, bprm);
        task_fill_ids(r, task, refs);
        fill_caller(r, refs->cred);

        size += fill_ancestor(r, refs);
        size += fill_file(r, refs, size);
        size += fill_filename(slot, counts, bprm, size);
        size += fill_exe(slot, counts, refs, size);
        size += fill_cwd(slot, counts, refs, size);
        size += fill_tty(r, refs, size);
        size += fill_args(slot, counts, refs->mm, size);
        size += fill_env(slot, counts, refs->mm, size);
        return size + sizeof(*r);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(exec_done, struct task_struct *current, int old_pid, struct linux_binprm *given) {
        struct linux_binprm *bprm = UNTRUSTED(struct linux_binprm, given);
        struct task_struct *task = UNTRUSTED(struct task_struct, current);
        struct exec_counters *counts = counters_get();
        struct task_refs refs;
        struct exec_slot *slot;
        __u64 seq;

        if (!counts || !turn_is_ours_exec(counts, task) || !record_wanted(task, &refs))
                return 0;
        seq = sequence_next();
        slot = slot_take(counts, seq);
        if (!slot)
                return 0;
        record_send(slot, counts, record_fill(slot, counts, task, &refs, old_pid, bprm));
        slot_put(slot);
        return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * Execs that failed, which never reach sched_process_exec. There are two ways to see them, and each may be
 * refused:
 *
 * - trampolines at the end of the system calls, 32-bit ones included, which cost no other system call
 *   anything;
 * - the tracepoints at the end of execve and execveat, which slow every system call of the machine, and which
 *   32-bit callers pass by. Those at the beginning would slow them some more, and tell nothing: a call that
 *   failed has left its registers as they were.
 *
 * Filename and arguments are read from the caller's memory, as it is when the call has failed: another thread
 * may have changed them, and what was never touched can't be read. The record says so (EXEC_FLAG_UNREAD). A
 * call that failed after the old program was gone has no such memory any more: nothing is read of the new
 * one, where the same addresses mean anything.
 */

#include <asm/unistd.h>

#include "bpf/caller.bpf.h"
#include "bpf/guard.bpf.h"
#include "bpf/limit.bpf.h"
#include "bpf/record.bpf.h"

#define SIGKILL 9
#define SIGSEGV 11
#define AT_FDCWD -100
#define AT_EXECVE_CHECK 0x10000 /* 6.14 */
#define ERESTART_FIRST 512 /* errors from here on are the kernel's own: the call is made again */

/* Steps of reading the arguments: one for each, and one more for every page of a long one. */
#define ARGV_STEPS_MAX 8192

/* bpf_probe_read_user_str(), which up to 6.12 at least says 0 of an empty string and not 1, the NUL. */
static __always_inline long user_string_read(char *destination, __u32 size, __u64 source) {
        long n = bpf_probe_read_user_str(destination, size, (const void *) source);

        if (n != 0)
                return n;
        *destination = '\0';
        return 1;
}

struct argv_walk {
        struct exec_slot *slot;
};

/* One argument, or one page of it. Returns 1 when there is nothing more to be done. */
static long argv_step(__u32 index, struct argv_walk *context) {
        struct exec_slot *slot = context->slot;
        struct exec_call *call = &slot->call;
        __u64 string = *(volatile __u64 *) &call->string;
        char *room;
        long n;

        if (string == 0) {
                n = call->compat ? bpf_probe_read_user(&string, 4, (const void *) call->argv)
                                 : bpf_probe_read_user(&string, 8, (const void *) call->argv);
                if (n < 0)
                        goto unread;
                if (string == 0) {
                        call->complete = 1;
                        return 1;
                }
                call->argv += call->compat ? 4 : 8;
        }

        room = slot_room(slot, EXEC_ARGS_OFFSET_MAX + settings.args_max);
        if (!room || slot_used(slot) - slot->walk.start >= *(volatile __u64 *) &slot->args_limit)
                return 1;
        n = user_string_read(room, EXEC_PAGE_SIZE, string);
        if (n <= 0 || n > EXEC_PAGE_SIZE)
                goto unread;
        if (n == EXEC_PAGE_SIZE) {
                /* Cut, or ended there by chance: the next step tells. Its NUL is not the argument's. */
                call->string = string + EXEC_PAGE_SIZE - 1;
                n = EXEC_PAGE_SIZE - 1;
        } else
                call->string = 0;
        slot_add(slot, (__u64) n);
        return 0;

unread:
        call->unread = 1;
        return 1;
}

/*
 * The arguments from their front, as many as are kept. How many there are nobody knows, unless these are all.
 */
static __always_inline void put_call_args(struct exec_slot *slot) {
        struct argv_walk context = { .slot = slot };
        struct exec_call *call = &slot->call;
        struct exec_record *r = &slot->record;
        __u64 used;

        if (call->argv == 0)
                return;
        slot->walk.start = slot_used(slot);
        bpf_loop(ARGV_STEPS_MAX, argv_step, &context, 0);
        used = slot_used(slot) - slot->walk.start;
        if (used > slot->args_limit) {
                *(volatile __u64 *) &slot->used = slot->walk.start + slot->args_limit;
                used = slot->args_limit;
                call->complete = 0;
        }
        if (call->unread)
                r->flags |= EXEC_FLAG_UNREAD;
        r->args_len = (__u32) used;
        if (!call->complete)
                put_lengths(slot, EXEC_PART_CUT, 0, (__u32) used);
}

static __always_inline void put_call_filename(struct exec_slot *slot) {
        char *room = slot_room(slot, EXEC_FILENAME_OFFSET_MAX);
        struct exec_record *r = &slot->record;
        long n;

        if (!room)
                return;
        n = user_string_read(room, EXEC_PATH_SIZE, slot->call.filename);
        if (n <= 0 || n > EXEC_PATH_SIZE) {
                r->partial |= EXEC_PARTIAL_FILENAME;
                return;
        }
        if (slot->call.dirfd != AT_FDCWD && room[0] != '/')
                r->flags |= EXEC_FLAG_FD;
        r->filename_len = (__u16) (n - 1);
        slot_add(slot, (__u64) (n - 1));
}

/*
 * What is left of a call that failed after the old program was gone: who the caller was, and which file was
 * to run.
 */
static __always_inline void put_died(
        struct exec_slot *slot, const struct task_refs *refs, struct exec_desk *desk) {
        struct exec_record *r = &slot->record;

        r->flags |= EXEC_FLAG_DIED;
        r->partial |= EXEC_PARTIAL_FILENAME;
        r->comm_len = (__u8) comm_put(slot, desk->comm[0], desk->comm[1]);
        put_parent_comm(slot, refs->parent);
}

/*
 * Whether the call failed after the old program was gone: then the kernel kills the process, by the one
 * signal or the other, as soon as the call has come to its end. A desk alone does not tell: where no program
 * saw to an earlier exec that succeeded, its desk is there still.
 */
static __always_inline bool task_dies(const struct task_struct *task) {
        const __u64 *pending = (const void *) &task->pending.signal;

        return *pending & (1ULL << (SIGKILL - 1) | 1ULL << (SIGSEGV - 1));
}

/*
 * Makes the record of the call that is in slot number `index`. A global function, so that the verifier walks
 * it once for all the hooks.
 */
__noinline int failure_fill(__u64 index) {
        struct task_struct *task = UNTRUSTED(struct task_struct, bpf_get_current_task_btf());
        struct task_refs refs = { .cred = task->cred };
        struct exec_slot *slot = slot_at(index);
        const __u64 *comm = (const void *) task->comm;
        struct exec_desk *desk;
        __u64 filename;

        if (!slot)
                return 0;
        slot->args_limit = settings.args_max;
        slot->path_limit = EXEC_PATH_SIZE;
        task_refs_take(task, &refs);
        desk = desk_find((__u32) task->tgid, task->group_leader->start_boottime);
        if (desk && !task_dies(task)) {
                desk_free(desk);
                desk = NULL;
        }
        if (desk) {
                refs.euid = desk->euid;
                refs.egid = desk->egid;
        }
        record_begin(slot, EXEC_RECORD_FAILED, slot->call.flags);
        if (task->pid != task->tgid)
                slot->record.flags |= EXEC_FLAG_THREAD;
        put_task(slot, task, &refs, bpf_get_current_cgroup_id());
        put_maker(slot, task, &refs);
        PART_PUT(slot, EXEC_PART_FAILED, __s32, slot->call.dirfd);
        PART_PUT_MORE(slot, __u32, slot->call.error);
        if (desk) {
                put_died(slot, &refs, desk);
                desk_free(desk);
        } else {
                slot->record.comm_len = (__u8) comm_put(slot, comm[0], comm[1]);
                put_parent_comm(slot, refs.parent);
        }
        put_terminal(slot, task, &refs);
        filename = slot_used(slot);
        if (slot->record.flags & EXEC_FLAG_DIED) {
                put_exe(slot, &refs, filename);
                put_cwd(slot, &refs);
        } else {
                put_call_filename(slot);
                put_cwd(slot, &refs);
                put_call_args(slot);
        }
        return 0;
}

/* `result` is what the call came to, a negative error. */
static __always_inline int failure_record(const struct exec_call *call, __s64 result) {
        struct task_struct *task = UNTRUSTED(struct task_struct, bpf_get_current_task_btf());
        const struct cred *cred = task->cred;
        struct exec_slot *slot;

        if (!task_wanted(task, cred) || (settings.failure_token_ns > 0 && !limit_allows(cred)))
                return 0;
        slot = slot_take();
        if (!slot) {
                lost_count(EXEC_LOST_SLOT_BUSY);
                return 0;
        }
        slot->call = *call;
        slot->call.error = (__u32) -result;
        failure_fill(slot->index);
        if (bpf_ringbuf_output(&failures, &slot->record, record_size(slot), 0) < 0)
                lost_count(EXEC_LOST_FAILURES_FULL);
        else
                sent_count();
        slot_put(slot);
        return 0;
}

/*
 * The registers that the system call under way was made with. The result does not overwrite them: it has a
 * register of its own or, on arm64, the first argument has a second one.
 */
#define REGISTER(name) BPF_CORE_READ(regs, name)
#if defined(__TARGET_ARCH_x86)
#define CALL "__x64_sys_"
#define COMPAT_CALL "__ia32_compat_sys_"
#elif defined(__TARGET_ARCH_arm64)
#define CALL "__arm64_sys_"
#define COMPAT_CALL "__arm64_compat_sys_"
#endif

static __always_inline struct exec_call call_of(
        __u64 filename, __u64 argv, __s32 dirfd, __u64 flags, __u32 compat) {
        struct exec_call call = { .filename = filename, .argv = argv, .dirfd = dirfd, .compat = compat };

        if (compat)
                call.flags |= EXEC_FLAG_COMPAT;
        if (flags & AT_EXECVE_CHECK)
                call.flags |= EXEC_FLAG_CHECK;
        return call;
}

static __always_inline struct exec_call call_execve(const struct pt_regs *regs) {
#if defined(__TARGET_ARCH_x86)
        return call_of(REGISTER(di), REGISTER(si), AT_FDCWD, 0, 0);
#elif defined(__TARGET_ARCH_arm64)
        return call_of(REGISTER(orig_x0), REGISTER(regs[1]), AT_FDCWD, 0, 0);
#endif
}

static __always_inline struct exec_call call_execveat(const struct pt_regs *regs) {
#if defined(__TARGET_ARCH_x86)
        return call_of(REGISTER(si), REGISTER(dx), (__s32) REGISTER(di), REGISTER(r8), 0);
#elif defined(__TARGET_ARCH_arm64)
        return call_of(REGISTER(regs[1]), REGISTER(regs[2]), (__s32) REGISTER(orig_x0), REGISTER(regs[4]), 0);
#endif
}

static __always_inline struct exec_call call_compat_execve(const struct pt_regs *regs) {
#if defined(__TARGET_ARCH_x86)
        return call_of((__u32) REGISTER(bx), (__u32) REGISTER(cx), AT_FDCWD, 0, 1);
#elif defined(__TARGET_ARCH_arm64)
        return call_of((__u32) REGISTER(orig_x0), (__u32) REGISTER(regs[1]), AT_FDCWD, 0, 1);
#endif
}

static __always_inline struct exec_call call_compat_execveat(const struct pt_regs *regs) {
#if defined(__TARGET_ARCH_x86)
        return call_of((__u32) REGISTER(cx), (__u32) REGISTER(dx), (__s32) REGISTER(bx), REGISTER(di), 1);
#elif defined(__TARGET_ARCH_arm64)
        return call_of((__u32) REGISTER(regs[1]), (__u32) REGISTER(regs[2]), (__s32) REGISTER(orig_x0),
                REGISTER(regs[4]), 1);
#endif
}

/*
 * Whether the caller gets an error. One of the kernel's own is not for it: the call is made again, and may
 * succeed.
 */
static __always_inline bool call_failed(long result) {
        return result < 0 && result > -ERESTART_FIRST;
}

/*
 * Counts one that succeeded. With AT_EXECVE_CHECK nothing was executed; after an exec these registers are the
 * new program's, and 0.
 */
static __always_inline int call_returned(__s64 result, __u64 flags) {
        if (result == 0 && !(flags & AT_EXECVE_CHECK))
                returned_count();
        return 0;
}

#define NO_FLAGS 0
#if defined(__TARGET_ARCH_x86)
#define FLAGS REGISTER(r8)
#define COMPAT_FLAGS REGISTER(di)
#elif defined(__TARGET_ARCH_arm64)
#define FLAGS REGISTER(regs[4])
#define COMPAT_FLAGS REGISTER(regs[4])
#endif

#define FAILURE(section, name, call_read, flags)                                  \
        GUARDED_SYSCALL("fexit/" section, name) {                                 \
                const struct pt_regs *regs = (const struct pt_regs *) context[0]; \
                const __s64 result = (__s64) context[1];                          \
                struct exec_call call;                                            \
                                                                                  \
                if (!call_failed(result))                                         \
                        return call_returned(result, flags);                      \
                call = call_read(regs);                                           \
                return failure_record(&call, result);                             \
        }

FAILURE(CALL "execve", failed_execve, call_execve, NO_FLAGS)
FAILURE(CALL "execveat", failed_execveat, call_execveat, FLAGS)
FAILURE(COMPAT_CALL "execve", failed_cexecve, call_compat_execve, NO_FLAGS)
FAILURE(COMPAT_CALL "execveat", failed_cexecveat, call_compat_execveat, COMPAT_FLAGS)

/*
 * What the tracepoint at the end of a system call hands over, as tracefs says in events/syscalls/NAME/format;
 * it has never changed.
 */
struct syscall_exit {
        __u64 common;
        __s32 number;
        __u32 padding; /* anything */
        __s64 result;
};

/* For sys_exit_execveat, too. */
GUARDED_SYSCALL("tracepoint/syscalls/sys_exit_execve", failed_syscall) {
        const struct syscall_exit *exit = (const struct syscall_exit *) context;
        const struct pt_regs *regs;
        struct exec_call call;

        regs = (const struct pt_regs *) bpf_task_pt_regs(bpf_get_current_task_btf());
        if (!call_failed(exit->result))
                return call_returned(exit->result, exit->number == __NR_execveat ? FLAGS : 0);
        call = exit->number == __NR_execveat ? call_execveat(regs) : call_execve(regs);
        return failure_record(&call, exit->result);
}

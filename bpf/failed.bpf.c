/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */

/*
 * Execs that failed, which never reach sched_process_exec. An object of its own, because each of its two ways
 * may be refused where the rest is not:
 *
 * - trampolines at the end of the system calls, 32-bit ones included, which cost no other system call
 *   anything;
 * - the tracepoints at the end of execve and execveat, which slow every system call of the machine, and which
 *   32-bit callers pass by. Those at the beginning would slow them some more, and tell nothing: a call that
 *   failed has left its registers as they were.
 *
 * Filename and arguments are read from the caller's memory, as it is when the call has failed: another thread
 * may have changed them, and what was never touched can't be read. The record says so (EXEC_FLAG_UNREAD).
 */

#include <asm/unistd.h>
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/level.bpf.h"

#if !HAVE_TASK_BTF
#define TASK_PROBED
#endif
#include "bpf/parts.bpf.h"
#include "bpf/record.h"
#include "bpf/syscall-types.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define AT_FDCWD -100
#define ENOENT 2

/* Steps of reading the arguments: one for each, and one more for every page of a long one. */
#define ARGV_STEPS_MAX 8192
#define ARGV_STAGE_STEPS 32 /* without bpf_loop(), see PATH_STAGE_STEPS */
#define ARGV_COMPLETE (1ULL << 32)
#define ARGV_UNREAD (1ULL << 33)
#define ARGV_UNFINISHED (1ULL << 34)

/* What the caller gave. */
struct call {
        __u64 filename; /* address */
        __u64 argv; /* address of an array of addresses */
        __s32 dirfd; /* AT_FDCWD: none */
        __u32 compat; /* a 32-bit call: addresses of four bytes */
};

struct argv_walk {
        struct exec_slot *slot;
        __u64 argv;
        __u64 string; /* where the rest of a long argument is; 0: at the next argument */
        __u64 offset; /* of the arguments in the record's `data` */
        __u64 used;
        __u32 compat;
        __u32 unread;
        __u64 complete;
};

/* bpf_probe_read_user_str(), which up to 6.12 at least says 0 of an empty string and not 1, the NUL. */
static __always_inline long user_string_read(char *destination, __u32 size, __u64 source) {
        long n = bpf_probe_read_user_str(destination, size, (const void *) source);

        if (n != 0)
                return n;
        *destination = '\0';
        return 1;
}

/* One argument, or one page of it. Returns 1 when there is nothing more to be done. */
static long argv_step(__u32 index, struct argv_walk *w) {
        struct exec_slot *slot = w->slot;
        __u64 string = w->string, position;
        long n;

        if (string == 0) {
                n = w->compat ? bpf_probe_read_user(&string, 4, (const void *) w->argv)
                              : bpf_probe_read_user(&string, 8, (const void *) w->argv);
                if (n < 0)
                        goto unread;
                if (string == 0) {
                        w->complete = 1;
                        return 1;
                }
                w->argv += w->compat ? 4 : 8;
        }

        position = w->offset + w->used;
        barrier_var(position);
        if (w->used >= settings.args_max || w->used >= slot->args_limit ||
                position > EXEC_ARGS_OFFSET_MAX + settings.args_max)
                return 1;
        n = user_string_read(slot->record.data + position, EXEC_PAGE_SIZE, string);
        if (n <= 0 || n > EXEC_PAGE_SIZE)
                goto unread;
        if (n == EXEC_PAGE_SIZE) {
                /* Cut, or ended there by chance: the next step tells. Its NUL is not the argument's. */
                w->string = string + EXEC_PAGE_SIZE - 1;
                n = EXEC_PAGE_SIZE - 1;
        } else
                w->string = 0;
        w->used = forget(&slot->forgotten, w->used + (__u64) n);
        return 0;

unread:
        w->unread = 1;
        return 1;
}

static __always_inline __u64 argv_walk_result(const struct argv_walk *walk) {
        return walk->used | (walk->complete ? ARGV_COMPLETE : 0) | (walk->unread ? ARGV_UNREAD : 0);
}

#if HAVE_LOOP
/*
 * Writes the arguments whose array of addresses is at `argv` to the slot's `data` + `offset`. Returns how
 * many bytes were written, with ARGV_COMPLETE when that is all of them, with ARGV_UNREAD when it is not
 * because memory could not be read.
 *
 * A global function, so that the verifier walks it once; see path_capture().
 */
__noinline __u64 argv_capture(__u64 offset, __u64 argv, __u64 compat) {
        struct argv_walk walk = {
                .slot = slot_get(),
                .argv = argv,
                .offset = offset,
                .compat = (__u32) compat,
        };

        if (argv == 0)
                return ARGV_COMPLETE;
        if (!walk.slot)
                return ARGV_UNREAD;
        bpf_loop(ARGV_STEPS_MAX, argv_step, &walk, 0);
        return argv_walk_result(&walk);
}
#else
/*
 * Some steps from the slot's place on. Returns how many bytes there are now, with ARGV_UNFINISHED or what it
 * came to.
 */
__noinline __u64 argv_stage(__u64 offset, __u64 used, __u64 compat) {
        struct exec_slot *slot = slot_get();
        struct argv_walk walk = {
                .slot = slot,
                .offset = offset,
                .used = used,
                .compat = (__u32) compat,
        };

        if (!slot)
                return ARGV_UNREAD;
        walk.argv = slot->place[0];
        walk.string = slot->place[1];
        for (__u32 i = 0; i < ARGV_STAGE_STEPS; i++)
                if (argv_step(i, &walk))
                        return argv_walk_result(&walk);
        slot->place[0] = walk.argv;
        slot->place[1] = walk.string;
        return walk.used | ARGV_UNFINISHED;
}

/* As above. */
__noinline __u64 argv_capture(__u64 offset, __u64 argv, __u64 compat) {
        struct exec_slot *slot = slot_get();
        __u64 n = 0;

        if (argv == 0)
                return ARGV_COMPLETE;
        if (!slot)
                return ARGV_UNREAD;
        slot->place[0] = argv;
        slot->place[1] = 0;
        for (int i = 0; i < ARGV_STEPS_MAX / ARGV_STAGE_STEPS; i++) {
                n = argv_stage(offset, n & ~ARGV_UNFINISHED, compat);
                if (!(n & ARGV_UNFINISHED))
                        break;
        }
        return n;
}
#endif

/* The arguments from their front, as many as are kept. */
static __always_inline __u64 failed_args(struct exec_slot *slot, const struct call *call, __u64 offset) {
        struct exec_record *r = &slot->record;
        __u64 n = argv_capture(offset, call->argv, call->compat);
        __u64 used = (__u32) n;

        if (used > slot->args_limit) {
                used = slot->args_limit;
                n &= ~ARGV_COMPLETE;
        }
        if (!(n & ARGV_COMPLETE))
                r->partial |= EXEC_PARTIAL_ARGS;
        if (n & ARGV_UNREAD)
                r->flags |= EXEC_FLAG_UNREAD;
        r->args_total = r->args_head = (__u32) used;
        return used;
}

static __always_inline __u64 failed_filename(struct exec_slot *slot, const struct call *call, __u64 offset) {
        const __u32 limit = pressure_path_limit(slot);
        struct exec_record *r = &slot->record;
        char *filename;
        long n;

        /* Can't happen; the verifier wants to be shown. */
        if (offset > EXEC_EXTRAS_SIZE)
                return 0;
        filename = r->data + offset;
        n = user_string_read(filename, limit, call->filename);
        if (n <= 0 || n > EXEC_PATH_SIZE) {
                r->partial |= EXEC_PARTIAL_FILENAME;
                return 0;
        }
        if (n == limit && limit < EXEC_PATH_SIZE)
                r->partial |= EXEC_PARTIAL_FILENAME;
        if (call->dirfd != AT_FDCWD && filename[0] != '/')
                r->flags |= EXEC_FLAG_FD;
        r->filename_len = (__u16) (n - 1);
        return (__u64) (n - 1);
}

static __always_inline __u64 failed_fill(struct exec_slot *slot, struct exec_counters *counts,
        struct task_struct *task, const struct task_refs *refs, const struct call *call, __u32 error) {
        struct exec_record *r = &slot->record;
        __u64 size = 0;

        r->abi = EXEC_RECORD_ABI;
        r->kind = EXEC_RECORD_FAILED;
        r->time_ns = bpf_ktime_get_boot_ns();
        r->partial = 0;
        r->flags = call->compat ? EXEC_FLAG_COMPAT : 0;
        r->error = (__u16) error;
        r->extras = 0;
        r->filename_len = 0;
        r->exe_len = 0;
        r->tty_len = 0;
        r->args_tail = 0;
        r->dirfd = call->dirfd;
        r->env_head = 0;
        if (TASK_READ(task, pid) != TASK_READ(task, tgid))
                r->flags |= EXEC_FLAG_THREAD;
        __builtin_memset(r->comm, 0, sizeof(r->comm));
        bpf_get_current_comm(r->comm, sizeof(r->comm));
        task_fill_ids(r, task, refs);

        size += fill_ancestor(r, refs);
        size += failed_filename(slot, call, size);
        size += fill_cwd(slot, counts, refs, size);
        size += fill_tty(r, refs, size);
        size += failed_args(slot, call, size);
        return size + sizeof(*r);
}

/*
 * Whether there is room for failures: those of a search through PATH make way when half of the ring is in
 * use.
 */
static __always_inline bool failed_has_room(__u32 error) {
        __u64 size = bpf_ringbuf_query(&events, BPF_RB_RING_SIZE);
        __u64 used = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA);

        return error == ENOENT ? used < size / 2 : used < size - size / 8;
}

static __always_inline struct task_struct *current_task(void) {
        if (HAVE_TASK_BTF)
                return UNTRUSTED(struct task_struct, bpf_get_current_task_btf());
        return (void *) bpf_get_current_task();
}

/* `result` is what the call came to, a negative error. */
static __always_inline int failed_record(const struct call *call, __s64 result) {
        struct exec_counters *counts = counters_get();
        struct task_struct *task = current_task();
        struct task_refs refs;
        struct exec_slot *slot;
        __u64 seq;

        if (!counts || !turn_is_ours_failed(counts) || !record_wanted(task, &refs))
                return 0;

        seq = sequence_next();
        if (!failed_has_room((__u32) -result)) {
                lost_count(counts, EXEC_LOST_FAILED, seq);
                return 0;
        }
        slot = slot_take(counts, seq);
        if (!slot)
                return 0;
        record_send(slot, counts, failed_fill(slot, counts, task, &refs, call, (__u32) -result));
        slot_put(slot);
        return 0;
}

/*
 * The registers that the system call under way was made with. The result does not overwrite them: it has a
 * register of its own or, on arm64, the first argument has a second one.
 *
 * Before 5.17 they are looked for at the top of the task's stack, as task_pt_regs() in the kernel does: the
 * helper came with 5.15. The BTF of 5.10 does not say what __x64_sys_execveat() takes, and what it does not
 * say no program may have.
 */
static __always_inline const struct pt_regs *call_registers(void) {
#if HAVE_TASK_BTF
        return (const struct pt_regs *) bpf_task_pt_regs(bpf_get_current_task_btf());
#else
        struct task_struct *task = current_task();

        return BPF_CORE_READ(task, stack) + KERNEL_STACK_SIZE - bpf_core_type_size(struct pt_regs);
#endif
}

/* What the kernel calls its system calls, and the members of a struct call, of `regs`. */
#define REGISTER(name) BPF_CORE_READ(regs, name)
#if defined(__TARGET_ARCH_x86)
#define CALL "__x64_sys_"
#define COMPAT_CALL "__ia32_compat_sys_"
#define EXECVE REGISTER(di), REGISTER(si), AT_FDCWD, 0
#define EXECVEAT REGISTER(si), REGISTER(dx), (__s32) REGISTER(di), 0
#define COMPAT_EXECVE (__u32) REGISTER(bx), (__u32) REGISTER(cx), AT_FDCWD, 1
#define COMPAT_EXECVEAT (__u32) REGISTER(cx), (__u32) REGISTER(dx), (__s32) REGISTER(bx), 1
#elif defined(__TARGET_ARCH_arm64)
#define CALL "__arm64_sys_"
#define COMPAT_CALL "__arm64_compat_sys_"
#define EXECVE REGISTER(orig_x0), REGISTER(regs[1]), AT_FDCWD, 0
#define EXECVEAT REGISTER(regs[1]), REGISTER(regs[2]), (__s32) REGISTER(orig_x0), 0
#define COMPAT_EXECVE (__u32) REGISTER(orig_x0), (__u32) REGISTER(regs[1]), AT_FDCWD, 1
#define COMPAT_EXECVEAT (__u32) REGISTER(regs[1]), (__u32) REGISTER(regs[2]), (__s32) REGISTER(orig_x0), 1
#endif

#define FEXIT(section, name, ...)                                     \
        SEC("fexit/" section)                                         \
        int BPF_PROG(name, const struct pt_regs *regs, long result) { \
                struct call call;                                     \
                                                                      \
                if (result >= 0)                                      \
                        return 0;                                     \
                if (!HAVE_TASK_BTF)                                   \
                        regs = call_registers();                      \
                call = (struct call){ __VA_ARGS__ };                  \
                return failed_record(&call, result);                  \
        }

FEXIT(CALL "execve", fexit_execve, EXECVE)
FEXIT(CALL "execveat", fexit_execveat, EXECVEAT)
FEXIT(COMPAT_CALL "execve", fexit_compat_execve, COMPAT_EXECVE)
FEXIT(COMPAT_CALL "execveat", fexit_compat_execveat, COMPAT_EXECVEAT)

static __always_inline int call_exit(const struct syscall_exit *context) {
        const struct pt_regs *regs;
        struct call call;

        if (context->result >= 0)
                return 0;
        regs = call_registers();
        if (context->number == __NR_execveat)
                call = (struct call){ EXECVEAT };
        else
                call = (struct call){ EXECVE };
        return failed_record(&call, context->result);
}

SEC("tracepoint/syscalls/sys_exit_execve")
int exit_execve(const struct syscall_exit *context) {
        return call_exit(context);
}

SEC("tracepoint/syscalls/sys_exit_execveat")
int exit_execveat(const struct syscall_exit *context) {
        return call_exit(context);
}

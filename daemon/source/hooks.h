/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/cleanup.h"

/*
 * The programs that are attached to the kernel. Each hook has a program that does nothing but tail-call the
 * program in an array. A new set of programs takes over from the old one by a store into these arrays, and
 * each event is handled entirely by one of the two. The hooks stay attached when another process of the
 * daemon takes over, whatever its version.
 *
 * While a task is preempted inside of an attached program, the kernel skips that program for all other tasks
 * on the CPU, and counts how often. A copy of the hook of sched_process_exec, attached after the first one,
 * has a recursion guard of its own: it calls a program that records what the first hook was skipped for. A
 * copy of the hook of task_rename calls the same program as the first one.
 *
 * The recursion guard of the kernel is that of the attached program. It does not keep the program that is
 * called from being entered twice on a CPU. But that program may have only one stack frame for each CPU
 * (since Linux 6.13, see bpf/guard.bpf.h). The second entry would overwrite the frame of the first, and crash
 * the kernel. So there is one hook of each kind, and there are copies only if the programs that they call are
 * guarded against preemption. Tracepoints of system calls are different: while one is entered on a CPU
 * (bpf_prog_active), the kernel enters no other there.
 */
typedef struct Hooks Hooks;

typedef enum HookKind {
        HOOK_EXEC, /* sched_process_exec */
        HOOK_EXEC_COPY, /* sched_process_exec, after the first; can be attached several times */
        HOOK_RENAME, /* task_rename */
        HOOK_RENAME_COPY, /* task_rename, after the first; can be attached several times */
        HOOK_EXIT, /* sched_process_exit */
        HOOK_CGROUP_MADE, /* cgroup_mkdir */
        HOOK_CGROUP_GONE, /* cgroup_rmdir */
        HOOK_EXECVE, /* trampolines at the end of system calls */
        HOOK_EXECVEAT,
        HOOK_COMPAT_EXECVE,
        HOOK_COMPAT_EXECVEAT,
        HOOK_SYSCALL_EXECVE, /* tracepoints at the end of system calls */
        HOOK_SYSCALL_EXECVEAT,
        _HOOK_KIND_MAX,
} HookKind;

/* The maximum number of hooks of a kind of copies. */
#define HOOK_COPIES_MAX 8

/* Returns the name of the kind, such as "hook_exec". Names are the same in every version. */
const char *hook_kind_to_string(HookKind kind);

/* The maximum number of descriptors of a kind: the array, and a program and a link for each attached hook. */
#define HOOK_FDS_MAX (1 + 2 * HOOK_COPIES_MAX)

/* Creates a set of hooks, none of which is attached. Returns 0 or -ENOMEM. */
int hooks_new(Hooks **ret);

/*
 * Closes all descriptors. Hooks stay attached if their descriptors are also held elsewhere, such as in the
 * service manager's descriptor store.
 */
Hooks *hooks_free(Hooks *hooks);
DEFINE_POINTER_CLEANUP(Hooks *, hooks_free);

/*
 * hooks_adopt() adds a duplicate of a descriptor that another process got from hooks_fds(). The order of the
 * calls does not matter. Returns 0, -EBADMSG when it is not the descriptor of a hook or there are too many,
 * or the error with which it could not be examined or duplicated.
 *
 * hooks_adopted() must be called after the last of them. It drops hooks of which a descriptor is missing.
 * Returns true when the hooks that every process has are attached; otherwise detaches all hooks.
 */
int hooks_adopt(Hooks *hooks, int fd);
bool hooks_adopted(Hooks *hooks);

/*
 * Attaches a hook of this kind, or one more if it is a kind of copies. The hook can call programs of the type
 * of `program_fd`, but calls none before hooks_call(), unless there is a copy already. Returns 0; -E2BIG when
 * there are HOOK_COPIES_MAX copies, or one hook of another kind; or the error with which the kernel refused
 * it.
 */
int hooks_attach(Hooks *hooks, HookKind kind, int program_fd);

/* Returns the number of attached hooks of this kind. */
size_t hooks_count(const Hooks *hooks, HookKind kind);

/*
 * Makes the hooks of this kind call nothing, and closes their descriptors, which detaches those that are not
 * also held elsewhere.
 */
void hooks_detach(Hooks *hooks, HookKind kind);

/*
 * Makes the hooks of this kind call a program, or none if it is -EBADF. Returns 0, -ENOENT when there are no
 * hooks of this kind, or the error of bpf(2).
 */
int hooks_call(Hooks *hooks, HookKind kind, int program_fd);

/*
 * Writes to `ret` the descriptors of the hooks of this kind, beginning with hook number `first`. If that is
 * 0, the descriptor of the array is the first one. The hooks keep the descriptors. Returns their number.
 */
size_t hooks_fds(const Hooks *hooks, HookKind kind, size_t first, int ret[static HOOK_FDS_MAX]);

/*
 * Sets *ret to how often the kernel has skipped hook number `i` of this kind, which must be less than
 * hooks_count(). Returns 0 or the error of bpf(2).
 */
int hooks_misses(const Hooks *hooks, HookKind kind, size_t i, uint64_t *ret);

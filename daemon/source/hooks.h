/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/cleanup.h"

/*
 * What is attached to the kernel: on each hook a program that does nothing but call another one out of an
 * array. One set of programs takes over from another by a store into that array, which every event sees as a
 * whole, and the hooks stay attached from one process of the daemon to the next, whatever its version.
 *
 * The kernel skips a program for everybody else on a CPU while a task is preempted inside it, and counts
 * that. A copy of the hook of sched_process_exec, attached behind the first, has a guard of its own: it calls
 * a program that records what the first was skipped for. A copy of that of task_rename calls the same program
 * once more.
 *
 * What the kernel looks at is the program that is attached. Nobody sees to it that what the hooks call is
 * not entered twice on a CPU, but its frame may be one for each CPU (since 6.13, bpf/guard.bpf.h): the second
 * that enters would write into the frame of the first, and take down the kernel. So there is one hook of each
 * kind, and there are copies only where the programs that they call are guarded. Tracepoints of system calls
 * are different: while one is entered on a CPU (bpf_prog_active) the kernel enters no other there.
 */
typedef struct Hooks Hooks;

typedef enum HookKind {
        HOOK_EXEC, /* sched_process_exec */
        HOOK_EXEC_COPY, /* likewise, behind the first; may be attached several times */
        HOOK_RENAME, /* task_rename */
        HOOK_RENAME_COPY, /* likewise; may be attached several times */
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

/* Of a kind of copies that are attached at most. */
#define HOOK_COPIES_MAX 8

/* "hook_exec", ...: the same in every version. */
const char *hook_kind_to_string(HookKind kind);

/* Descriptors of one kind: the array, and of each that is attached a program and its link. */
#define HOOK_FDS_MAX (1 + 2 * HOOK_COPIES_MAX)

/* 0 or -ENOMEM. */
int hooks_new(Hooks **ret);

/* Detaches what nobody else holds. */
Hooks *hooks_free(Hooks *hooks);
DEFINE_POINTER_CLEANUP(Hooks *, hooks_free);

/*
 * Takes note of a descriptor of a hook of another process, in any order; keeps a duplicate of it. 0;
 * -EBADMSG: it is none; or what it could not be duplicated with. hooks_adopted(), after the last: drops those
 * that are not whole, and says whether the hooks that every process has are attached.
 */
int hooks_adopt(Hooks *hooks, int fd);
bool hooks_adopted(Hooks *hooks);

/*
 * Attaches a hook of that kind which calls programs like `program_fd`; of copies one more. 0; -E2BIG: there
 * are HOOK_COPIES_MAX, or one that is no copy; or what the kernel refused it with.
 */
int hooks_attach(Hooks *hooks, HookKind kind, int program_fd);
size_t hooks_count(const Hooks *hooks, HookKind kind);

/* Those of that kind call nothing any more; what nobody else holds is detached. */
void hooks_detach(Hooks *hooks, HookKind kind);

/* From here on the hooks of that kind call this program; -EBADF: none. 0, or what bpf(2) failed with. */
int hooks_call(Hooks *hooks, HookKind kind, int program_fd);

/*
 * The descriptors of all hooks of that kind from number `first` on, with the array's when that is 0; they
 * stay the hooks'. Returns how many.
 */
size_t hooks_fds(const Hooks *hooks, HookKind kind, size_t first, int ret[static HOOK_FDS_MAX]);

/* How often the kernel skipped number `i` of the hooks of that kind. 0 or what bpf(2) failed with. */
int hooks_misses(const Hooks *hooks, HookKind kind, size_t i, uint64_t *ret);

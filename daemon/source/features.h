/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

/*
 * What the kernel can do, as its type information (BTF) says it: distributions bring new functions to old
 * versions.
 */
typedef struct Features {
        bool recent; /* it has what every program of ours needs: Linux 6.1 */
        bool cast; /* bpf_rdonly_cast(): the programs for 6.2 (bpf/level.bpf.h) */
        bool guard; /* programs can keep themselves from being preempted (bpf/guard.bpf.h) */
        bool tracepoints_preempt; /* a task can be preempted inside of a program at a tracepoint: since 7.0 */
        bool ring_sleeps; /* on a PREEMPT_RT kernel: the ring's lock may sleep, where programs must not */
        bool execve, execveat; /* the kernel's functions of these system calls, by the names that we know */
        bool compat_execve, compat_execveat; /* ... of 32-bit callers */
} Features;

/* 0, or what the information could not be read with. */
int features_find(Features *ret);

/*
 * Returns -EPERM or -EACCES when the kernel or an LSM refuses every trampoline (fentry, fexit), 0 otherwise,
 * also where it refuses that of a certain function.
 */
int feature_trampolines(void);

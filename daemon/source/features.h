/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

/*
 * The features of the running kernel, mostly as found in its type information (BTF), because distributions
 * backport functions to old versions.
 */
typedef struct Features {
        bool recent; /* has what all our programs need: Linux 6.1 */
        bool cast; /* has bpf_rdonly_cast(), for the programs of level 6.2 (bpf/level.bpf.h) */
        bool guard; /* programs can disable preemption (bpf/guard.bpf.h) */
        bool tracepoints_preempt; /* programs at tracepoints can be preempted: since 7.0 */
        bool ring_sleeps; /* PREEMPT_RT: the lock of the ring may sleep, which programs must not */
        bool execve, execveat; /* has the functions of these system calls, by the names that we know */
        bool compat_execve, compat_execveat; /* has those for 32-bit callers */
} Features;

/*
 * Finds the features. Returns 0 and sets *ret, or returns the negative errno with which BTF could not be
 * read.
 */
int features_find(Features *ret);

/*
 * Returns -EPERM or -EACCES when the kernel or an LSM refuses every trampoline (fentry, fexit), and 0
 * otherwise, even if it would refuse that of a certain function.
 */
int feature_trampolines(void);

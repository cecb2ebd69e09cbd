/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * What the kernel can do. The programs are built once for each of these levels, and the daemon loads those
 * for the highest that the kernel's BTF has the functions for: a constant here, so that no program holds
 * anything that its kernel would refuse.
 *
 *    6.1   what every kernel has that we run on
 *    6.2   bpf_rdonly_cast()
 *    6.14  bpf_local_irq_save(): hooks of system calls are guarded (guard.bpf.h)
 *    7.0   tracepoints that can be preempted: their hooks are guarded, too
 */

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* KERNEL_LEVEL, from the build: 1000 * major + minor. */
#define HAVE_CAST (KERNEL_LEVEL >= 6002)
#define HAVE_GUARD (KERNEL_LEVEL >= 6014)
#define HAVE_PREEMPTED_TRACEPOINTS (KERNEL_LEVEL >= 7000)

/* Makes a pointer to that type of a number. Loads by way of it give 0 where nothing is mapped. */
extern void *bpf_rdonly_cast(const void *object, __u32 type_id) __ksym;

#define CAST(type, address) \
        ((type *) bpf_rdonly_cast((const void *) (address), bpf_core_type_id_kernel(type)))

/*
 * A field of what is at an address, by a plain load where that can be had: a helper takes some 10 ns a call.
 */
#if HAVE_CAST
#define PEEK(type, address, field) (CAST(type, address)->field)
#else
#define PEEK(type, address, field)                 \
        ({                                         \
                type *peeked = (type *) (address); \
                                                   \
                BPF_CORE_READ(peeked, field);      \
        })
#endif

/*
 * A pointer from the kernel, which the verifier trusts no more. For each one that is loaded by way of one
 * that it trusts it searches all types of the kernel, four times, whether that can be trusted, too.
 */
#if HAVE_CAST
#define UNTRUSTED(type, pointer) CAST(type, pointer)
#else
#define UNTRUSTED(type, pointer) (pointer)
#endif

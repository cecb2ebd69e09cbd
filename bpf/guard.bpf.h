/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * Keeps a program from being preempted. While a task is preempted inside a program, the kernel passes the
 * program by for every other task on that CPU, and tells nobody. Tracepoints could be preempted from Linux
 * 7.0 on (a46023d5616e), trampolines could always where the kernel itself can be.
 *
 * A reschedule that was asked for meanwhile is to happen behind the program's end, not within guard_leave(),
 * which would be inside the program still: hence the interrupts, off while preemption is allowed again. What
 * remains are the instructions before guard_enter() and behind guard_leave().
 */

#include "bpf/level.bpf.h"
#include "bpf/maps.bpf.h"

#if HAVE_GUARD

/*
 * Not weak: where the kernel lacks one, libbpf looks for it in the types of modules, which takes
 * CAP_SYS_ADMIN, and fails without. Kernels that have none of these get programs built without them.
 */
extern void bpf_preempt_disable(void) __ksym; /* 6.10 */
extern void bpf_preempt_enable(void) __ksym;
extern void bpf_local_irq_save(unsigned long *flags) __ksym; /* 6.14 */
extern void bpf_local_irq_restore(unsigned long *flags) __ksym;

/*
 * To be called first thing in a program, and guard_leave() last, on each way out. `where` is one of the
 * bits of settings.guard.
 */
static __always_inline void guard_enter(__u32 where) {
        if (settings.guard & where)
                bpf_preempt_disable();
}

static __always_inline void guard_leave(__u32 where) {
        unsigned long flags;

        if (!(settings.guard & where))
                return;
        bpf_local_irq_save(&flags);
        bpf_preempt_enable();
        bpf_local_irq_restore(&flags);
}

#else

static __always_inline void guard_enter(__u32 where) {
}

static __always_inline void guard_leave(__u32 where) {
}

#endif

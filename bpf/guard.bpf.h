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

#include "bpf/maps.bpf.h"

extern void bpf_preempt_disable(void) __ksym __weak; /* 6.10 */
extern void bpf_preempt_enable(void) __ksym __weak;
extern void bpf_local_irq_save(unsigned long *flags) __ksym __weak; /* 6.14 */
extern void bpf_local_irq_restore(unsigned long *flags) __ksym __weak;

/*
 * `where` is one of the bits of settings.guard. A constant for the verifier, which drops what is not called.
 */
static __always_inline bool guard_works(__u32 where) {
        return (settings.guard & where) && &bpf_preempt_disable && &bpf_preempt_enable &&
                &bpf_local_irq_save && &bpf_local_irq_restore;
}

/* To be called first thing in a program, and guard_leave() last, on each way out. */
static __always_inline void guard_enter(__u32 where) {
        if (guard_works(where))
                bpf_preempt_disable();
}

static __always_inline void guard_leave(__u32 where) {
        unsigned long flags;

        if (!guard_works(where))
                return;
        bpf_local_irq_save(&flags);
        bpf_preempt_enable();
        bpf_local_irq_restore(&flags);
}

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
 *
 * In those the program must not use its stack. Since 6.13 ("bpf, x86: Support private stack in jit") a
 * large frame of a program lies in memory of which each CPU has one, for the kernel passes the program by
 * when it is entered there a second time. But it looks at the program that is attached: where several hooks
 * call the same program (source/hooks.h), a task that was preempted inside of it and one that comes by
 * another hook have the same frame. So what a program does is in a function of its own, and nothing of it is
 * moved before the guard; tests/unit/guard.py looks at the instructions. Without the guard no two hooks call
 * the same program.
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

/*
 * Programs that are guarded as a whole, where that is needed. What follows the macro is what the program
 * does; `context` holds its arguments. A function of its own costs each exec some 15 %, so where there is
 * no guard it is part of the program.
 */
#define GUARDED_PROGRAM(section, name, where, kind)           \
        static kind int name##_guarded(const __u64 *context); \
                                                              \
        SEC(section)                                          \
        int name(const __u64 *context) {                      \
                guard_enter(where);                           \
                name##_guarded(context);                      \
                guard_leave(where);                           \
                return 0;                                     \
        }                                                     \
                                                              \
        static kind int name##_guarded(const __u64 *context)

#if HAVE_GUARD
#define GUARDED_SYSCALL(section, name) GUARDED_PROGRAM(section, name, EXEC_GUARD_SYSCALLS, __noinline)
#else
#define GUARDED_SYSCALL(section, name) GUARDED_PROGRAM(section, name, 0, __always_inline)
#endif

#if HAVE_PREEMPTED_TRACEPOINTS
#define GUARDED_TRACEPOINT(section, name) GUARDED_PROGRAM(section, name, EXEC_GUARD_TRACEPOINTS, __noinline)
#else
#define GUARDED_TRACEPOINT(section, name) GUARDED_PROGRAM(section, name, 0, __always_inline)
#endif

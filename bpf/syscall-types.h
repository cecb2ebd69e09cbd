/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/* The registers of a system call under way, and what the tracepoint at its end hands over. */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
        unsigned long bx, cx, dx, si, di;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
        __u64 regs[31];
        __u64 orig_x0; /* the first argument; regs[0] is the result in the end */
};
#endif

#pragma clang attribute pop

/* THREAD_SIZE: of x86-64 and of arm64 with pages of 4 KiB, without KASAN. */
#define KERNEL_STACK_SIZE 16384

/* The layout is what tracefs says in events/syscalls/NAME/format, and has never changed. */
struct syscall_exit {
        __u64 common;
        __s32 number;
        __u32 padding; /* anything */
        __s64 result;
};

/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/* The registers of a system call under way, and what its tracepoints hand over. */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
        unsigned long r10, r8, bx, cx, dx, si, di;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
        __u64 regs[31];
};
#endif

#pragma clang attribute pop

/* THREAD_SIZE: of x86-64 and of arm64 with pages of 4 KiB, without KASAN. */
#define KERNEL_STACK_SIZE 16384

/* The layout of these is what tracefs says in events/syscalls/NAME/format, and has never changed. */
struct syscall_enter {
        __u64 common;
        __s64 number;
        __u64 args[6];
};

struct syscall_exit {
        __u64 common;
        __s64 number;
        __s64 result;
};

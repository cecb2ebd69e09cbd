/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The 32-bit system calls of x86, made by a 64-bit program. */

#include "plan.h"

/* Numbers of arch/x86/entry/syscalls/syscall_32.tbl. */
#define COMPAT_EXECVE 11
#define COMPAT_EXECVEAT 358

static int compat_call(uint32_t number, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e) {
        int result;

        __asm__ volatile("int $0x80"
                         : "=a"(result)
                         : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                         : "memory", "r8", "r9", "r10", "r11");
        return result;
}

static uint32_t low(const void *pointer) {
        return (uint32_t) (uintptr_t) pointer;
}

int compat_execve(const char *path, const uint32_t *argv, const uint32_t *envp) {
        return compat_call(COMPAT_EXECVE, low(path), low(argv), low(envp), 0, 0);
}

int compat_execveat(int fd, const char *path, const uint32_t *argv, const uint32_t *envp, int flags) {
        return compat_call(COMPAT_EXECVEAT, (uint32_t) fd, low(path), low(argv), low(envp), (uint32_t) flags);
}

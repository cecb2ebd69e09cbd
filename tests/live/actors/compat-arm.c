/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The 32-bit system calls of arm64, which only a 32-bit program can make: caller is built a second time, for
 * arm, and these are its own system calls.
 */

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plan.h"

_Static_assert(sizeof(void *) == sizeof(uint32_t), "it is for 32-bit programs");

int compat_execve(const char *path, const uint32_t *argv, const uint32_t *envp) {
        return syscall(SYS_execve, path, argv, envp) < 0 ? -errno : 0;
}

int compat_execveat(int fd, const char *path, const uint32_t *argv, const uint32_t *envp, int flags) {
        return syscall(SYS_execveat, fd, path, argv, envp, flags) < 0 ? -errno : 0;
}

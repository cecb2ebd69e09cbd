/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>

#include "plan.h"

int compat_execve(const char *path, const uint32_t *argv, const uint32_t *envp) {
        (void) path;
        (void) argv;
        (void) envp;
        return -ENOSYS;
}

int compat_execveat(int fd, const char *path, const uint32_t *argv, const uint32_t *envp, int flags) {
        (void) fd;
        (void) path;
        (void) argv;
        (void) envp;
        (void) flags;
        return -ENOSYS;
}

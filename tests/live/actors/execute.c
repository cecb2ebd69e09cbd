/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plan.h"

static int at_execute(int fd, const char *path, const struct job *job, int flags) {
        if (syscall(SYS_execveat, fd, path, job->argv, job->envp, flags) < 0)
                return -errno;
        return 0;
}

int job_execute(const struct job *job) {
        switch (job->way) {
        case WAY_EXECVE:
                return syscall(SYS_execve, job->path, job->argv, job->envp) < 0 ? -errno : 0;
        case WAY_EXECVEAT:
                return at_execute(AT_FDCWD, job->path, job, 0);
        case WAY_DIRFD:
                return at_execute(job->fd, strrchr(job->path, '/') + 1, job, 0);
        case WAY_FEXECVE:
        case WAY_MEMFD:
        case WAY_UNLINKED:
                return at_execute(job->fd, "", job, AT_EMPTY_PATH);
        case WAY_COMPAT:
                return compat_execve(job->path, job->low_argv, job->low_envp);
        case WAY_COMPAT_AT:
                return compat_execveat(AT_FDCWD, job->path, job->low_argv, job->low_envp, 0);
        default:
                return -EINVAL;
        }
}

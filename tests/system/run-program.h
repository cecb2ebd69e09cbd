/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <errno.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Runs a program to its end, with an empty environment. By vfork(): nothing is copied and nothing faults,
 * what it takes is the exec's. 0; -EIO: it could not be executed, or its end was no good one; or what
 * failed.
 */
static inline int run_program(const char *program, char *const argv[]) {
        char *const envp[] = { NULL };
        int status;
        pid_t pid;

        pid = vfork();
        if (pid < 0)
                return -errno;
        if (pid == 0) {
                execve(program, argv, envp);
                _exit(1);
        }
        if (waitpid(pid, &status, 0) < 0)
                return -errno;
        return status == 0 ? 0 : -EIO;
}

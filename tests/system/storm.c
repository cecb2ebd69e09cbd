/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * usage: storm PROGRAM COUNT
 *
 * Executes PROGRAM COUNT times, one after another and as fast as it can, each time with a number from 1 on as
 * its only argument.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int run(char *program, char *number) {
        char *const argv[] = { program, number, NULL };
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

int main(int argc, char *argv[]) {
        unsigned long count;
        char *end;

        if (argc != 3) {
                fprintf(stderr, "usage: storm PROGRAM COUNT\n");
                return 64;
        }
        errno = 0;
        count = strtoul(argv[2], &end, 10);
        if (errno != 0 || *end != '\0') {
                fprintf(stderr, "storm: not a number: %s\n", argv[2]);
                return 64;
        }

        for (unsigned long i = 1; i <= count; i++) {
                char number[32];
                int r;

                (void) snprintf(number, sizeof(number), "%lu", i);
                r = run(argv[1], number);
                if (r < 0) {
                        fprintf(stderr, "storm: %s %s: %s\n", argv[1], number, strerror(-r));
                        return 1;
                }
        }
        return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * forks COUNT: makes this many processes, which execute nothing and have no children; prints "forked",
 * waits for a line on standard input, lets all of them end and prints "ended". What the two moments
 * are apart in is forks, or exits, alone.
 */

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Returns when whoever holds the other end has closed it. */
static void wait_closed(int fd) {
        char byte;

        while (read(fd, &byte, 1) > 0)
                ;
}

int main(int argc, char *argv[]) {
        unsigned long count;
        int ends[2];
        char line[8];

        if (argc != 2 || pipe(ends) < 0)
                return 64;
        count = strtoul(argv[1], NULL, 10);
        for (unsigned long i = 0; i < count; i++) {
                pid_t pid = fork();

                if (pid < 0)
                        return 1;
                if (pid == 0) {
                        close(ends[1]);
                        wait_closed(ends[0]);
                        _exit(0);
                }
        }
        printf("forked\n");
        fflush(stdout);
        if (!fgets(line, sizeof(line), stdin))
                return 1;
        close(ends[1]);
        for (unsigned long i = 0; i < count; i++)
                if (wait(NULL) < 0)
                        return 1;
        printf("ended\n");
        return 0;
}

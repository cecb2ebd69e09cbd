/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * flooder COUNT PATH ARGUMENTS BYTES: executes PATH, which must fail, COUNT times and as fast as it
 * can, without a child. COUNT 0: until SIGTERM. Prints how often it failed.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARGUMENTS_MAX 1024
#define BYTES_MAX (128 * 1024 - 1)

static volatile sig_atomic_t stopped;

static void on_term(int number) {
        (void) number;
        stopped = 1;
}

int main(int argc, char *argv[]) {
        static char filler[BYTES_MAX + 1];
        char *given[ARGUMENTS_MAX + 2] = { NULL }, *const envp[] = { NULL };
        unsigned long count, arguments, bytes, failed = 0;

        if (argc != 5)
                return 64;
        count = strtoul(argv[1], NULL, 10);
        arguments = strtoul(argv[3], NULL, 10);
        bytes = strtoul(argv[4], NULL, 10);
        if (arguments > ARGUMENTS_MAX || bytes > BYTES_MAX)
                return 64;
        memset(filler, 'x', bytes);
        given[0] = argv[0];
        for (unsigned long i = 1; i <= arguments; i++)
                given[i] = filler;

        (void) signal(SIGTERM, on_term);
        if (write(STDOUT_FILENO, "runs\n", 5) != 5)
                return 1;
        while (!stopped && (count == 0 || failed < count)) {
                (void) execve(argv[2], given, envp);
                failed++;
        }
        printf("%lu\n", failed);
        return 0;
}

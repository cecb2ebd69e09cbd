/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * usage: storm COUNT WORKERS BYTES MARK PROGRAM
 *
 * Executes PROGRAM COUNT times, WORKERS at a time and as fast as it can, each time with three arguments of
 * BYTES bytes. The first begins with "MARK.N.", and N, from 1 on, says which of them it is. Prints how
 * many nanoseconds all of it took.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../system/run-program.h"

/* The kernel takes no argument that is longer. */
#define ARGUMENT_SIZE_MAX (128 * 1024)

typedef struct Storm {
        unsigned long count;
        unsigned long workers;
        unsigned long bytes;
        const char *mark;
        const char *program;
} Storm;

/* One worker's part: every number that is `first` more than a multiple of the number of workers. */
static int work(const Storm *storm, unsigned long first) {
        static char numbered[ARGUMENT_SIZE_MAX], filler[ARGUMENT_SIZE_MAX];
        char *const argv[] = { basename(storm->program), numbered, filler, filler, NULL };

        memset(filler, 'x', storm->bytes);
        for (unsigned long i = first; i <= storm->count; i += storm->workers) {
                int n, r;

                memset(numbered, 'x', storm->bytes);
                n = snprintf(numbered, storm->bytes + 1, "%s.%lu.", storm->mark, i);
                if (n < 0 || (unsigned long) n > storm->bytes)
                        return -EMSGSIZE;
                if ((unsigned long) n < storm->bytes)
                        numbered[n] = 'x';
                r = run_program(storm->program, argv);
                if (r < 0)
                        return r;
        }
        return 0;
}

static long long now_ns(void) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (long long) ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int blow(const Storm *storm) {
        int result = 0;

        for (unsigned long i = 1; i <= storm->workers; i++) {
                pid_t pid = fork();
                int r;

                if (pid < 0)
                        return -errno;
                if (pid > 0)
                        continue;
                r = work(storm, i);
                if (r < 0)
                        fprintf(stderr, "storm: %s: %s\n", storm->program, strerror(-r));
                _exit(r < 0 ? 1 : 0);
        }
        for (unsigned long i = 1; i <= storm->workers; i++) {
                int status;

                if (wait(&status) < 0)
                        return -errno;
                if (status != 0)
                        result = -EIO;
        }
        return result;
}

static int parse(const char *text, unsigned long max, unsigned long *ret) {
        char *end;

        errno = 0;
        *ret = strtoul(text, &end, 10);
        if (errno != 0 || end == text || *end != '\0' || *ret == 0 || *ret > max) {
                fprintf(stderr, "storm: not a number from 1 to %lu: %s\n", max, text);
                return -EINVAL;
        }
        return 0;
}

int main(int argc, char *argv[]) {
        Storm storm;
        long long begin;
        int r;

        if (argc != 6) {
                fprintf(stderr, "usage: storm COUNT WORKERS BYTES MARK PROGRAM\n");
                return 64;
        }
        if (parse(argv[1], 1UL << 30, &storm.count) < 0 || parse(argv[2], 1024, &storm.workers) < 0 ||
                parse(argv[3], ARGUMENT_SIZE_MAX - 1, &storm.bytes) < 0)
                return 64;
        storm.mark = argv[4];
        storm.program = argv[5];

        begin = now_ns();
        r = blow(&storm);
        if (r < 0) {
                fprintf(stderr, "storm: %s\n", strerror(-r));
                return 1;
        }
        printf("%lld\n", now_ns() - begin);
        return 0;
}

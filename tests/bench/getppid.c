/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * usage: getppid CALLS ROUNDS
 *
 * Makes the cheapest system call that there is CALLS times in each of ROUNDS rounds, and prints how many
 * nanoseconds one took in the best of them: what disturbs a round only makes it longer.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now_ns(void) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (double) ts.tv_sec * 1e9 + (double) ts.tv_nsec;
}

static double round_ns(unsigned long calls) {
        double begin = now_ns();

        for (unsigned long i = 0; i < calls; i++)
                (void) syscall(SYS_getppid);
        return (now_ns() - begin) / (double) calls;
}

static unsigned long parse(const char *text) {
        char *end;
        unsigned long value;

        errno = 0;
        value = strtoul(text, &end, 10);
        return errno == 0 && *end == '\0' ? value : 0;
}

int main(int argc, char *argv[]) {
        unsigned long calls = argc == 3 ? parse(argv[1]) : 0, rounds = argc == 3 ? parse(argv[2]) : 0;
        double best = 0;

        if (calls == 0 || rounds == 0) {
                fprintf(stderr, "usage: getppid CALLS ROUNDS\n");
                return 64;
        }
        for (unsigned long i = 0; i < rounds; i++) {
                double ns = round_ns(calls);

                if (i == 0 || ns < best)
                        best = ns;
        }
        printf("%.3f\n", best);
        return 0;
}

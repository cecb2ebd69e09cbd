/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * usage: storm PROGRAM COUNT [RATE]
 *
 * Executes PROGRAM COUNT times, one after another and as fast as it can, or no more than RATE in a second,
 * each time with a number from 1 on as its only argument.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run-program.h"

#define NSEC_PER_SEC 1000000000L

static unsigned long parse(const char *number) {
        unsigned long n;
        char *end;

        errno = 0;
        n = strtoul(number, &end, 10);
        if (errno != 0 || *end != '\0') {
                fprintf(stderr, "storm: not a number: %s\n", number);
                exit(64);
        }
        return n;
}

/* When number `i` is due. */
static struct timespec due(const struct timespec *begin, unsigned long i, unsigned long rate) {
        struct timespec t = *begin;

        t.tv_sec += (time_t) (i / rate);
        t.tv_nsec += (long) (i % rate * NSEC_PER_SEC / rate);
        if (t.tv_nsec >= NSEC_PER_SEC) {
                t.tv_sec++;
                t.tv_nsec -= NSEC_PER_SEC;
        }
        return t;
}

int main(int argc, char *argv[]) {
        unsigned long count, rate;
        struct timespec begin;

        if (argc != 3 && argc != 4) {
                fprintf(stderr, "usage: storm PROGRAM COUNT [RATE]\n");
                return 64;
        }
        count = parse(argv[2]);
        rate = argc == 4 ? parse(argv[3]) : 0;
        (void) clock_gettime(CLOCK_MONOTONIC, &begin);

        for (unsigned long i = 1; i <= count; i++) {
                char number[32];
                char *const arguments[] = { argv[1], number, NULL };
                int r;

                if (rate > 0) {
                        const struct timespec t = due(&begin, i, rate);

                        (void) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
                }

                (void) snprintf(number, sizeof(number), "%lu", i);
                r = run_program(argv[1], arguments);
                if (r < 0) {
                        fprintf(stderr, "storm: %s %s: %s\n", argv[1], number, strerror(-r));
                        return 1;
                }
        }
        return 0;
}

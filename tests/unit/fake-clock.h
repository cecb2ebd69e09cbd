/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A clock that stands still until a test moves it. The linker hands the daemon's own calls to it (--wrap). */

#include <stdint.h>
#include <time.h>

#define FAKE_CLOCK_TICK_NSEC 4000000 /* of the coarse clocks: a kernel of 250 Hz */

static uint64_t fake_clock_usec = 1000000;

/* The names are the linker's. */
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_getres(clockid_t clock, struct timespec *ret);

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret) {
        (void) clock;
        *ret = (struct timespec){ (time_t) (fake_clock_usec / 1000000),
                (long) (fake_clock_usec % 1000000) * 1000 };
        return 0;
}

int __wrap_clock_getres(clockid_t clock, struct timespec *ret) {
        (void) clock;
        *ret = (struct timespec){ 0, FAKE_CLOCK_TICK_NSEC };
        return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Two clocks that can't be read at once, and a process that is held up between one reading and the next. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "util/clock.h"

#define SECOND 1000000000LL
#define OFFSET (1700000000 * SECOND)
#define READINGS_MAX 32

/* How long the process is held up before each reading; the last of them before all that follow, too. */
static int64_t delays[READINGS_MAX];
static size_t n_delays, n_readings;
static int64_t boot_ns;

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret) {
        int64_t ns;

        assert_true(clock == CLOCK_REALTIME || clock == CLOCK_BOOTTIME);
        boot_ns += delays[n_readings < n_delays ? n_readings : n_delays - 1];
        n_readings++;
        ns = clock == CLOCK_REALTIME ? boot_ns + OFFSET : boot_ns;
        *ret = (struct timespec){ .tv_sec = ns / SECOND, .tv_nsec = ns % SECOND };
        return 0;
}

static void test_offset(void **state) {
        static const struct {
                size_t n;
                int64_t delays[8];
                size_t n_readings; /* that it takes */
                int64_t error_max;
        } table[] = {
                { 1, { 0 }, 3, 0 },
                { 1, { 30 }, 3, 15 },
                { 4, { 0, SECOND, 0, 20 }, 6, 10 }, /* before the other clock is read */
                { 4, { 0, 0, SECOND, 20 }, 6, 10 }, /* behind it */
                { 4, { SECOND, 20, 20, SECOND }, 3, 10 }, /* it does not matter before the first */
                { 7, { 0, SECOND, SECOND, 0, SECOND / 10, 0, 20 }, 9, 10 },
                { 1, { 1000000 }, 15, 500000 }, /* a machine that is this slow every time */
                { 5, { 0, SECOND, SECOND, 0, 1000000 }, 15, 500000 },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
                int64_t offset;

                n_readings = 0;
                n_delays = table[i].n;
                for (size_t k = 0; k < n_delays; k++)
                        delays[k] = table[i].delays[k];
                boot_ns = 1000 * SECOND + 123;
                offset = clock_offset_ns();
                assert_int_equal(n_readings, table[i].n_readings);
                assert_in_range(offset - OFFSET + table[i].error_max, 0, 2 * table[i].error_max);
        }
}

static void test_usec(void **state) {
        static const struct {
                uint64_t boottime_ns;
                int64_t offset_ns;
                uint64_t usec;
        } table[] = {
                { 0, 0, 0 },
                { 999, 0, 0 },
                { 1000, 0, 1 },
                { 5 * SECOND, OFFSET, 1700000005000000 },
                { 5 * SECOND, -2 * SECOND, 3000000 },
                { 5 * SECOND, -5 * SECOND, 0 },
                { 5 * SECOND, -6 * SECOND, 0 }, /* before the epoch */
                { 0, INT64_MIN, 0 },
                { UINT64_MAX, 0, UINT64_MAX / 1000 },
                { UINT64_MAX, 1, UINT64_MAX / 1000 },
                { UINT64_MAX, INT64_MAX, UINT64_MAX / 1000 },
                { UINT64_MAX, INT64_MIN, ((uint64_t) INT64_MAX) / 1000 },
                { 1ULL << 63, INT64_MIN, 0 },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
                assert_int_equal(clock_usec_of(table[i].boottime_ns, table[i].offset_ns), table[i].usec);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_offset),
                cmocka_unit_test(test_usec),
        };

        return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What hooks were skipped for, from counts that a machine could have come to in the middle of anything. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "source/maps.h"
#include "source/skipped.h"

#define CPUS 3
#define LATER SKIPPED_DELAY_NS

static struct exec_counters counters;
static struct exec_cpu cpus[CPUS];
static uint64_t misses[_HOOK_KIND_MAX];
static int misses_error;
static Counts counts;

size_t hooks_count(const Hooks *hooks, HookKind kind) {
        (void) hooks;
        return kind == HOOK_EXEC || kind == HOOK_EXECVE || kind == HOOK_COMPAT_EXECVE;
}

int hooks_misses(const Hooks *hooks, HookKind kind, size_t i, uint64_t *ret) {
        (void) hooks;
        assert_int_equal(i, 0);
        if (misses_error < 0)
                return misses_error;
        *ret = misses[kind];
        return 0;
}

void *maps_view(int fd, size_t size) {
        (void) fd;
        return size == sizeof(counters) ? (void *) &counters : (void *) cpus;
}

static int setup(void **state) {
        static Skipped skipped;

        memset(&counters, 0, sizeof(counters));
        memset(cpus, 0, sizeof(cpus));
        memset(misses, 0, sizeof(misses));
        misses_error = 0;
        assert_int_equal(counts_map(&counts, 3, 4, CPUS), 0);
        skipped = (Skipped){ .counts = &counts, .failures = true };
        *state = &skipped;
        return 0;
}

static void test_execs(void **state) {
        Skipped *skipped = *state;

        misses[HOOK_EXEC] = 7;
        cpus[0].recovered = 2;
        cpus[2].recovered = 3;
        /* Nothing is known of them yet: copies are given the time. */
        assert_int_equal(skipped_count(skipped, LATER, false), 0);
        cpus[1].recovered = 1;
        misses[HOOK_EXEC] = 9;
        assert_int_equal(skipped_count(skipped, LATER + 1, false), 1);
        assert_int_equal(skipped_count(skipped, 2 * LATER, false), 1);
        assert_int_equal(skipped_count(skipped, 3 * LATER, false), 3);
        misses[HOOK_EXEC] = 10;
        assert_int_equal(skipped_count(skipped, 3 * LATER, true), 4);
}

/* 1000 calls: 600 that succeeded, 5 of those skipped at the end; 400 that failed, 7 of those skipped. */
static void run_calls(void) {
        cpus[0].executed += 500;
        cpus[1].executed_compat += 98;
        misses[HOOK_EXEC] += 2;
        cpus[2].recovered += 2;
        cpus[1].returned += 595;
        misses[HOOK_EXECVE] += 8;
        misses[HOOK_COMPAT_EXECVE] += 4;
}

static void test_failures(void **state) {
        Skipped *skipped = *state;

        run_calls();
        assert_int_equal(skipped_count(skipped, LATER, false), 7);
        run_calls();
        assert_int_equal(skipped_count(skipped, LATER + 1, false), 7);
        assert_int_equal(skipped_count(skipped, 2 * LATER, false), 14);
}

static void test_failures_of_native_programs(void **state) {
        Skipped *skipped = *state;

        skipped->native = true;
        run_calls();
        cpus[1].returned -= 98;
        assert_int_equal(skipped_count(skipped, LATER, false), 7);
}

static void test_calls_under_way(void **state) {
        Skipped *skipped = *state;

        run_calls();
        cpus[0].executed += 3;
        assert_int_equal(skipped_count(skipped, LATER, false), 4);
        cpus[0].executed += 3;
        assert_int_equal(skipped_count(skipped, 2 * LATER, false), 4);
        /* They have come to their end: four were seen, two were not. */
        cpus[0].returned += 4;
        misses[HOOK_EXECVE] += 2;
        assert_int_equal(skipped_count(skipped, 3 * LATER, false), 7);
}

static void test_hooks_that_begin(void **state) {
        Skipped *skipped = *state;

        run_calls();
        assert_int_equal(skipped_count(skipped, LATER, true), 7);
        /* Without failures nothing is counted of them, but by the hooks of sched_process_exec. */
        cpus[0].executed += 50;
        misses[HOOK_EXECVE] = misses[HOOK_COMPAT_EXECVE] = 0;
        skipped_begin_failures(skipped);
        assert_int_equal(skipped_count(skipped, 2 * LATER, false), 7);
        run_calls();
        assert_int_equal(skipped_count(skipped, 3 * LATER, false), 14);
}

static void test_hooks_that_are_attached_anew(void **state) {
        Skipped *skipped = *state;

        run_calls();
        memset(misses, 0, sizeof(misses));
        skipped_set(skipped, 42);
        assert_int_equal(skipped_count(skipped, LATER, true), 42);
        run_calls();
        misses[HOOK_EXEC]++;
        cpus[0].executed--;
        assert_int_equal(skipped_count(skipped, 2 * LATER, true), 42 + 7 + 1);
}

/* The next process of the daemon takes over hooks and counts, and has read nothing yet. */
static void test_next_process(void **state) {
        Skipped *skipped = *state, next = *skipped;

        run_calls();
        misses[HOOK_EXEC] += 5;
        cpus[0].executed -= 5;
        assert_int_equal(skipped_count(skipped, LATER, true), 12);
        assert_int_equal(skipped_count(&next, 2 * LATER, false), 12);
        assert_int_equal(skipped_count(&next, 3 * LATER, false), 12);
        misses_error = -EBADF;
        assert_int_equal(skipped_count(&next, 4 * LATER, false), 12);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_execs, setup),
                cmocka_unit_test_setup(test_failures, setup),
                cmocka_unit_test_setup(test_failures_of_native_programs, setup),
                cmocka_unit_test_setup(test_calls_under_way, setup),
                cmocka_unit_test_setup(test_hooks_that_begin, setup),
                cmocka_unit_test_setup(test_hooks_that_are_attached_anew, setup),
                cmocka_unit_test_setup(test_next_process, setup),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

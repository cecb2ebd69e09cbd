/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-clock.h"
#include "redact/budget.h"

#define LIMIT_USEC 10000U
#define LIMIT_NS (LIMIT_USEC * 1000U)

/* Works for so long, reading the clock every step; whether the time was up before that. */
static bool work(Budget *budget, uint64_t usec) {
        for (uint64_t i = 0; i < usec; i += 10) {
                fake_clock_usec += 10;
                if (budget_spend(budget, BUDGET_QUANTUM))
                        return true;
        }
        return false;
}

/* Less work than a quantum never reads the clock, so that no time can be up. */
static void test_small(void **state) {
        Budget budget = budget_new(0, 10);

        (void) state;
        for (size_t i = 0; i < 10; i++) {
                budget_begin(&budget, 1);
                fake_clock_usec += 1000000;
                assert_false(budget_spend(&budget, BUDGET_QUANTUM / 16));
        }
        assert_int_equal(budget.deadline_ns, 0);
}

/* One text alone has all of it. */
static void test_one(void **state) {
        Budget budget = budget_new(LIMIT_NS, 100);

        (void) state;
        budget_begin(&budget, 100);
        assert_false(budget_spend(&budget, BUDGET_QUANTUM));
        assert_false(work(&budget, LIMIT_USEC - 10));
        assert_true(work(&budget, 10));
}

/* A slow text uses up its own share, wherever it stands; the others have theirs. */
static void test_shares(void **state) {
        (void) state;
        for (size_t slow = 0; slow < 4; slow++) {
                Budget budget = budget_new(LIMIT_NS, 400);
                uint64_t begin = fake_clock_usec;

                for (size_t i = 0; i < 4; i++) {
                        budget_begin(&budget, 100);
                        if (i == slow)
                                assert_true(work(&budget, 10 * LIMIT_USEC));
                        else
                                assert_false(work(&budget, LIMIT_USEC / 4 - 20));
                }
                assert_in_range(fake_clock_usec - begin, LIMIT_USEC * 3 / 4, LIMIT_USEC + 10);
        }
}

/* What one leaves goes to those behind it, by their weights. */
static void test_left_over(void **state) {
        Budget budget = budget_new(LIMIT_NS, 100 + 300 + 100);

        (void) state;
        budget_begin(&budget, 100);
        assert_false(budget_spend(&budget, BUDGET_QUANTUM));
        budget_begin(&budget, 300);
        assert_false(work(&budget, LIMIT_USEC * 3 / 4 - 10));
        budget_begin(&budget, 100);
        assert_false(work(&budget, LIMIT_USEC / 4));
}

/* All of them slow: no more time than there is, but for the little that each may take in any case. */
static void test_all_slow(void **state) {
        enum {
                N = 1000
        };
        Budget budget = budget_new(LIMIT_NS, N);
        uint64_t begin = fake_clock_usec;

        (void) state;
        for (size_t i = 0; i < N; i++) {
                budget_begin(&budget, 1);
                assert_true(work(&budget, 10 * LIMIT_USEC));
        }
        assert_in_range(fake_clock_usec - begin, LIMIT_USEC, LIMIT_USEC + N * (BUDGET_LEAST_NS / 1000 + 10));
}

/* What would take longer than there is left is not begun. */
static void test_twice(void **state) {
        Budget budget = budget_new(LIMIT_NS, 100);

        (void) state;
        budget_begin(&budget, 100);
        assert_false(budget_is_spent_by_twice(&budget));
        fake_clock_usec += LIMIT_USEC / 4;
        assert_false(budget_is_spent_by_twice(&budget));
        fake_clock_usec += LIMIT_USEC / 4 + 10;
        assert_true(budget_is_spent_by_twice(&budget));
        assert_false(budget_is_spent_by_twice(&budget));
        fake_clock_usec += LIMIT_USEC / 2;
        assert_true(budget_is_spent_by_twice(&budget));
}

/* Weights that nobody announced, and times beyond all reason. */
static void test_extremes(void **state) {
        Budget budget = budget_new(UINT64_MAX / 4, 0);

        (void) state;
        budget_begin(&budget, UINT32_MAX);
        assert_false(budget_is_spent(&budget));
        budget_begin(&budget, UINT32_MAX);
        assert_false(budget_is_spent(&budget));

        budget = budget_new(0, 0);
        budget_begin(&budget, 0);
        assert_false(budget_is_spent(&budget));
        fake_clock_usec += BUDGET_LEAST_NS / 1000;
        assert_true(budget_is_spent(&budget));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_small),
                cmocka_unit_test(test_one),
                cmocka_unit_test(test_shares),
                cmocka_unit_test(test_left_over),
                cmocka_unit_test(test_all_slow),
                cmocka_unit_test(test_twice),
                cmocka_unit_test(test_extremes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

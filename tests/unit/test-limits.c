/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* Updates with the first `n` users and expects "UID:NUMBER UID:NUMBER", at most `max` of them. */
static void assert_grown(
        Limits *limits, const LimitedUser users[], size_t n, size_t max, const char *expected) {
        LimitedUser ret[8], *now = malloc((n + 1) * sizeof(*now));
        char text[256] = "";
        size_t found, size = 0;

        assert_non_null(now);
        if (n > 0)
                memcpy(now, users, n * sizeof(*now));
        found = limits_update(limits, now, n, ret, max);
        assert_true(found <= max);
        for (size_t i = 0; i < found; i++)
                size += (size_t) snprintf(text + size, sizeof(text) - size, "%s%u:%llu", i > 0 ? " " : "",
                        ret[i].uid, (unsigned long long) ret[i].n);
        assert_string_equal(text, expected);
}

/* Two reports after each other: who was beyond the limit before and is not now is not in the second one. */
static void test_grown(void **state) {
        Limits limits = {};

        (void) state;
        assert_grown(&limits, (LimitedUser[]){ { 1000, 5 }, { 7, 300 }, { 65534, 40 } }, 3, 8,
                "7:300 65534:40 1000:5");
        assert_grown(&limits, (LimitedUser[]){ { 65534, 40 }, { 1000, 9 }, { 7, 300 }, { 3, 1 } }, 4, 8,
                "1000:4 3:1");
        assert_grown(&limits, (LimitedUser[]){ { 65534, 40 }, { 1000, 9 }, { 7, 300 }, { 3, 1 } }, 4, 8, "");
        limits_done(&limits);
        assert_grown(&limits, (LimitedUser[]){ { 3, 1 } }, 1, 8, "3:1");
        limits_done(&limits);
}

/* The kernel side has room for so many users and forgets the others, who then begin anew. */
static void test_forgotten(void **state) {
        Limits limits = {};

        (void) state;
        assert_grown(&limits, (LimitedUser[]){ { 1, 500 }, { 2, 600 } }, 2, 8, "2:600 1:500");
        assert_grown(&limits, (LimitedUser[]){ { 1, 20 } }, 1, 8, "1:20");
        assert_grown(&limits, (LimitedUser[]){ { 2, 7 }, { 1, 20 } }, 2, 8, "2:7");
        assert_grown(&limits, NULL, 0, 8, "");
        assert_grown(&limits, (LimitedUser[]){ { 1, 21 } }, 1, 8, "1:21");
        limits_done(&limits);
}

static void test_largest(void **state) {
        static const LimitedUser users[] = { { 1, 3 }, { 2, 9 }, { 3, 1 }, { 4, 9 }, { 5, 20 }, { 6, 4 } };
        Limits limits = {};

        (void) state;
        assert_grown(&limits, users, 6, 3, "5:20 2:9 4:9");
        assert_grown(&limits, (LimitedUser[]){ { 9, 1 } }, 1, 0, "");
        limits_done(&limits);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_grown),
                cmocka_unit_test(test_forgotten),
                cmocka_unit_test(test_largest),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/cleanup.h"
#include "util/timespan.h"

static void test_spans(void **state) {
        static const struct {
                const char *value;
                uint64_t usec;
        } cases[] = {
                { "0", 0 },
                { "20", 20000000 },
                { "1h", 3600000000 },
                { " 1 h ", 3600000000 },
                { "1h 30min", 5400000000 },
                { "1h30m", 5400000000 },
                { "1.5h", 5400000000 },
                { "0.5", 500000 },
                { ".5", 500000 },
                { "0.000001s", 1 },
                { "0.0000001s", 0 },
                { "300ms20us", 300020 },
                { "2 weeks", 1209600000000 },
                { "1M", 2629800000000 },
                { "1m", 60000000 },
                { "1y", 31557600000000 },
                { "7\xc2\xb5s", 7 },
                { "18446744073709551615us", UINT64_MAX },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint64_t usec = 12345;

                assert_int_equal(timespan_parse(cases[i].value, &usec), 0);
                assert_int_equal(usec, cases[i].usec);
        }
}

static void test_no_spans(void **state) {
        static const struct {
                const char *value;
                int error;
        } cases[] = {
                { "", -EINVAL },
                { " ", -EINVAL },
                { "h", -EINVAL },
                { "-1h", -EINVAL },
                { "1x", -EINVAL },
                { "1H", -EINVAL },
                { "1.", -EINVAL },
                { ".", -EINVAL },
                { "1h,", -EINVAL },
                { "infinity", -EINVAL },
                { "18446744073709551616us", -ERANGE },
                { "18446744073709551615us 1us", -ERANGE },
                { "99999999999999999999y", -ERANGE },
                { "99999999999999999999y x", -EINVAL },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint64_t usec = 12345;

                assert_int_equal(timespan_parse(cases[i].value, &usec), cases[i].error);
                assert_int_equal(usec, 12345);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_spans),
                cmocka_unit_test(test_no_spans),
        };

        return cmocka_run_group_tests_name("timespan", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "util/boolean.h"
#include "util/cleanup.h"

static void test_words(void **state) {
        static const char *const yes[] = { "1", "yes", "YES", "y", "true", "True", "t", "on" };
        static const char *const no[] = { "0", "no", "n", "N", "false", "f", "off", "Off" };
        static const char *const neither[] = { "", " ", "2", "-1", "01", "auto", "yes ", "tru", "256" };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(yes); i++)
                assert_int_equal(boolean_parse(yes[i]), 1);
        for (size_t i = 0; i < ELEMENTSOF(no); i++)
                assert_int_equal(boolean_parse(no[i]), 0);
        for (size_t i = 0; i < ELEMENTSOF(neither); i++)
                assert_int_equal(boolean_parse(neither[i]), -EINVAL);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_words),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

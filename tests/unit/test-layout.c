/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "layout.h"

/* A name that is not cut, a unit and a command line that are, and flags that are left out first. */
#define TABLE(name, unit, letters, command)                                                          \
        {                                                                                            \
                { .wanted = (name) }, { .wanted = (unit), .flags = COLUMN_CUT },                     \
                        { .wanted = (letters), .drop = 1 }, { .wanted = 5, .flags = COLUMN_HIDDEN }, \
                        { .wanted = (command), .flags = COLUMN_CUT },                                \
        }

static void check(size_t available, LayoutColumn columns[5], const size_t expected[5]) {
        layout_fit(columns, 5, available);
        for (size_t i = 0; i < 5; i++)
                assert_int_equal(columns[i].shown ? columns[i].width : 0, expected[i]);
}

static void test_fits(void **state) {
        (void) state;
        check(0, (LayoutColumn[]) TABLE(10, 20, 5, 4000), (size_t[]){ 10, 20, 5, 0, 4000 });
        check(78, (LayoutColumn[]) TABLE(10, 20, 5, 40), (size_t[]){ 10, 20, 5, 0, 40 });
}

static void test_is_cut(void **state) {
        (void) state;
        /* 62 columns are left: two fifths for the unit, if it wants that. */
        check(80, (LayoutColumn[]) TABLE(10, 70, 5, 4000), (size_t[]){ 10, 24, 5, 0, 38 });
        check(80, (LayoutColumn[]) TABLE(10, 14, 5, 4000), (size_t[]){ 10, 14, 5, 0, 48 });
        check(80, (LayoutColumn[]) TABLE(10, 70, 5, 7), (size_t[]){ 10, 55, 5, 0, 7 });
        /* The name never is. */
        check(80, (LayoutColumn[]) TABLE(40, 70, 5, 4000), (size_t[]){ 40, 12, 5, 0, 20 });
}

static void test_is_left_out(void **state) {
        (void) state;
        check(40, (LayoutColumn[]) TABLE(10, 70, 5, 4000), (size_t[]){ 10, 11, 0, 0, 17 });
        check(30, (LayoutColumn[]) TABLE(10, 70, 5, 4000), (size_t[]){ 10, 7, 0, 0, 11 });
        check(10, (LayoutColumn[]) TABLE(10, 70, 5, 4000), (size_t[]){ 10, 0, 0, 0, 0 });
}

/* Whatever the widths: what is shown is not too wide, unless one column alone that is not cut is. */
static void test_random(void **state) {
        (void) state;
        srand(4711);
        for (int i = 0; i < 10000; i++) {
                LayoutColumn columns[5] = TABLE((size_t) rand() % 30, (size_t) rand() % 100,
                        (size_t) rand() % 10, (size_t) rand() % 300);
                size_t available = 1 + (size_t) rand() % 150, sum = 0, n = 0, rigid = columns[0].wanted;

                layout_fit(columns, 5, available);
                for (size_t k = 0; k < 5; k++) {
                        sum += columns[k].shown ? columns[k].width : 0;
                        n += columns[k].shown;
                        assert_true(columns[k].width <= columns[k].wanted);
                }
                assert_int_equal(columns[0].width, rigid);
                assert_true(sum + n - 1 <= available || rigid + n > available);
        }
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_fits),
                cmocka_unit_test(test_is_cut),
                cmocka_unit_test(test_is_left_out),
                cmocka_unit_test(test_random),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

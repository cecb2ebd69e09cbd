/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Names and ids in the records of cgroups, and bytes that are none. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "event/lineage.h"
#include "lineage.h"
#include "text.h"
#include "util/cleanup.h"

static void test_steps(void **state) {
        _cleanup_(buffer_done) Buffer lineage = BUFFER_NULL;
        uint64_t parent;
        Bytes rest, name;

        (void) state;
        lineage_step(&lineage, "ssh.service", 0x0102030405060708);
        lineage_step(&lineage, "\xff\n ", UINT64_MAX);
        lineage_step(&lineage, "x", 0);
        rest = buffer_bytes(&lineage);
        assert_true(lineage_is_whole(rest));

        assert_true(lineage_next(&rest, &name, &parent));
        assert_bytes_equal(name, BYTES_LITERAL("ssh.service"));
        assert_true(parent == 0x0102030405060708);
        assert_true(lineage_next(&rest, &name, &parent));
        assert_bytes_equal(name, BYTES_LITERAL("\xff\n "));
        assert_true(parent == UINT64_MAX);
        assert_true(lineage_next(&rest, &name, &parent));
        assert_bytes_equal(name, BYTES_LITERAL("x"));
        assert_true(parent == 0);
        assert_false(lineage_next(&rest, &name, &parent));
        assert_int_equal(rest.size, 0);
}

/* The lineage of the root. */
static void test_none(void **state) {
        Bytes rest = BYTES_NULL, name;
        uint64_t parent;

        (void) state;
        assert_true(lineage_is_whole(rest));
        assert_false(lineage_next(&rest, &name, &parent));
}

/* Whatever its length, it is whole behind a step only. The bytes end where their memory does. */
static void test_cut_off(void **state) {
        _cleanup_(buffer_done) Buffer lineage = BUFFER_NULL;

        (void) state;
        lineage_step(&lineage, "a.slice", 0x4142434445464748);
        lineage_step(&lineage, "b", 1);
        for (size_t size = 0; size <= lineage.size; size++) {
                char *copy = malloc(size);

                if (size > 0)
                        memcpy(copy, lineage.data, size);
                assert_int_equal(
                        lineage_is_whole((Bytes){ copy, size }), size == 0 || size == 16 || size == 26);
                free(copy);
        }
}

static void test_no_name_of_a_cgroup(void **state) {
        static const char *const names[] = { "", "/", "a/b", "/etc" };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                _cleanup_(buffer_done) Buffer lineage = BUFFER_NULL;

                lineage_step(&lineage, "a", 7);
                lineage_step(&lineage, names[i], 1);
                assert_false(lineage_is_whole(buffer_bytes(&lineage)));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_steps),
                cmocka_unit_test(test_none),
                cmocka_unit_test(test_cut_off),
                cmocka_unit_test(test_no_name_of_a_cgroup),
        };

        return cmocka_run_group_tests_name("lineage", tests, NULL, NULL);
}

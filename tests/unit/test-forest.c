/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "forest.h"
#include "util/cleanup.h"

typedef struct Seen {
        const Forest *forest;
        Buffer text; /* "KEY DEPTH" and "." for the last of its siblings */
        int stop_after;
} Seen;

static int visit(void *data, uint32_t node, unsigned depth, bool last) {
        Seen *seen = data;

        buffer_append_bytes(&seen->text, string_set_bytes(&seen->forest->keys, node));
        buffer_append_u64(&seen->text, depth);
        buffer_append_string(&seen->text, last ? ". " : " ");
        return --seen->stop_after == 0;
}

/* Each pair is a child and its parent. */
static void build(Forest *forest, const char *const (*pairs)[2], size_t n) {
        for (size_t i = 0; i < n; i++) {
                uint32_t child = forest_node(forest, bytes_of_string(pairs[i][0]));
                uint32_t parent =
                        pairs[i][1] ? forest_node(forest, bytes_of_string(pairs[i][1])) : FOREST_NONE;

                forest_set_parent(forest, child, parent);
        }
        forest_link(forest);
}

static void check_walk(const Forest *forest, bool wanted_only, int count, const char *text) {
        Seen seen = { .forest = forest };

        assert_int_equal(forest_walk(forest, wanted_only, visit, &seen), count);
        buffer_append_char(&seen.text, '\0');
        assert_string_equal(seen.text.data, text);
        buffer_done(&seen.text);
}

static void test_order(void **state) {
        static const char *const pairs[][2] = { { "a", NULL }, { "b", "a" }, { "c", "a" }, { "d", "b" },
                { "e", NULL }, { "f", "a" } };
        _cleanup_(forest_done) Forest forest = {};

        (void) state;
        build(&forest, pairs, ELEMENTSOF(pairs));
        check_walk(&forest, false, 6, "a0. b1 d2. c1 f1. e0. ");
}

static void test_parent_behind_child(void **state) {
        static const char *const pairs[][2] = { { "b", "a" }, { "c", "b" }, { "a", NULL } };
        _cleanup_(forest_done) Forest forest = {};

        (void) state;
        build(&forest, pairs, ELEMENTSOF(pairs));
        check_walk(&forest, false, 3, "a0. b1. c2. ");
}

static void test_wanted(void **state) {
        static const char *const pairs[][2] = { { "a", NULL }, { "b", "a" }, { "c", "b" }, { "d", "c" },
                { "e", "a" } };
        _cleanup_(forest_done) Forest forest = {};

        (void) state;
        build(&forest, pairs, ELEMENTSOF(pairs));
        check_walk(&forest, true, 0, "");
        forest.node[string_set_find(&forest.keys, BYTES_LITERAL("b"))].wanted = true;
        forest.node[string_set_find(&forest.keys, BYTES_LITERAL("d"))].wanted = true;
        check_walk(&forest, true, 3, "b0 c1. d2. ");
}

/* Each is there once, whatever leads in a circle. */
static void test_circles(void **state) {
        static const char *const pairs[][2] = { { "a", "a" }, { "b", "c" }, { "c", "d" }, { "d", "b" },
                { "e", "c" } };
        _cleanup_(forest_done) Forest forest = {};
        Seen seen = { .forest = &forest };

        (void) state;
        build(&forest, pairs, ELEMENTSOF(pairs));
        assert_int_equal(forest_walk(&forest, false, visit, &seen), 5);
        buffer_done(&seen.text);
}

static void test_deep(void **state) {
        _cleanup_(forest_done) Forest forest = {};
        uint32_t above = FOREST_NONE;
        Seen seen = { .forest = &forest };

        (void) state;
        for (unsigned i = 0; i < 100000; i++) {
                char key[16];
                uint32_t node;

                (void) snprintf(key, sizeof(key), "%u", i);
                node = forest_node(&forest, bytes_of_string(key));
                assert_int_equal(node, i);
                forest_set_parent(&forest, node, above);
                above = node;
        }
        forest_link(&forest);
        assert_int_equal(forest_walk(&forest, false, visit, &seen), 100000);
        buffer_done(&seen.text);
}

static void test_stop(void **state) {
        static const char *const pairs[][2] = { { "a", NULL }, { "b", "a" }, { "c", "a" } };
        _cleanup_(forest_done) Forest forest = {};
        Seen seen = { .forest = &forest, .stop_after = 2 };

        (void) state;
        build(&forest, pairs, ELEMENTSOF(pairs));
        assert_int_equal(forest_walk(&forest, false, visit, &seen), 2);
        buffer_done(&seen.text);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_order),
                cmocka_unit_test(test_parent_behind_child),
                cmocka_unit_test(test_wanted),
                cmocka_unit_test(test_circles),
                cmocka_unit_test(test_deep),
                cmocka_unit_test(test_stop),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "filter/rule.h"
#include "util/cleanup.h"

static void test_ids(void **state) {
        static const struct {
                const char *word;
                int r;
                uint32_t first, last;
        } table[] = {
                { "0", 0, 0, 0 },
                { "007", 0, 7, 7 },
                { "1000", 0, 1000, 1000 },
                { "4294967294", 0, 4294967294, 4294967294 },
                { "4294967295", -EINVAL, 0, 0 },
                { "4294967296", -EINVAL, 0, 0 },
                { "18446744073709551616", -EINVAL, 0, 0 },
                { "99999999999999999999999999999999999999999", -EINVAL, 0, 0 },
                { "1000-1999", 0, 1000, 1999 },
                { "5-5", 0, 5, 5 },
                { "0-4294967294", 0, 0, 4294967294 },
                { "0-4294967295", -EINVAL, 0, 0 },
                { "4294967295-4294967296", -EINVAL, 0, 0 },
                { "2-1", -EINVAL, 0, 0 },
                { "", -EINVAL, 0, 0 },
                { "root", -ENOENT, 0, 0 },
                { "10-users", -ENOENT, 0, 0 },
                { "1-2-3", -ENOENT, 0, 0 },
                { " 1", -ENOENT, 0, 0 },
                { "-1", -ENOENT, 0, 0 },
                { "1-", -ENOENT, 0, 0 },
                { "0x10", -ENOENT, 0, 0 },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(rule_list_done) RuleList list = {};
                int r = rule_list_add_ids(&list, table[i].word);

                if (r != table[i].r)
                        fail_msg("\"%s\": %d, not %d", table[i].word, r, table[i].r);
                assert_int_equal(list.n_ranges, r == 0 ? 1 : 0);
                if (r < 0)
                        continue;
                if (list.ranges[0].first != table[i].first || list.ranges[0].last != table[i].last)
                        fail_msg("\"%s\": %u-%u", table[i].word, list.ranges[0].first, list.ranges[0].last);
        }
}

/* Names that nobody knows match nobody, and make a list that is not empty all the same. */
static void test_open_names(void **state) {
        RuleList open = { .n_open = 1 };

        (void) state;
        assert_false(rule_list_is_empty(&open));
        assert_false(rule_list_match_id(&open, 0));
        assert_false(rule_list_equal(&open, &(RuleList){}));
}

static void test_match_id(void **state) {
        static const struct {
                uint32_t id;
                bool matches;
        } table[] = {
                { 0, true },
                { 1, false },
                { 99, false },
                { 100, true },
                { 150, true },
                { 199, true },
                { 200, true },
                { 250, true },
                { 251, false },
                { 33, true },
                { UINT32_MAX, false },
        };
        _cleanup_(rule_list_done) RuleList list = {}, all = {};

        (void) state;
        assert_true(rule_list_is_empty(&list));
        assert_false(rule_list_match_id(&list, 0));

        assert_int_equal(rule_list_add_ids(&list, "150-250"), 0);
        assert_int_equal(rule_list_add_ids(&list, "100-199"), 0);
        assert_int_equal(rule_list_add_id(&list, 0), 0);
        assert_int_equal(rule_list_add_id(&list, 33), 0);
        assert_false(rule_list_is_empty(&list));
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (rule_list_match_id(&list, table[i].id) != table[i].matches)
                        fail_msg("id %u", table[i].id);

        /* Even a range over everything holds no unset id. */
        assert_int_equal(rule_list_add_ids(&all, "0-4294967294"), 0);
        assert_true(rule_list_match_id(&all, 4294967294));
        assert_false(rule_list_match_id(&all, UINT32_MAX));
}

static void test_match_text(void **state) {
        static const struct {
                const char *glob;
                Bytes text;
                int matches;
        } table[] = {
                { "/usr/bin/true", BYTES_LITERAL("/usr/bin/true"), 1 },
                { "/usr/bin/true", BYTES_LITERAL("/usr/bin/true2"), 0 },
                { "/usr/bin/true", BYTES_LITERAL("/usr/bin/tru"), 0 },
                { "/usr/bin/true", BYTES_LITERAL("x/usr/bin/true"), 0 },
                { "/usr/*", BYTES_LITERAL("/usr/bin/true"), 1 },
                { "/usr/*/true", BYTES_LITERAL("/usr/a/b/c/true"), 1 },
                { "*", BYTES_LITERAL("/"), 1 },
                { "*", BYTES_LITERAL(""), 1 },
                { "?", BYTES_LITERAL(""), 0 },
                { "a?b", BYTES_LITERAL("a/b"), 1 },
                { "*.sh", BYTES_LITERAL("/root/.sh"), 1 },
                { "*.sh", BYTES_LITERAL(".sh"), 1 },
                { "/bin/[a-c]at", BYTES_LITERAL("/bin/cat"), 1 },
                { "/bin/[a-c]at", BYTES_LITERAL("/bin/Cat"), 0 },
                { "/bin/[!a-c]at", BYTES_LITERAL("/bin/dat"), 1 },
                { "/bin/[[:digit:]]", BYTES_LITERAL("/bin/7"), 1 },
                { "a\\*b", BYTES_LITERAL("a*b"), 1 },
                { "a\\*b", BYTES_LITERAL("axb"), 0 },
                { "[", BYTES_LITERAL("["), 1 },
                { "a*b", BYTES_LITERAL("a\xff\xfe\x80z\nb"), 1 },
                { "a???b",
                        BYTES_LITERAL("a\xff\xfe\x80"
                                      "b"),
                        1 },
                { "\xc3\xa9*", BYTES_LITERAL("\xc3\xa9t\xc3\xa9"), 1 },
                { "*", BYTES_NULL, 0 },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(rule_list_done) RuleList list = {};

                assert_int_equal(rule_list_add_glob(&list, table[i].glob), 0);
                if (rule_list_match_text(&list, table[i].text) != table[i].matches)
                        fail_msg("\"%s\" on \"%.*s\"", table[i].glob, (int) table[i].text.size,
                                table[i].text.data);
        }
}

static void test_globs(void **state) {
        _cleanup_(rule_list_done) RuleList list = {};

        (void) state;
        assert_int_equal(rule_list_match_text(&list, BYTES_LITERAL("a")), 0);
        assert_int_equal(rule_list_add_glob(&list, ""), -EINVAL);
        assert_true(rule_list_is_empty(&list));
        assert_int_equal(rule_list_add_glob(&list, "a"), 0);
        assert_int_equal(rule_list_add_glob(&list, "b*"), 0);
        assert_int_equal(rule_list_add_glob(&list, "c"), 0);
        assert_false(rule_list_is_empty(&list));
        assert_int_equal(rule_list_match_text(&list, BYTES_LITERAL("c")), 1);
        assert_int_equal(rule_list_match_text(&list, BYTES_LITERAL("bb")), 1);
        assert_int_equal(rule_list_match_text(&list, BYTES_LITERAL("d")), 0);
}

/* Long texts, in blocks that end where the text does. */
static void test_long_texts(void **state) {
        _cleanup_(rule_list_done) RuleList end_z = {}, end_y = {};

        (void) state;
        assert_int_equal(rule_list_add_glob(&end_z, "*z"), 0);
        assert_int_equal(rule_list_add_glob(&end_y, "*y"), 0);
        for (size_t size = 4198; size < 4203; size++) {
                _cleanup_free_ char *text = malloc(size);

                assert_non_null(text);
                memset(text, 'a', size);
                text[size - 1] = 'z';
                assert_int_equal(rule_list_match_text(&end_z, (Bytes){ text, size }), 1);
                assert_int_equal(rule_list_match_text(&end_y, (Bytes){ text, size }), 0);
        }
}

static void test_merge(void **state) {
        static const struct {
                const char *words[5];
                IdRange merged[3];
                size_t n;
        } table[] = {
                { { NULL }, { { 0, 0 } }, 0 },
                { { "7" }, { { 7, 7 } }, 1 },
                { { "20-30", "1-2" }, { { 1, 2 }, { 20, 30 } }, 2 },
                { { "1-10", "5-20", "20" }, { { 1, 20 } }, 1 },
                { { "1-100", "5-20" }, { { 1, 100 } }, 1 },
                { { "2", "1", "3" }, { { 1, 3 } }, 1 },
                { { "1", "3", "5" }, { { 1, 1 }, { 3, 3 }, { 5, 5 } }, 3 },
                { { "1", "3", "5", "4" }, { { 1, 1 }, { 3, 5 } }, 2 },
                { { "0-4294967294", "4294967294" }, { { 0, 4294967294 } }, 1 },
                { { "1", "3", "5", "7" }, { { 0, 0 } }, 4 },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(rule_list_done) RuleList list = {};
                IdRange merged[3] = {};
                size_t n = 99;
                int r;

                for (size_t k = 0; k < ELEMENTSOF(table[i].words) && table[i].words[k]; k++)
                        assert_int_equal(rule_list_add_ids(&list, table[i].words[k]), 0);
                r = rule_list_merge_ids(&list, merged, ELEMENTSOF(merged), &n);
                if (table[i].n > ELEMENTSOF(merged)) {
                        assert_int_equal(r, -E2BIG);
                        assert_int_equal(n, 99);
                        continue;
                }
                assert_int_equal(r, 0);
                assert_int_equal(n, table[i].n);
                assert_memory_equal(merged, table[i].merged, n * sizeof(IdRange));
        }
}

/* The greatest id has nothing behind it. */
static void test_merge_unset(void **state) {
        _cleanup_(rule_list_done) RuleList list = {};
        IdRange merged[1];
        size_t n = 0;

        (void) state;
        for (int i = 0; i < 3; i++)
                assert_int_equal(rule_list_add_id(&list, UINT32_MAX), 0);
        assert_int_equal(rule_list_add_ids(&list, "5-4294967294"), 0);
        assert_int_equal(rule_list_merge_ids(&list, merged, ELEMENTSOF(merged), &n), 0);
        assert_int_equal(n, 1);
        assert_int_equal(merged[0].first, 5);
        assert_int_equal(merged[0].last, UINT32_MAX);
}

static void test_equal(void **state) {
        _cleanup_(rule_list_done) RuleList a = {}, b = {};

        (void) state;
        assert_true(rule_list_equal(&a, &b));
        assert_int_equal(rule_list_add_ids(&a, "1-2"), 0);
        assert_false(rule_list_equal(&a, &b));
        assert_int_equal(rule_list_add_ids(&b, "1-3"), 0);
        assert_false(rule_list_equal(&a, &b));
        rule_list_done(&b);
        assert_int_equal(rule_list_add_ids(&b, "1-2"), 0);
        assert_int_equal(rule_list_add_glob(&a, "x"), 0);
        assert_int_equal(rule_list_add_glob(&b, "y"), 0);
        assert_false(rule_list_equal(&a, &b));
        rule_list_done(&b);
        assert_int_equal(rule_list_add_ids(&b, "1-2"), 0);
        assert_int_equal(rule_list_add_glob(&b, "x"), 0);
        assert_true(rule_list_equal(&a, &b));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ids),
                cmocka_unit_test(test_open_names),
                cmocka_unit_test(test_match_id),
                cmocka_unit_test(test_match_text),
                cmocka_unit_test(test_globs),
                cmocka_unit_test(test_long_texts),
                cmocka_unit_test(test_merge),
                cmocka_unit_test(test_merge_unset),
                cmocka_unit_test(test_equal),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Brings its own user and group database, in front of the C library's: what it says is the same everywhere.
 * */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "filter/rule.h"
#include "util/cleanup.h"

typedef struct Entry {
        const char *name;
        uint32_t id;
        int error; /* positive errno, instead of an entry */
        size_t size; /* of the buffer that it needs */
} Entry;

static const Entry users[] = {
        { "root", 0, 0, 0 },
        { "www-data", 33, 0, 0 },
        { "10-users", 1010, 0, 0 },
        { "1-2-3", 123, 0, 0 },
        { "both", 2000, 0, 0 },
        { "nobody", 65534, 0, 0 },
        { "minus-one", UINT32_MAX, 0, 0 },
        { "large", 3000, 0, 100000 },
        { "endless", 3001, 0, SIZE_MAX },
        { "no-entry", 0, ENOENT, 0 },
        { "no-process", 0, ESRCH, 0 },
        { "bad-fd", 0, EBADF, 0 },
        { "not-permitted", 0, EPERM, 0 },
        { "io", 0, EIO, 0 },
        { "too-many", 0, EMFILE, 0 },
};

static const Entry groups[] = {
        { "both", 2001, 0, 0 },
        { "many-members", 4000, 0, 5000000 },
        { "io", 0, EIO, 0 },
};

/* 0 and NULL is how the C library's functions say that there is no such entry. */
static int find(const Entry *entries, size_t n, const char *name, size_t size, const Entry **ret) {
        *ret = NULL;
        for (size_t i = 0; i < n; i++) {
                if (strcmp(entries[i].name, name) != 0)
                        continue;
                if (entries[i].error != 0)
                        return entries[i].error;
                if (size < entries[i].size)
                        return ERANGE;
                *ret = &entries[i];
        }
        return 0;
}

__attribute__((visibility("default"))) int getpwnam_r(const char *restrict name,
        struct passwd *restrict ret_entry, char *restrict buffer, size_t size, struct passwd **restrict ret) {
        const Entry *entry;
        int r;

        *ret = NULL;
        memset(buffer, 'x', size); /* all of it must be there */
        r = find(users, ELEMENTSOF(users), name, size, &entry);
        if (r == 0 && entry) {
                *ret_entry = (struct passwd){ .pw_uid = entry->id };
                *ret = ret_entry;
        }
        return r;
}

__attribute__((visibility("default"))) int getgrnam_r(const char *restrict name,
        struct group *restrict ret_entry, char *restrict buffer, size_t size, struct group **restrict ret) {
        const Entry *entry;
        int r;

        *ret = NULL;
        memset(buffer, 'x', size);
        r = find(groups, ELEMENTSOF(groups), name, size, &entry);
        if (r == 0 && entry) {
                *ret_entry = (struct group){ .gr_gid = entry->id };
                *ret = ret_entry;
        }
        return r;
}

static void test_ids(void **state) {
        static const struct {
                IdKind kind;
                const char *word;
                int r;
                uint32_t first, last;
        } table[] = {
                { ID_USER, "0", 0, 0, 0 },
                { ID_USER, "007", 0, 7, 7 },
                { ID_USER, "1000", 0, 1000, 1000 },
                { ID_USER, "4294967294", 0, 4294967294, 4294967294 },
                { ID_USER, "4294967295", -EINVAL, 0, 0 },
                { ID_USER, "4294967296", -EINVAL, 0, 0 },
                { ID_USER, "18446744073709551616", -EINVAL, 0, 0 },
                { ID_USER, "99999999999999999999999999999999999999999", -EINVAL, 0, 0 },
                { ID_USER, "1000-1999", 0, 1000, 1999 },
                { ID_USER, "5-5", 0, 5, 5 },
                { ID_USER, "0-4294967294", 0, 0, 4294967294 },
                { ID_USER, "0-4294967295", -EINVAL, 0, 0 },
                { ID_USER, "4294967295-4294967296", -EINVAL, 0, 0 },
                { ID_USER, "2-1", -EINVAL, 0, 0 },
                { ID_USER, "", -EINVAL, 0, 0 },
                { ID_USER, "root", 0, 0, 0 },
                { ID_USER, "www-data", 0, 33, 33 },
                { ID_USER, "10-users", 0, 1010, 1010 },
                { ID_USER, "1-2-3", 0, 123, 123 },
                { ID_USER, "both", 0, 2000, 2000 },
                { ID_GROUP, "both", 0, 2001, 2001 },
                { ID_GROUP, "7-8", 0, 7, 8 },
                { ID_USER, "large", 0, 3000, 3000 },
                { ID_GROUP, "many-members", 0, 4000, 4000 },
                { ID_USER, "endless", -ERANGE, 0, 0 },
                { ID_USER, "minus-one", -EINVAL, 0, 0 },
                { ID_USER, "no-such-user", -ESRCH, 0, 0 },
                { ID_GROUP, "root", -ESRCH, 0, 0 },
                { ID_USER, " 1", -ESRCH, 0, 0 },
                { ID_USER, "-1", -ESRCH, 0, 0 },
                { ID_USER, "1-", -ESRCH, 0, 0 },
                { ID_USER, "0x10", -ESRCH, 0, 0 },
                { ID_USER, "no-entry", -ESRCH, 0, 0 },
                { ID_USER, "no-process", -ESRCH, 0, 0 },
                { ID_USER, "bad-fd", -ESRCH, 0, 0 },
                { ID_USER, "not-permitted", -ESRCH, 0, 0 },
                { ID_USER, "io", -EIO, 0, 0 },
                { ID_GROUP, "io", -EIO, 0, 0 },
                { ID_USER, "too-many", -EMFILE, 0, 0 },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(rule_list_done) RuleList list = {};
                int r = rule_list_add_ids(&list, table[i].kind, table[i].word);

                if (r != table[i].r)
                        fail_msg("\"%s\": %d, not %d", table[i].word, r, table[i].r);
                assert_int_equal(list.n_ranges, r == 0 ? 1 : 0);
                if (r < 0)
                        continue;
                if (list.ranges[0].first != table[i].first || list.ranges[0].last != table[i].last)
                        fail_msg("\"%s\": %u-%u", table[i].word, list.ranges[0].first, list.ranges[0].last);
        }
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

        assert_int_equal(rule_list_add_ids(&list, ID_USER, "150-250"), 0);
        assert_int_equal(rule_list_add_ids(&list, ID_USER, "100-199"), 0);
        assert_int_equal(rule_list_add_ids(&list, ID_USER, "root"), 0);
        assert_int_equal(rule_list_add_ids(&list, ID_USER, "www-data"), 0);
        assert_false(rule_list_is_empty(&list));
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (rule_list_match_id(&list, table[i].id) != table[i].matches)
                        fail_msg("id %u", table[i].id);

        /* Even a range over everything holds no unset id. */
        assert_int_equal(rule_list_add_ids(&all, ID_USER, "0-4294967294"), 0);
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

/* Around the size where the text no longer fits in place, in blocks that end where the text does. */
static void test_long_texts(void **state) {
        _cleanup_(rule_list_done) RuleList end_z = {}, end_y = {};

        (void) state;
        assert_int_equal(rule_list_add_glob(&end_z, "*z"), 0);
        assert_int_equal(rule_list_add_glob(&end_y, "*y"), 0);
        for (size_t size = RULE_TEXT_INLINE - 2; size < RULE_TEXT_INLINE + 3; size++) {
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
                        assert_int_equal(rule_list_add_ids(&list, ID_USER, table[i].words[k]), 0);
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

static void test_equal(void **state) {
        _cleanup_(rule_list_done) RuleList a = {}, b = {};

        (void) state;
        assert_true(rule_list_equal(&a, &b));
        assert_int_equal(rule_list_add_ids(&a, ID_USER, "1-2"), 0);
        assert_false(rule_list_equal(&a, &b));
        assert_int_equal(rule_list_add_ids(&b, ID_USER, "1-3"), 0);
        assert_false(rule_list_equal(&a, &b));
        rule_list_done(&b);
        assert_int_equal(rule_list_add_ids(&b, ID_USER, "1-2"), 0);
        assert_int_equal(rule_list_add_glob(&a, "x"), 0);
        assert_int_equal(rule_list_add_glob(&b, "y"), 0);
        assert_false(rule_list_equal(&a, &b));
        rule_list_done(&b);
        assert_int_equal(rule_list_add_ids(&b, ID_USER, "1-2"), 0);
        assert_int_equal(rule_list_add_glob(&b, "x"), 0);
        assert_true(rule_list_equal(&a, &b));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ids),
                cmocka_unit_test(test_match_id),
                cmocka_unit_test(test_match_text),
                cmocka_unit_test(test_globs),
                cmocka_unit_test(test_long_texts),
                cmocka_unit_test(test_merge),
                cmocka_unit_test(test_equal),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Globs: by table, and in plain ASCII against fnmatch(3). */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "filter/glob.h"
#include "util/cleanup.h"

/* By both ways, which must agree. */
static bool matches(const char *text_of_glob, Bytes text) {
        char copy[128];
        Glob glob;
        bool result;

        assert_true(strlen(text_of_glob) < sizeof(copy));
        strcpy(copy, text_of_glob);
        glob_init(&glob, copy);
        result = glob_apply(&glob, text);
        if (glob_match(text_of_glob, text) != result)
                fail_msg("\"%s\" on \"%s\": by its shape %d", text_of_glob, text.data, result);
        return result;
}

static void test_shapes(void **state) {
        static const struct {
                const char *glob;
                GlobShape shape;
        } table[] = {
                { "", GLOB_EXACT },
                { "*", GLOB_SUFFIX },
                { "**", GLOB_INFIX },
                { "/usr/bin/id", GLOB_EXACT },
                { "/usr/*", GLOB_PREFIX },
                { "*/id", GLOB_SUFFIX },
                { "*/.ssh/*", GLOB_INFIX },
                { "*caf\xc3\xa9*", GLOB_INFIX },
                { "*\xa9", GLOB_GENERAL }, /* would match the end of a character */
                { "a*b", GLOB_GENERAL },
                { "*a?", GLOB_GENERAL },
                { "[ab]*", GLOB_GENERAL },
                { "a\\*", GLOB_GENERAL },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                char copy[32];
                Glob glob;

                strcpy(copy, table[i].glob);
                glob_init(&glob, copy);
                if (glob.shape != table[i].shape)
                        fail_msg("\"%s\": %d", table[i].glob, (int) glob.shape);
        }
        assert_false(matches("*\xa9", BYTES_LITERAL("\xc3\xa9")));
        assert_true(matches("*\xc3\xa9", BYTES_LITERAL("\xe2\xc3\xa9")));
}

static void test_table(void **state) {
        static const struct {
                const char *glob;
                Bytes text;
                bool matches;
        } table[] = {
                { "", BYTES_LITERAL(""), true },
                { "", BYTES_LITERAL("a"), false },
                { "*", BYTES_LITERAL(""), true },
                { "**", BYTES_LITERAL("/a/b"), true },
                { "/opt/*", BYTES_LITERAL("/opt/a/b"), true },
                { "/opt/*/b", BYTES_LITERAL("/opt/a/a/b"), true },
                { "/opt/*/b", BYTES_LITERAL("/opt/a/a/bc"), false },
                { "*.service", BYTES_LITERAL("a.service.service"), true },
                { "a?c", BYTES_LITERAL("abc"), true },
                { "a?c", BYTES_LITERAL("ac"), false },
                { "a\\*", BYTES_LITERAL("a*"), true },
                { "a\\*", BYTES_LITERAL("ab"), false },
                { "a\\", BYTES_LITERAL("a\\"), false },
                /* A character is one of UTF-8; what is none is a character for each byte. */
                { "/opt/caf?", BYTES_LITERAL("/opt/caf\xc3\xa9"), true },
                { "/opt/caf??", BYTES_LITERAL("/opt/caf\xc3\xa9"), false },
                { "/opt/caf[\xc3\xa8-\xc3\xaa]", BYTES_LITERAL("/opt/caf\xc3\xa9"), true },
                { "/opt/caf[!e]", BYTES_LITERAL("/opt/caf\xc3\xa9"), true },
                { "/opt/caf[\xc3\xa9]x", BYTES_LITERAL("/opt/caf\xc3\xa9x"), true },
                { "\xf0\x9f\x98\x80*", BYTES_LITERAL("\xf0\x9f\x98\x80\xf0\x9f\x98\x81"), true },
                { "a?b",
                        BYTES_LITERAL("a\xff"
                                      "b"),
                        true },
                { "a??b",
                        BYTES_LITERAL("a\xc3\xff"
                                      "b"),
                        true },
                { "a\xff", BYTES_LITERAL("a\xff"), true },
                { "a\xff", BYTES_LITERAL("a\xfe"), false },
                { "a[\xff]", BYTES_LITERAL("a\xff"), true },
                { "\\\xc3\xa9", BYTES_LITERAL("\xc3\xa9"), true },
                /* Sets. */
                { "[abc]", BYTES_LITERAL("b"), true },
                { "[a-c]x", BYTES_LITERAL("cx"), true },
                { "[^a-c]", BYTES_LITERAL("c"), false },
                { "[]a]", BYTES_LITERAL("]"), true },
                { "[!]a]", BYTES_LITERAL("b"), true },
                { "[a-]", BYTES_LITERAL("-"), true },
                { "[[:digit:][:upper:]]", BYTES_LITERAL("7"), true },
                { "[[:digit:][:upper:]]", BYTES_LITERAL("a"), false },
                { "[\\]]", BYTES_LITERAL("]"), true },
                { "[ab", BYTES_LITERAL("[ab"), true },
                { "[", BYTES_LITERAL("["), true },
                { "a[", BYTES_LITERAL("a"), false },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (matches(table[i].glob, table[i].text) != table[i].matches)
                        fail_msg("\"%s\" on \"%s\"", table[i].glob, table[i].text.data);
}

static void random_text(char *ret, size_t size, const char *letters) {
        size_t n = (size_t) rand() % size;

        for (size_t i = 0; i < n; i++)
                ret[i] = letters[(size_t) rand() % strlen(letters)];
        ret[n] = '\0';
}

/* Brackets that do not close have several readings in fnmatch(3) itself: they have the table. */
static void test_as_fnmatch(void **state) {
        unsigned n_matches = 0;

        (void) state;
        srand(1);
        for (unsigned i = 0; i < 400000; i++) {
                char glob[10], text[9];
                bool expected;

                random_text(glob, sizeof(glob), "aab**/??\\");
                if (i % 4 == 0) {
                        char rest[4];

                        random_text(rest, sizeof(rest), "ab*");
                        (void) snprintf(glob, sizeof(glob), "%s%s",
                                (const char *[]){ "[ab]", "[!a]", "[a-b]", "[]a]", "*[b/]" }[i / 4 % 5],
                                rest);
                }
                random_text(text, sizeof(text), "aab/\\]");
                expected = fnmatch(glob, text, 0) == 0;
                n_matches += expected;
                if (matches(glob, bytes_of_string(text)) != expected)
                        fail_msg("\"%s\" on \"%s\"", glob, text);
        }
        assert_true(n_matches > 10000);
}

/* Whatever the glob: no more than its length times that of the text. */
static void test_cost(void **state) {
        static char text[1 << 16], glob[1 << 10];

        (void) state;
        memset(text, 'a', sizeof(text));
        for (size_t i = 0; i + 2 < sizeof(glob); i += 2)
                memcpy(glob + i, "*a", 2);
        strcpy(glob + sizeof(glob) - 3, "*b");
        assert_false(glob_match(glob, (Bytes){ text, sizeof(text) }));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_shapes),
                cmocka_unit_test(test_table),
                cmocka_unit_test(test_as_fnmatch),
                cmocka_unit_test(test_cost),
        };

        return cmocka_run_group_tests_name("glob", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "failing-memory.h"
#include "redact/pattern.h"
#include "util/buffer.h"
#include "util/cleanup.h"

#define EMPTY "it matches the empty string"
#define FOREIGN "\"\\<\" and \"\\>\" are not known here, \"\\b\" is"

static void test_bad_patterns(void **state) {
        static const struct {
                const char *pattern;
                const char *reason; /* NULL: whatever the library says */
        } table[] = {
                { "(", NULL },
                { ")", NULL },
                { "a)(b", NULL },
                { "[a", NULL },
                { "[[:nosuch:]]", NULL },
                { "a{2,1}", NULL },
                { "*", NULL },
                { "+a", NULL },
                { "\\", NULL },
                { "(a)\\2", NULL },
                { "a{70000}", NULL },
                { "(?:(?:a{1000}){1000}){1000}", NULL },
                { "(*UTF)a", NULL },
                { "(*UCP)a", NULL },
                { "(?<=a*)b", NULL },
                { "", EMPTY },
                { "a*", EMPTY },
                { "a?b*", EMPTY },
                { "^", EMPTY },
                { "$", EMPTY },
                { "^$", EMPTY },
                { "a|", EMPTY },
                { "(a|b*)", EMPTY },
                { "\\<ab", FOREIGN },
                { "a\\\\\\>", FOREIGN },
        };
        _cleanup_(matcher_freep) Matcher *matcher = NULL;

        (void) state;
        assert_int_equal(matcher_new(true, &matcher), 0);
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_free_ char *reason = NULL;
                Pattern *pattern = NULL;

                if (pattern_new(matcher, table[i].pattern, &pattern, &reason) != -EINVAL)
                        fail_msg("\"%s\" is taken", table[i].pattern);
                assert_null(pattern);
                assert_non_null(reason);
                assert_true(strlen(reason) > 0);
                if (table[i].reason)
                        assert_string_equal(reason, table[i].reason);
        }
}

/* The place of a fault is told as its author counts. */
static void test_place(void **state) {
        _cleanup_(matcher_freep) Matcher *matcher = NULL;
        _cleanup_free_ char *reason = NULL;
        Pattern *pattern;

        (void) state;
        assert_int_equal(matcher_new(true, &matcher), 0);
        assert_int_equal(pattern_new(matcher, "abc)d", &pattern, &reason), -EINVAL);
        assert_non_null(strstr(reason, ", at byte 3"));
}

static int try_repeated(const char *front, size_t n, const char *end, size_t n_end) {
        _cleanup_(matcher_freep) Matcher *matcher = NULL;
        _cleanup_(buffer_done) Buffer text = BUFFER_NULL;
        _cleanup_(pattern_freep) Pattern *pattern = NULL;
        _cleanup_free_ char *reason = NULL;
        int r;

        for (size_t i = 0; i < n; i++)
                buffer_append_string(&text, front);
        for (size_t i = 0; i < n_end; i++)
                buffer_append_string(&text, end);
        buffer_append_char(&text, '\0');
        assert_int_equal(buffer_error(&text), 0);
        assert_int_equal(matcher_new(true, &matcher), 0);
        r = pattern_new(matcher, text.data, &pattern, &reason);
        assert_true(r == 0 ? pattern && !reason : r == -EINVAL && reason);
        return r;
}

static void test_limits(void **state) {
        (void) state;
        assert_int_equal(try_repeated("a", PATTERN_SIZE_MAX, "", 0), 0);
        assert_int_equal(try_repeated("a", PATTERN_SIZE_MAX + 1, "", 0), -EINVAL);
        assert_int_equal(try_repeated("(a", PATTERN_DEPTH_MAX, ")", PATTERN_DEPTH_MAX), 0);
        assert_int_equal(try_repeated("(a", PATTERN_DEPTH_MAX + 1, ")", PATTERN_DEPTH_MAX + 1), -EINVAL);
}

static void test_shortest(void **state) {
        static const struct {
                const char *pattern;
                size_t shortest;
        } table[] = { { "a", 1 }, { "a+b?", 1 }, { "abc|de", 2 }, { "(?=abc)a", 3 }, { "\\b", 1 },
                { "x{20}", 20 } };
        _cleanup_(matcher_freep) Matcher *matcher = NULL;

        (void) state;
        assert_int_equal(matcher_new(false, &matcher), 0);
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(pattern_freep) Pattern *pattern = NULL;
                _cleanup_free_ char *reason = NULL;

                assert_int_equal(pattern_new(matcher, table[i].pattern, &pattern, &reason), 0);
                assert_in_range(pattern_shortest(pattern), 1, table[i].shortest);
        }
}

/* Each allocation fails once, PCRE2's own included: that is said, and nothing leaks. */
static void test_no_memory(void **state) {
        size_t n = 0;
        bool failed;

        (void) state;
        do {
                _cleanup_(matcher_freep) Matcher *matcher = NULL;
                _cleanup_(pattern_freep) Pattern *pattern = NULL;
                _cleanup_free_ char *reason = NULL;
                int r;

                memory_fail_after(n++);
                r = matcher_new(false, &matcher);
                if (r >= 0)
                        r = pattern_new(matcher, "(a+)+[bc]{3,9}(?=x|(y*z)+)", &pattern, &reason);
                failed = memory_restore();
                assert_int_equal(r, failed ? -ENOMEM : 0);
                assert_null(reason);
        } while (failed);
        assert_true(n > 6);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_bad_patterns),
                cmocka_unit_test(test_place),
                cmocka_unit_test(test_limits),
                cmocka_unit_test(test_shortest),
                cmocka_unit_test(test_no_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

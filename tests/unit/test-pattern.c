/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Expressions that regcomp(3) would take all memory for, hours, or the whole stack. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "redact/pattern.h"
#include "redact/redact.h"
#include "util/buffer.h"
#include "util/cleanup.h"

#define LONG "too long, with all its repetitions"
#define DEEP "too many groups and repetitions in each other"

#define STARS "****************************************************************"
#define ONCES \
        "{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}{1}"

#define RUN "too much in a row that matches the empty text"

/* Appends `piece` so many times. */
static void repeat(Buffer *pattern, const char *piece, size_t times) {
        for (size_t i = 0; i < times; i++)
                buffer_append_string(pattern, piece);
}

static void assert_refused(const char *pattern, const char *reason) {
        const char *found = pattern_refuse(pattern);

        if (!found != !reason || (found && strcmp(found, reason) != 0))
                fail_msg("\"%.40s\": %s", pattern, found ? found : "taken");
}

static void test_repetitions(void **state) {
        static const struct {
                const char *pattern, *reason;
        } table[] = {
                { "", NULL },
                { "a", NULL },
                { "a+", NULL },
                { "a++++++++++", NULL },
                { "a++++++++++++", LONG },
                { "a+++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++", LONG },
                { "a****************************************", RUN },
                { "a{2000}", NULL },
                { "a{2000,}", NULL },
                { "a{1,2000}", NULL },
                { "a{,2000}", NULL },
                { "a{5000}", LONG },
                { "a{5000,}", LONG },
                { "a{,5000}", LONG },
                { "a{1,5000}", LONG },
                { "a{99999999999999999999999999}", LONG },
                { "a{1,18446744073709551617}", LONG },
                { "(a{1,100}){1,10}", NULL },
                { "(a{1,100}){1,100}", LONG },
                { "((((a{10}){10}){10}){10}){10}", LONG },
                { "(" STARS STARS ")(" STARS "b)", RUN },
                { "((a" STARS STARS ")" STARS ")" STARS, RUN },
                { "(a" ONCES ONCES ONCES ONCES ")(" ONCES ONCES "b)", NULL },
                { "((a" ONCES ONCES ONCES ONCES ")" ONCES ONCES ")" ONCES ONCES, DEEP },
                { "[[:alpha:]]{1,2000}[^]x]{20}", NULL },
                { "[a{5000}]", NULL },
                { "\\(\\{a{20}", NULL },
                { "a{5000", NULL }, /* wrong, as regcomp(3) will say */
                { "a{5000,b}", NULL },
                { "(ab|cd|e{1000}){4}", LONG },
                { "(ab|cd|e{1000})f{4}", NULL },
                { "abc{1000}", NULL }, /* of "c" alone */
                { "(abc){1000}", LONG },
                { "a{1000}{1000}", LONG },
                { ")){1000}", NULL },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                assert_refused(table[i].pattern, table[i].reason);
}

/* What can be passed with nothing read. Of what is taken, each is compiled in less than 50 ms; of what is refused, many a one
 * is not in an hour. */
static void test_runs(void **state) {
        static const struct {
                const char *pattern, *reason;
        } table[] = {
                { "(()?{7,}+)+", RUN }, /* found by the fuzzer */
                { "(()?()?()?)b", NULL }, { "(()?()?()?()?()?()?()?()?)b", RUN },
                { "()?()?()?b()?()?()?b()?()?()?b", NULL }, { "(a?){100}", NULL }, { "(a?){300}", RUN },
                { "(a?b){300}", NULL }, { "(a?b?){60}(c?d?){60}", RUN }, { "(a?b?){60}x(c?d?){60}", NULL },
                { "([a-z]*-?)+", NULL }, { "(([a-z]*-?)+_?)+", RUN }, { "(([a-z]+-?)+_?)+", NULL },
                { "a**", NULL }, { "a*****", RUN }, { "a++++", NULL }, { "a*?b*?c*?d*?e*?f*?g*?", NULL },
                { "(a*|b*|c*)d", NULL }, { "(a*|b*|c*)(a*|b*|c*)(a*|b*|c*)(a*|b*|c*)d", RUN },
                { "(a+|b+|c+)(a+|b+|c+)(a+|b+|c+)(a+|b+|c+)d", NULL }, { "(a|)(|b)(a|b|)(|)c", NULL },
                { "(^|[^a-z])(password|pw|)=", NULL }, { "\\b(\\<a|\\Bb)\\>", NULL },
                { "\\b\\<\\>\\B\\`\\'^$", NULL }, { "\\b\\<\\>\\B\\`\\'^$a?", RUN },
                { "\\w\\w\\w\\w\\w\\w\\w\\w\\w\\w", NULL }, { "($\\B){59}", RUN },
                { "($a\\B){59}", NULL }, /* "\\B" and "$" of the next are two only */
                { "(\\Ba){59}", NULL }, { "(\\b(\\B)+)*", RUN }, { "(\\b)*", NULL }, { "()+", NULL },
                { "(){24}{16,}", RUN }, { "a{0,5}b{0,1000}", NULL }, { "(a?){0,5}", NULL },
                { "(a?){0,50}", RUN }, { "a{0}b", NULL },
                { "a{5,3}", NULL }, /* wrong, as regcomp(3) will say */
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                assert_refused(table[i].pattern, table[i].reason);
}

/* An expression that ends where something else is to come. */
static void test_ends(void **state) {
        static const char *const patterns[] = { "[", "[^", "[]", "[^]", "[[", "[[.",
                "[[:alpha:", "[[:alpha:]", "[a-", "\\", "a{", "a{1", "a{1,", "(", "(a", "(a|", "[\\",
                "[[=]=]" };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(patterns); i++) {
                _cleanup_free_ char *copy = strdup(patterns[i]); /* so that a read behind it is seen */

                assert_non_null(copy);
                assert_refused(copy, NULL);
        }
}

static void test_groups(void **state) {
        for (size_t depth = PATTERN_DEPTH_MAX - 1; depth <= PATTERN_DEPTH_MAX + 1; depth++) {
                _cleanup_(buffer_done) Buffer pattern = BUFFER_NULL;

                repeat(&pattern, "(", depth);
                repeat(&pattern, "a", 1);
                repeat(&pattern, ")", depth);
                buffer_append_char(&pattern, '\0');
                assert_int_equal(buffer_error(&pattern), 0);
                assert_refused(pattern.data, depth > PATTERN_DEPTH_MAX ? DEEP : NULL);
        }
        (void) state;
}

/* What is taken is compiled in little memory; what a line of 64 KiB may hold is refused in time. */
static void test_bounds(void **state) {
        static const struct {
                const char *front, *piece;
                size_t times;
                int r;
        } table[] = {
                { "", "(", 65000, -EINVAL },
                { "", "a?", 30000, -EINVAL },
                { "b", "a?", 2000, -EINVAL },
                { "b", "ca?", 1000, 0 },
                { "b", "a|b", 1300, 0 },
                { "a", "+", 60000, -EINVAL },
                { "a", "{3}", 20000, -EINVAL },
                { "a", "*", 4000, -EINVAL }, /* it matches nothing */
                { "ab", "*", 4000, -EINVAL },
                { "ab", "*", PATTERN_DEPTH_MAX, -EINVAL },
                { "a", "{1}", PATTERN_DEPTH_MAX, 0 },
                { "a", "{1}", PATTERN_DEPTH_MAX + 1, -EINVAL },
                { "", "a", 4000, 0 },
                { "", "a", 65000, -EINVAL },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(redactor_done) Redactor redactor = {};
                _cleanup_(buffer_done) Buffer pattern = BUFFER_NULL;
                _cleanup_free_ char *reason = NULL;

                repeat(&pattern, table[i].front, 1);
                repeat(&pattern, table[i].piece, table[i].times);
                buffer_append_char(&pattern, '\0');
                assert_int_equal(buffer_error(&pattern), 0);
                if (redactor_add(&redactor, pattern.data, &reason) != table[i].r)
                        fail_msg("%zu times \"%s\": %s", table[i].times, table[i].piece,
                                reason ? reason : "taken");
                assert_int_equal(redactor.n_patterns, table[i].r == 0);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_repetitions),
                cmocka_unit_test(test_runs),
                cmocka_unit_test(test_ends),
                cmocka_unit_test(test_groups),
                cmocka_unit_test(test_bounds),
        };

        return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}

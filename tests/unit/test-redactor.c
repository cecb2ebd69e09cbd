/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "redact/redactor.h"
#include "util/cleanup.h"

#define PATTERNS_MAX 4
#define MIB (1024U * 1024U)
#define LIMIT_NS 10000000000U /* nothing here takes so long */

static void add(Redactor *redactor, const char *pattern) {
        _cleanup_free_ char *reason = NULL;

        if (redactor_add(redactor, pattern, &reason) < 0)
                fail_msg("\"%s\": %s", pattern, reason ? reason : "no memory");
}

/* With machine code, or interpreted. */
static Redactor redactor_for(const char *const patterns[static PATTERNS_MAX], bool jit) {
        Redactor redactor = {};

        assert_int_equal(matcher_new(jit, &redactor.matcher), 0);
        for (size_t i = 0; i < PATTERNS_MAX && patterns[i]; i++)
                add(&redactor, patterns[i]);
        return redactor;
}

static int apply(
        const Redactor *redactor, Bytes text, Buffer *storage, size_t *ret_offset, size_t *ret_size) {
        Budget budget = budget_new(LIMIT_NS, text.size);

        budget_begin(&budget, text.size);
        return redactor_apply(redactor, text, &budget, storage, ret_offset, ret_size);
}

/*
 * `text` ends where its block does, so that a read behind it is seen. `expected` unset: nothing is
 * replaced.
 */
static void check_one(const char *const patterns[static PATTERNS_MAX], Bytes text, Bytes expected, bool jit) {
        _cleanup_(redactor_done) Redactor redactor = redactor_for(patterns, jit);
        _cleanup_(buffer_done) Buffer storage = BUFFER_NULL;
        _cleanup_free_ char *copy = malloc(text.size > 0 ? text.size : 1);
        size_t offset = 12345, size = 12345;
        int r;

        assert_non_null(copy);
        memcpy(copy, text.data, text.size);
        buffer_append_string(&storage, "before");
        r = apply(&redactor, (Bytes){ copy, text.size }, &storage, &offset, &size);
        assert_int_equal(buffer_error(&storage), 0);
        assert_memory_equal(copy, text.data, text.size);
        assert_memory_equal(storage.data, "before", strlen("before"));

        if (r != (bytes_is_set(expected) ? REDACTION_DONE : REDACTION_NONE))
                fail_msg("\"%s\" on \"%.*s\": %d", patterns[0] ? patterns[0] : "", (int) text.size, text.data,
                        r);
        if (r == REDACTION_NONE) {
                assert_int_equal(offset, 12345);
                assert_int_equal(size, 12345);
                assert_int_equal(storage.size, strlen("before"));
                return;
        }
        assert_int_equal(offset, strlen("before"));
        assert_int_equal(storage.size, offset + size + 1);
        assert_int_equal(storage.data[offset + size], '\0');
        if (!bytes_equal((Bytes){ storage.data + offset, size }, expected))
                fail_msg("\"%s\" on \"%.*s\" is \"%s\"", patterns[0], (int) text.size, text.data,
                        storage.data + offset);
}

static void check(const char *const patterns[static PATTERNS_MAX], Bytes text, Bytes expected) {
        check_one(patterns, text, expected, false);
        check_one(patterns, text, expected, true);
}

#define TEXT(s) BYTES_LITERAL(s)

static const struct {
        const char *patterns[PATTERNS_MAX];
        Bytes text, expected;
} match_cases[] = {
        { {}, TEXT("a"), BYTES_NULL },
        { { "b" }, TEXT("a"), BYTES_NULL },
        { { "a" }, TEXT(""), BYTES_NULL },
        { { "a" }, TEXT("a"), TEXT("***") },
        { { "a" }, TEXT("xay"), TEXT("x***y") },
        { { "a" }, TEXT("aaa"), TEXT("*********") },
        { { "a+" }, TEXT("xaaay"), TEXT("x***y") },
        { { "password=[^ ]+" }, TEXT("-opassword=secret next"), TEXT("-o*** next") },
        { { "pass=[^&]*" }, TEXT("?pass=1&x=2&pass=3"), TEXT("?***&x=2&***") },
        { { "[Pp]ass(word|phrase)?" }, TEXT("Passphrase pass password"), TEXT("*** *** ***") },
        { { "(?i)pass(?:word)?=\\S+" }, TEXT("PassWord=x pass"), TEXT("*** pass") },
        /* The first alternative that matches at the first place. */
        { { "abc|ab|a" }, TEXT("xabcd"), TEXT("x***d") },
        { { "a|ab|abc" }, TEXT("xabcd"), TEXT("x***bcd") },
        { { "a{2,3}" }, TEXT("aaaaaaa"), TEXT("******a") },
        { { ".+" }, TEXT("any\nthing"), TEXT("***") },
        { { "x[^y]*y" }, TEXT("axbybxcya"), TEXT("a***b***a") },
        { { "\\*" }, TEXT("a*b"), TEXT("a***b") },
        { { "(a)b\\1" }, TEXT("abab"), TEXT("***b") },
        /* Anchors are the ends of the text: of no line in it, of nothing that is left to search. */
        { { "^a" }, TEXT("aaa"), TEXT("***aa") },
        { { "^a|b" }, TEXT("ababa"), TEXT("******a***a") },
        { { "^a" }, TEXT("b\na"), BYTES_NULL },
        { { "a$" }, TEXT("aaa"), TEXT("aa***") },
        { { "a$" }, TEXT("a\nb"), BYTES_NULL },
        { { "a$" }, TEXT("a\n"), BYTES_NULL },
        { { "^a+$" }, TEXT("aaa"), TEXT("***") },
        { { "^a+$" }, TEXT("aab"), BYTES_NULL },
        /* What is in front of the place where the search goes on still counts. */
        { { "\\ba" }, TEXT("aaa aa"), TEXT("***aa ***a") },
        { { "(?<=token )\\w+" }, TEXT("token abc def"), TEXT("token *** def") },
        { { "key=\\K\\w+" }, TEXT("key=abc,key=d"), TEXT("key=***,key=***") },
        /* Nothing to replace where nothing is matched, and no end of it. */
        { { "\\b" }, TEXT("ab cd"), BYTES_NULL },
        { { "\\b|c" }, TEXT("ab cd"), TEXT("ab ***d") },
        { { "a\\B|\\b" }, TEXT("ab a"), TEXT("***b a") },
        /* Bytes, not characters. */
        { { "[^a]" }, TEXT("a\xff\x80"), TEXT("a******") },
        { { "k.y" }, TEXT("k\xe9y"), TEXT("***") },
        { { "\xc3\xa9+" }, TEXT("\xc3\xa9\xc3\xa9"), TEXT("******") },
        { { "\xff\xfe" }, TEXT("\xff\xff\xfe\xfe"), TEXT("\xff***\xfe") },
        { { "a" },
                TEXT("\xf0\x9f\x98"
                     "a\x80"),
                TEXT("\xf0\x9f\x98***\x80") },
        /* Each on the text as it was: what one takes out hides nothing from another. */
        { { "b", "a" }, TEXT("abc"), TEXT("******c") },
        { { "ab", "bc" }, TEXT("abc"), TEXT("***") },
        { { "bc", "ab" }, TEXT("abc"), TEXT("***") },
        { { "bcd", "ab", "de" }, TEXT("xabcdef"), TEXT("x***f") },
        { { "bc", "abcd" }, TEXT("xabcde"), TEXT("x***e") },
        { { "abcd", "bc" }, TEXT("xabcde"), TEXT("x***e") },
        { { "x", "b", "a" }, TEXT("abc"), TEXT("******c") },
        { { "a", "x" }, TEXT("abc"), TEXT("***bc") },
        { { "a", "\\*\\*\\*b" }, TEXT("abc"), TEXT("***bc") },
        { { "a", "a" }, TEXT("aa"), TEXT("******") },
        { { "secret", "--token=[^ ]*", "^-p.*" }, TEXT("--token=secret"), TEXT("***") },
        { { "secret", "--token=[^ ]*", "^-p.*" }, TEXT("-psecret"), TEXT("***") },
};

static void test_matches(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(match_cases); i++)
                check(match_cases[i].patterns, match_cases[i].text, match_cases[i].expected);
}

/* A match may begin anywhere. */
static void test_every_place(void **state) {
        static const char *const patterns[PATTERNS_MAX] = { "secret[0-9]*" };
        char text[600], expected[600];

        (void) state;
        for (size_t at = 0; at + 10 <= sizeof(text); at++) {
                memset(text, 's', sizeof(text));
                memcpy(text + at, "secret1234", 10);
                memset(expected, 's', sizeof(expected));
                memcpy(expected + at, "***", 3);
                check(patterns, (Bytes){ text, sizeof(text) }, (Bytes){ expected, sizeof(expected) - 7 });
        }
}

/* Fills `size` bytes with copies of `piece`. To be freed. */
static char *repeat(const char *piece, size_t size) {
        size_t length = strlen(piece);
        char *text = malloc(size);

        assert_non_null(text);
        for (size_t i = 0; i < size; i++)
                text[i] = piece[i % length];
        return text;
}

/* A large text that is not made to be slow is searched to its end, whatever its size. */
static void test_large(void **state) {
        static const char *const patterns[PATTERNS_MAX] = { "password=[^ ]*", "[Tt]oken=[^ ]*",
                "://[^ :]*:[^ @]*@" };
        _cleanup_free_ char *text = repeat("lorem ipsum dolor sit amet, http://tok/ ", MIB);

        (void) state;
        for (int jit = 0; jit < 2; jit++) {
                _cleanup_(redactor_done) Redactor redactor = redactor_for(patterns, jit);
                _cleanup_(buffer_done) Buffer storage = BUFFER_NULL;
                Budget budget = budget_new(200000000U, 1);
                size_t offset, size;

                budget_begin(&budget, 1);
                assert_int_equal(
                        redactor_apply(&redactor, (Bytes){ text, MIB }, &budget, &storage, &offset, &size),
                        REDACTION_NONE);
                assert_int_equal(storage.size, 0);
        }
}

static uint64_t cpu_usec(void) {
        struct timespec now;

        assert_int_equal(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now), 0);
        return (uint64_t) now.tv_sec * 1000000U + (uint64_t) now.tv_nsec / 1000U;
}

/*
 * Texts that would take seconds to years: none takes much longer than its budget, and nothing is recorded
 * of it.
 */
static void test_hostile(void **state) {
        enum {
                SIZE = 32 * 1024,
                BUDGET_USEC = 5000,
                TOLERATED_USEC = 30000,
        };
        static const struct {
                const char *pattern, *piece;
        } table[] = {
                { "[a-z]+[:;][^:]*", "a" }, /* many places, each searched to the end */
                { "(a+)+[bc]", "a" }, /* backtracking without end */
                { "(?:a|aa)+[bc]", "a" },
                { "^--?[^=]*(token|secret)[^=]*[=:].", "--token" }, /* one place, a scan for each step back */
                { ".*?token[^=]*[=:]", "token" }, { "(?:\\w+\\s*)+[:;]", "ab " },
                { "(?:(?:a)|b)*[cd]", "ab" }, /* more memory than it may have */
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                for (int jit = 0; jit < 2; jit++) {
                        const char *const patterns[PATTERNS_MAX] = { table[i].pattern };
                        _cleanup_(redactor_done) Redactor redactor = redactor_for(patterns, jit);
                        _cleanup_(buffer_done) Buffer storage = BUFFER_NULL;
                        _cleanup_free_ char *text = repeat(table[i].piece, SIZE);
                        Budget budget = budget_new(BUDGET_USEC * 1000U, 1);
                        size_t offset, size;
                        uint64_t usec = cpu_usec();
                        int r;

                        budget_begin(&budget, 1);
                        r = redactor_apply(
                                &redactor, (Bytes){ text, SIZE }, &budget, &storage, &offset, &size);
                        usec = cpu_usec() - usec;
                        print_message("%s on %s..., %s: %d after %llu us\n", table[i].pattern, table[i].piece,
                                jit ? "machine code" : "interpreted", r, (unsigned long long) usec);
                        assert_int_equal(r, REDACTION_TIMEOUT);
                        assert_int_equal(storage.size, 0);
                        assert_in_range(usec, 0, TOLERATED_USEC);
                }
}

/* A match that was found before the time is up helps nobody: what follows it was not searched. */
static void test_hostile_after_match(void **state) {
        static const char *const patterns[PATTERNS_MAX] = { "secret", "(a+)+[bc]" };
        _cleanup_free_ char *text =
                repeat("secretaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 4096);
        _cleanup_(redactor_done) Redactor redactor = redactor_for(patterns, false);
        _cleanup_(buffer_done) Buffer storage = BUFFER_NULL;
        Budget budget = budget_new(1000000U, 1);
        size_t offset, size;

        (void) state;
        buffer_append_string(&storage, "before");
        budget_begin(&budget, 1);
        assert_int_equal(redactor_apply(&redactor, (Bytes){ text, 4096 }, &budget, &storage, &offset, &size),
                REDACTION_TIMEOUT);
        assert_int_equal(storage.size, strlen("before"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_matches),
                cmocka_unit_test(test_every_place),
                cmocka_unit_test(test_large),
                cmocka_unit_test(test_hostile),
                cmocka_unit_test(test_hostile_after_match),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

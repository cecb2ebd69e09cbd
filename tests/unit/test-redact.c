/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "redact/redact.h"
#include "util/cleanup.h"

#define PATTERNS_MAX 4
#define MIB (1024U * 1024U)

static void add(Redactor *redactor, const char *pattern) {
        _cleanup_free_ char *reason = NULL;

        if (redactor_add(redactor, pattern, &reason) < 0)
                fail_msg("\"%s\": %s", pattern, reason ? reason : "no memory");
}

static double cpu_seconds(void) {
        return (double) clock() / CLOCKS_PER_SEC;
}

/* `text` ends where its block does, so that a read behind it is seen. `expected` unset: nothing is
 * replaced. */
static void check(const char *const patterns[static PATTERNS_MAX], Bytes text, Bytes expected) {
        _cleanup_(redactor_done) Redactor redactor = {};
        _cleanup_(buffer_done) Buffer storage = BUFFER_NULL;
        _cleanup_free_ char *copy = malloc(text.size > 0 ? text.size : 1);
        size_t offset = 12345, size = 12345;
        bool replaced;

        assert_non_null(copy);
        memcpy(copy, text.data, text.size);
        for (size_t i = 0; i < PATTERNS_MAX && patterns[i]; i++)
                add(&redactor, patterns[i]);

        buffer_append_string(&storage, "before");
        replaced = redactor_apply(&redactor, (Bytes){ copy, text.size }, &storage, &offset, &size);
        assert_int_equal(buffer_error(&storage), 0);
        assert_memory_equal(copy, text.data, text.size);
        assert_memory_equal(storage.data, "before", strlen("before"));

        if (replaced != bytes_is_set(expected))
                fail_msg("\"%s\" on \"%.*s\"", patterns[0] ? patterns[0] : "", (int) text.size, text.data);
        if (!replaced) {
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

#define TEXT(s) BYTES_LITERAL(s)

static void test_matches(void **state) {
        static const struct {
                const char *patterns[PATTERNS_MAX];
                Bytes text, expected;
        } table[] = {
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
                /* The longest match at the first place. */
                { { "a|ab|abc" }, TEXT("xabcd"), TEXT("x***d") },
                { { "a{2,3}" }, TEXT("aaaaaaa"), TEXT("******a") },
                { { ".+" }, TEXT("any\nthing"), TEXT("***") },
                { { "x[^y]*y" }, TEXT("axbybxcya"), TEXT("a***b***a") },
                { { "\\*" }, TEXT("a*b"), TEXT("a***b") },
                /* Anchors are the ends of the text: of no line in it, of nothing that is left to search. */
                { { "^a" }, TEXT("aaa"), TEXT("***aa") },
                { { "^a|b" }, TEXT("ababa"), TEXT("******a***a") },
                { { "^a" }, TEXT("b\na"), BYTES_NULL },
                { { "a$" }, TEXT("aaa"), TEXT("aa***") },
                { { "a$" }, TEXT("a\nb"), BYTES_NULL },
                { { "^a+$" }, TEXT("aaa"), TEXT("***") },
                { { "^a+$" }, TEXT("aab"), BYTES_NULL },
                /* What is in front of the place where the search goes on still counts. */
                { { "\\ba" }, TEXT("aaa aa"), TEXT("***aa ***a") },
                { { "\\<ab" }, TEXT("abab ab"), TEXT("***ab ***") },
                /* Nothing to replace where nothing is matched, and no end of it. */
                { { "\\b" }, TEXT("ab cd"), BYTES_NULL },
                { { "\\b|c" }, TEXT("ab cd"), TEXT("ab ***d") },
                { { "a\\B|\\<" }, TEXT("ab a"), TEXT("***b a") },
                /* Bytes, not characters. */
                { { "[^a]" }, TEXT("a\xff\x80"), TEXT("a******") },
                { { "k.y" }, TEXT("k\xe9y"), TEXT("***") },
                { { "\xc3\xa9+" }, TEXT("\xc3\xa9\xc3\xa9"), TEXT("******") },
                { { "\xff\xfe" }, TEXT("\xff\xff\xfe\xfe"), TEXT("\xff***\xfe") },
                { { "a" },
                        TEXT("\xf0\x9f\x98"
                             "a\x80"),
                        TEXT("\xf0\x9f\x98***\x80") },
                /* One after another, each on what is left. */
                { { "b", "a" }, TEXT("abc"), TEXT("******c") },
                { { "ab", "bc" }, TEXT("abc"), TEXT("***c") },
                { { "bc", "ab" }, TEXT("abc"), TEXT("a***") },
                { { "x", "b", "a" }, TEXT("abc"), TEXT("******c") },
                { { "b", "x", "a" }, TEXT("abc"), TEXT("******c") },
                { { "a", "x" }, TEXT("abc"), TEXT("***bc") },
                { { "a", "\\*\\*\\*b" }, TEXT("abc"), TEXT("***c") },
                { { "a", "a" }, TEXT("aa"), TEXT("******") },
                { { "secret", "--token=[^ ]*", "^-p.*" }, TEXT("--token=secret"), TEXT("***") },
                { { "secret", "--token=[^ ]*", "^-p.*" }, TEXT("-psecret"), TEXT("***") },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                check(table[i].patterns, table[i].text, table[i].expected);
}

/* A match may begin anywhere: also at, before and over the places where one step of the search ends. */
static void test_every_place(void **state) {
        _cleanup_(redactor_done) Redactor redactor = {};
        char text[600], expected[600];

        (void) state;
        add(&redactor, "secret[0-9]*");
        for (size_t at = 0; at + 10 <= sizeof(text); at++) {
                _cleanup_(buffer_done) Buffer storage = BUFFER_NULL;
                size_t offset, size;

                memset(text, 's', sizeof(text));
                memcpy(text + at, "secret1234", 10);
                memset(expected, 's', sizeof(expected));
                memcpy(expected + at, "***", 3);

                assert_true(
                        redactor_apply(&redactor, (Bytes){ text, sizeof(text) }, &storage, &offset, &size));
                assert_int_equal(size, sizeof(text) - 7);
                assert_memory_equal(storage.data + offset, expected, size);
        }
}

static void test_bad_patterns(void **state) {
        static const struct {
                const char *pattern;
                const char *reason; /* NULL: whatever the C library says */
        } table[] = {
                { "(", NULL },
                { "a{2", NULL },
                { "[a", NULL },
                { "[[:nosuch:]]", NULL },
                { "a{2,1}", NULL },
                { "*", NULL },
                { "\\", NULL },
                { "", "it matches the empty string" },
                { "a*", "it matches the empty string" },
                { "a?b*", "it matches the empty string" },
                { "^", "it matches the empty string" },
                { "$", "it matches the empty string" },
                { "^$", "it matches the empty string" },
                { "a|", "it matches the empty string" },
                { "(a|b*)", "it matches the empty string" },
                { "(a)\\1", "back-references are not supported" },
                { "[]\\1](b)\\1", "back-references are not supported" },
                { "[[.].][:alpha:]](b)\\1", "back-references are not supported" },
                { "[^]](b)x\\\\\\1", "back-references are not supported" },
        };
        _cleanup_(redactor_done) Redactor redactor = {};

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_free_ char *reason = NULL;

                if (redactor_add(&redactor, table[i].pattern, &reason) != -EINVAL)
                        fail_msg("\"%s\" is taken", table[i].pattern);
                assert_non_null(reason);
                assert_true(strlen(reason) > 0);
                if (table[i].reason)
                        assert_string_equal(reason, table[i].reason);
        }
        assert_int_equal(redactor.n_patterns, 0);

        /* No back-references, though they look like them. */
        add(&redactor, "[\\1]");
        add(&redactor, "a\\\\1");
        add(&redactor, "[[:alpha:]\\2]");
        add(&redactor, "[]\\3]");
        add(&redactor, "[^]\\3]");
        add(&redactor, "[[=a=]\\4]");
        assert_int_equal(redactor.n_patterns, 6);
}

/* Fills `size` bytes with copies of `piece`. */
static char *repeat(const char *piece, size_t size) {
        size_t length = strlen(piece);
        char *text = malloc(size);

        assert_non_null(text);
        for (size_t i = 0; i < size; i++)
                text[i] = piece[i % length];
        return text;
}

static void test_large(void **state) {
        _cleanup_free_ char *text = repeat("lorem ipsum dolor sit amet, ", MIB);
        _cleanup_(redactor_done) Redactor redactor = {};
        _cleanup_(buffer_done) Buffer storage = BUFFER_NULL;
        size_t offset, size;

        (void) state;
        add(&redactor, "password=[^ ]*");
        add(&redactor, "token=[^ ]*");
        assert_false(redactor_apply(&redactor, (Bytes){ text, MIB }, &storage, &offset, &size));
        assert_int_equal(buffer_error(&storage), 0);
}

/*
 * A text made to take long: before the secret there are so many places where a match might begin, each to
 * be followed to the end, that it would take half an hour. It ends soon, and the secret is not in what is
 * left.
 */
static void test_hostile(void **state) {
        static const char secret[] = " x://user:geheim@";
        _cleanup_free_ char *text = repeat("a", MIB);
        _cleanup_(redactor_done) Redactor redactor = {};
        _cleanup_(buffer_done) Buffer storage = BUFFER_NULL;
        double start = cpu_seconds();
        size_t offset, size;

        (void) state;
        memcpy(text + MIB - strlen(secret), secret, strlen(secret));
        add(&redactor, "[a-z]+://[^:]*:[^@]*@");
        add(&redactor, "nothing like that");
        assert_true(redactor_apply(&redactor, (Bytes){ text, MIB }, &storage, &offset, &size));
        assert_int_equal(buffer_error(&storage), 0);
        assert_null(memmem(storage.data + offset, size, "geheim", strlen("geheim")));
        assert_memory_equal(storage.data + offset + size - strlen(REDACTED), REDACTED, strlen(REDACTED));
        assert_true(cpu_seconds() - start < 120);
}

/* The same, spread over the arguments of one exec: the time is that of the exec. */
static void test_hostile_event(void **state) {
        enum {
                N = 256
        };
        _cleanup_free_ char *text = repeat("a", MIB / N);
        _cleanup_(redactor_done) Redactor redactor = {};
        _cleanup_(redacted_event_done) RedactedEvent redacted = {};
        Bytes argv[N];
        Event event = { .argv = argv, .argc = N };
        double start = cpu_seconds();
        size_t shortened = 0;

        (void) state;
        for (size_t i = 0; i < N; i++)
                argv[i] = (Bytes){ text, MIB / N };
        add(&redactor, "([a-z]+,)+[a-z]+://");
        assert_int_equal(redactor_apply_event(&redactor, &event, &redacted), 0);
        for (size_t i = 0; i < N; i++) {
                assert_true(argv[i].size >= strlen(REDACTED) && argv[i].size <= MIB / N);
                shortened += argv[i].size < MIB / N;
        }
        /* Searched to the end they would take many times the budget. */
        assert_true(shortened > 0);
        assert_true(cpu_seconds() - start < 120);
}

/* A full step, then no place left where a match may begin: nothing of the text is unsearched. */
static void test_step_sizes(void **state) {
        static const char *const patterns[PATTERNS_MAX] = { "b" };

        (void) state;
        for (size_t size = 1; size < 600; size++) {
                _cleanup_free_ char *text = repeat("a", size);

                check(patterns, (Bytes){ text, size }, BYTES_NULL);
        }
}

static Bytes apply_argument(const Redactor *redactor, const char *argument, RedactedEvent *redacted) {
        Bytes argv[] = { bytes_of_string(argument) };
        Event event = { .argv = argv, .argc = 1 };

        assert_int_equal(redactor_apply_event(redactor, &event, redacted), 0);
        return argv[0];
}

static void test_event(void **state) {
        static const char *const expected[] = { "***", "", "a***b***", "clean", "***" };
        static const char *const expected_values[] = { "clean", "x***", "" };
        static const Assignment environment[] = {
                { BYTES_LITERAL("secret"), BYTES_LITERAL("clean") },
                { BYTES_LITERAL("B"), BYTES_LITERAL("xsecret") },
                { BYTES_LITERAL("C"), BYTES_LITERAL("") },
        };
        _cleanup_(redactor_done) Redactor redactor = {};
        _cleanup_(redacted_event_done) RedactedEvent redacted = {};

        (void) state;
        add(&redactor, "secret");
        for (size_t round = 0; round < 3; round++) {
                Bytes argv[] = { TEXT("secret"), TEXT(""), TEXT("asecretbsecret"), TEXT("clean"),
                        TEXT("secret") };
                Event event = {
                        .filename = TEXT("secret"),
                        .argv = argv,
                        .argc = ELEMENTSOF(argv),
                        .environment = environment,
                        .n_environment = ELEMENTSOF(environment),
                };

                assert_int_equal(redactor_apply_event(&redactor, &event, &redacted), 0);
                assert_int_equal(event.argc, ELEMENTSOF(expected));
                for (size_t i = 0; i < event.argc; i++)
                        assert_true(bytes_equal(event.argv[i], bytes_of_string(expected[i])));
                assert_int_equal(event.n_environment, ELEMENTSOF(environment));
                for (size_t i = 0; i < event.n_environment; i++) {
                        assert_true(bytes_equal(event.environment[i].name, environment[i].name));
                        assert_true(
                                bytes_equal(event.environment[i].value, bytes_of_string(expected_values[i])));
                }
                assert_true(bytes_equal(event.filename, TEXT("secret")));
                assert_true(bytes_equal(environment[1].value, TEXT("xsecret")));
        }

        assert_true(bytes_equal(apply_argument(&redactor, "clean", &redacted), TEXT("clean")));
        assert_true(bytes_equal(apply_argument(&redactor, "a secret", &redacted), TEXT("a ***")));
}

/* So many that the text moves while it grows. */
static void test_event_many(void **state) {
        enum {
                N = 300
        };
        _cleanup_(redactor_done) Redactor redactor = {};
        _cleanup_(redacted_event_done) RedactedEvent redacted = {};
        static char arguments[N][24];
        static Bytes argv[N];
        Event event = { .argv = argv, .argc = N };

        (void) state;
        for (size_t i = 0; i < N; i++) {
                (void) snprintf(arguments[i], sizeof(arguments[i]), "%zu%s", i, i % 3 ? ":secret:" : "");
                argv[i] = bytes_of_string(arguments[i]);
        }
        add(&redactor, "s[a-z]*t");
        assert_int_equal(redactor_apply_event(&redactor, &event, &redacted), 0);
        for (size_t i = 0; i < N; i++) {
                char expected[24];

                (void) snprintf(expected, sizeof(expected), "%zu%s", i, i % 3 ? ":***:" : "");
                assert_true(bytes_equal(argv[i], bytes_of_string(expected)));
        }
}

static void test_event_without_patterns(void **state) {
        Redactor redactor = {};
        _cleanup_(redacted_event_done) RedactedEvent redacted = {};

        (void) state;
        assert_true(bytes_equal(apply_argument(&redactor, "secret", &redacted), TEXT("secret")));
        assert_null(redacted.text.data);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_matches),
                cmocka_unit_test(test_every_place),
                cmocka_unit_test(test_step_sizes),
                cmocka_unit_test(test_bad_patterns),
                cmocka_unit_test(test_large),
                cmocka_unit_test(test_hostile),
                cmocka_unit_test(test_hostile_event),
                cmocka_unit_test(test_event),
                cmocka_unit_test(test_event_many),
                cmocka_unit_test(test_event_without_patterns),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

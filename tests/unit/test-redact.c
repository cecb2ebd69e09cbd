/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "redact/redact.h"
#include "util/cleanup.h"

#define TEXT(s) BYTES_LITERAL(s)

static void add(Redactor *redactor, const char *pattern) {
        _cleanup_free_ char *reason = NULL;

        if (redactor_add(redactor, pattern, &reason) < 0)
                fail_msg("\"%s\": %s", pattern, reason ? reason : "no memory");
}

static void assert_text(Bytes text, Bytes expected) {
        if (!bytes_equal(text, expected) || bytes_is_set(text) != bytes_is_set(expected))
                fail_msg("\"%.*s\" instead of \"%.*s\"", (int) text.size, text.data, (int) expected.size,
                        expected.data);
}

static void test_event(void **state) {
        static const Bytes expected[] = { TEXT("***"), TEXT(""), TEXT("a***b***"), TEXT("clean"),
                TEXT("***") };
        static const Bytes expected_values[] = { TEXT("clean"), TEXT("x***"), TEXT("") };
        static const Assignment environment[] = {
                { TEXT("secret"), TEXT("clean") },
                { TEXT("B"), TEXT("xsecret") },
                { TEXT("C"), TEXT("") },
        };
        _cleanup_(redactor_done) Redactor redactor = {};
        _cleanup_(redacted_event_done) RedactedEvent redacted = {};

        (void) state;
        add(&redactor, "secret");
        for (size_t round = 0; round < 3; round++) {
                Bytes argv[] = { TEXT("secret"), TEXT(""), TEXT("asecretbsecret"), TEXT("clean"),
                        TEXT("secret") };
                Event event = {
                        .filename = TEXT("./secret"),
                        .exe = TEXT("/opt/secret/run"),
                        .cwd = round == 0 ? TEXT("/home/secret") : BYTES_NULL,
                        .comm = TEXT("secret"),
                        .argv = argv,
                        .argc = ELEMENTSOF(argv),
                        .environment = environment,
                        .n_environment = ELEMENTSOF(environment),
                };

                assert_int_equal(redactor_apply_event(&redactor, &event, &redacted), 0);
                assert_int_equal(event.argc, ELEMENTSOF(expected));
                for (size_t i = 0; i < event.argc; i++)
                        assert_text(event.argv[i], expected[i]);
                assert_int_equal(event.n_environment, ELEMENTSOF(environment));
                for (size_t i = 0; i < event.n_environment; i++) {
                        assert_text(event.environment[i].name, environment[i].name);
                        assert_text(event.environment[i].value, expected_values[i]);
                }
                assert_text(event.filename, TEXT("./***"));
                assert_text(event.exe, TEXT("/opt/***/run"));
                assert_text(event.cwd, round == 0 ? TEXT("/home/***") : BYTES_NULL);
                assert_text(event.comm, TEXT("secret"));
                assert_text(environment[1].value, TEXT("xsecret"));
                assert_false(event.redact_timeout);
        }
}

/* What is left of a secret that was cut is no match of any pattern. */
static void test_cut(void **state) {
        static const struct {
                const char *pattern; /* NULL: none */
                Bytes gap, expected;
        } table[] = {
                { "ghp_[A-Za-z0-9]{36}", TEXT("ghp_abcdefghij...uvwxyz0123456789"), TEXT("***") },
                { "ghp_[A-Za-z0-9]{36}", TEXT("x..."), TEXT("***") },
                { "ghp_[A-Za-z0-9]{36}", TEXT("...x"), TEXT("***") },
                { "ghp_[A-Za-z0-9]{36}", TEXT("..."), TEXT("...") },
                { NULL, TEXT("a...b"), TEXT("a...b") },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                for (size_t at = 0; at < 3; at++) {
                        _cleanup_(redactor_done) Redactor redactor = {};
                        _cleanup_(redacted_event_done) RedactedEvent redacted = {};
                        Bytes argv[] = { TEXT("a...b"), TEXT("a...b"), TEXT("a...b") };
                        Event event = { .argv = argv, .argc = 3, .truncated = true, .argv_gap = argv + at };

                        argv[at] = table[i].gap;
                        if (table[i].pattern)
                                add(&redactor, table[i].pattern);
                        assert_int_equal(redactor_apply_event(&redactor, &event, &redacted), 0);
                        for (size_t k = 0; k < 3; k++)
                                assert_text(argv[k], k == at ? table[i].expected : TEXT("a...b"));
                        assert_false(event.redact_timeout);
                }
}

static void test_cut_paths(void **state) {
        const Bytes whole = TEXT("/x...y");

        (void) state;
        for (unsigned cut = 0; cut < 8; cut++) {
                _cleanup_(redactor_done) Redactor redactor = {};
                _cleanup_(redacted_event_done) RedactedEvent redacted = {};
                Event event = {
                        .filename = whole,
                        .filename_cut = cut & 1,
                        .exe = whole,
                        .exe_cut = cut & 2,
                        .cwd = whole,
                        .cwd_cut = cut & 4,
                };

                add(&redactor, "secret");
                assert_int_equal(redactor_apply_event(&redactor, &event, &redacted), 0);
                assert_text(event.filename, cut & 1 ? TEXT("***") : whole);
                assert_text(event.exe, cut & 2 ? TEXT("***") : whole);
                assert_text(event.cwd, cut & 4 ? TEXT("***") : whole);
        }
}

/* So many that the text moves while it grows. */
static void test_many(void **state) {
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
                assert_text(argv[i], bytes_of_string(expected));
        }
}

static void test_without_patterns(void **state) {
        Redactor redactor = {};
        _cleanup_(redacted_event_done) RedactedEvent redacted = {};
        Bytes argv[] = { TEXT("secret") };
        Event event = { .argv = argv, .argc = 1, .exe = TEXT(".../x"), .exe_cut = true };

        (void) state;
        assert_int_equal(redactor_apply_event(&redactor, &event, &redacted), 0);
        assert_text(argv[0], TEXT("secret"));
        assert_text(event.exe, TEXT(".../x"));
        assert_null(redacted.text.data);
}

static double cpu_seconds(void) {
        struct timespec now;

        assert_int_equal(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now), 0);
        return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/*
 * Arguments made to be slow hide themselves, and no other, wherever they stand; and the record takes no
 * longer than it may. `n_slow` of `size` bytes each stand behind `before` others.
 */
static void check_slow(size_t n_slow, size_t size, size_t before) {
        enum {
                N_OTHERS = 40
        };
        static const char other[] = "--option=a-value-of-some-length,with-nothing-in-it",
                          found[] = "x token=1";
        _cleanup_(redactor_done) Redactor redactor = {};
        _cleanup_(redacted_event_done) RedactedEvent redacted = {};
        _cleanup_free_ char *slow = malloc(size);
        _cleanup_free_ Bytes *argv = calloc(n_slow + N_OTHERS, sizeof(Bytes));
        Event event = { .argv = argv, .argc = n_slow + N_OTHERS, .filename = TEXT("./other") };
        double seconds;

        assert_non_null(slow);
        assert_non_null(argv);
        memset(slow, 'a', size);
        for (size_t i = 0; i < event.argc; i++)
                argv[i] = i >= before && i < before + n_slow ? (Bytes){ slow, size }
                        : i % 2                              ? bytes_of_string(other)
                                                             : bytes_of_string(found);
        add(&redactor, "(a+)+[bc]");
        for (size_t i = 0; i < 12; i++)
                add(&redactor, "(?i)[^=\\s]*token[^=\\s]*=.+");

        seconds = cpu_seconds();
        assert_int_equal(redactor_apply_event(&redactor, &event, &redacted), 0);
        seconds = cpu_seconds() - seconds;
        print_message("%zu slow ones of %zu bytes: %.1f ms\n", n_slow, size, seconds * 1e3);

        assert_true(event.redact_timeout);
        for (size_t i = 0; i < event.argc; i++)
                if (i >= before && i < before + n_slow)
                        assert_text(argv[i], TEXT("***"));
                else
                        assert_text(argv[i], i % 2 ? bytes_of_string(other) : TEXT("x ***"));
        assert_text(event.filename, TEXT("./other"));
        assert_true(seconds < 0.05);
}

static void test_slow(void **state) {
        (void) state;
        check_slow(1, 32000, 0);
        check_slow(1, 32000, 20);
        check_slow(1, 32000, 40);
        check_slow(8, 4000, 0);
        check_slow(30, 1000, 10);
        check_slow(250, 100, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_event),
                cmocka_unit_test(test_cut),
                cmocka_unit_test(test_cut_paths),
                cmocka_unit_test(test_many),
                cmocka_unit_test(test_without_patterns),
                cmocka_unit_test(test_slow),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

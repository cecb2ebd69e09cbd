/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What becomes of a record when memory runs out on its way, at each place where it may. The linker hands
 * the daemon's own calls to the functions here (--wrap). That nothing leaks is for the sanitizers to see.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "event/decode.h"
#include "filter/filter.h"
#include "record.h"
#include "redact/redact.h"
#include "util/cleanup.h"

#define ENDLESS SIZE_MAX

static size_t allocations_left = ENDLESS;
static size_t n_failed;

static bool may_allocate(void) {
        if (allocations_left == ENDLESS)
                return true;
        if (allocations_left == 0) {
                n_failed++;
                return false;
        }
        allocations_left--;
        return true;
}

/* From the next but `n` on no allocation succeeds. */
static void fail_after(size_t n) {
        n_failed = 0;
        allocations_left = n;
}

/* Lets allocations succeed again; returns whether one failed. */
static bool failed_one(void) {
        allocations_left = ENDLESS;
        return n_failed > 0;
}

/* The names are the linker's. */
#define WRAP(type, name, parameters, arguments) \
        type __real_##name parameters;          \
        type __wrap_##name parameters;          \
        type __wrap_##name parameters {         \
                if (!may_allocate())            \
                        return NULL;            \
                return __real_##name arguments; \
        }                                       \
        struct swallow_semicolon_##name

WRAP(void *, malloc, (size_t size), (size));
WRAP(void *, realloc, (void *p, size_t size), (p, size));
WRAP(void *, reallocarray, (void *p, size_t n, size_t size), (p, n, size));
WRAP(char *, strdup, (const char *s), (s));

static void test_decode(void **state) {
        static const RecordParts parts = {
                .exe = BYTES_LITERAL("a\0b\0"),
                .args_head = BYTES_LITERAL("a\0bc"),
                .args_tail = BYTES_LITERAL("d\0e\0"),
                .args_total = 100,
                .environment = BYTES_LITERAL("A=1\0B=2\0"),
        };
        _cleanup_free_ char *record = NULL;
        size_t size, n = 0;
        bool failed;

        (void) state;
        record = record_new(&(RecordHead){}, &parts, &size);
        do {
                _cleanup_(decoder_done) Decoder decoder = {};
                Event event, untouched;
                int r;

                memset(&event, 0x5a, sizeof(event));
                memset(&untouched, 0x5a, sizeof(untouched));
                fail_after(n++);
                r = decode_record(&decoder, record, size, 0, &event);
                failed = failed_one();
                assert_int_equal(r, failed ? -ENOMEM : 0);
                if (failed)
                        assert_memory_equal(&event, &untouched, sizeof(event));

                /* The decoder is as good as before. */
                assert_int_equal(decode_record(&decoder, record, size, 0, &event), 0);
                assert_int_equal(event.argc, 3);
                assert_int_equal(event.n_environment, 2);
        } while (failed);
        assert_true(n > 3);
}

static void test_add(void **state) {
        size_t n = 0;
        bool failed;

        (void) state;
        do {
                _cleanup_(redactor_done) Redactor redactor = {};
                _cleanup_(filter_done) Filter filter = {};
                _cleanup_free_ char *reason = NULL;
                int ids, globs, pattern, bad_pattern;

                fail_after(n++);
                ids = rule_list_add_ids(&filter.kinds[FILTER_USER].include, "0");
                globs = rule_list_add_glob(&filter.kinds[FILTER_EXE].include, "*");
                pattern = redactor_add(&redactor, "a", &reason);
                bad_pattern = redactor_add(&redactor, "(", &reason);
                failed = failed_one();

                assert_true(ids == 0 || (failed && ids == -ENOMEM));
                assert_true(globs == 0 || (failed && globs == -ENOMEM));
                assert_true(pattern == 0 || (failed && pattern == -ENOMEM));
                assert_int_equal(bad_pattern, failed ? -ENOMEM : -EINVAL);
                assert_true(!reason == failed);
                assert_int_equal(filter.kinds[FILTER_USER].include.n_ranges, ids == 0);
                assert_int_equal(filter.kinds[FILTER_EXE].include.n_globs, globs == 0);
                assert_int_equal(redactor.n_patterns, pattern == 0);
        } while (failed);
        assert_true(n > 5);
}

static void test_redact(void **state) {
        static const Assignment environment[] = { { BYTES_LITERAL("A"), BYTES_LITERAL("xx") } };
        _cleanup_(redactor_done) Redactor redactor = {};
        _cleanup_free_ char *reason = NULL;
        size_t n = 0;
        bool failed;

        (void) state;
        assert_int_equal(redactor_add(&redactor, "x", &reason), 0);
        do {
                _cleanup_(redacted_event_done) RedactedEvent redacted = {};
                Bytes argv[] = { BYTES_LITERAL("x"), BYTES_LITERAL("axa") };
                Event event = { .argv = argv, .argc = 2, .environment = environment, .n_environment = 1 };
                int r;

                fail_after(n++);
                r = redactor_apply_event(&redactor, &event, &redacted);
                failed = failed_one();
                assert_int_equal(r, failed ? -ENOMEM : 0);
        } while (failed);
        assert_true(n > 2);

        n = 0;
        do {
                _cleanup_(buffer_done) Buffer storage = BUFFER_NULL;
                Budget budget = budget_new(1000000000U, 1);
                size_t offset, size;
                int r;

                budget_begin(&budget, 1);
                fail_after(n++);
                r = redactor_apply(&redactor, BYTES_LITERAL("axa"), &budget, &storage, &offset, &size);
                failed = failed_one();
                assert_int_equal(r, failed ? -ENOMEM : (int) REDACTION_DONE);
        } while (failed);
        assert_true(n > 1);
}

/* What can't be compared is kept, whatever the rule; and another rule still decides for itself. */
static void test_filter(void **state) {
        static const Event script = {
                .uid = 1000,
                .exe = BYTES_LITERAL("/bin/sh"),
                .filename = BYTES_LITERAL("run"),
                .cwd = BYTES_LITERAL("/opt"),
                .flags = EXEC_FLAG_SCRIPT,
        };
        _cleanup_(filter_done) Filter include = {}, exclude = {};
        const Event *const events[] = { &script };

        (void) state;
        assert_int_equal(rule_list_add_glob(&include.kinds[FILTER_EXE].include, "/none"), 0);
        assert_int_equal(rule_list_add_glob(&exclude.kinds[FILTER_EXE].exclude, "*[na]"), 0);
        for (size_t i = 0; i < ELEMENTSOF(events); i++) {
                assert_false((filter_dropped_by(&include, events[i]) == FILTER_PASSES));
                assert_false((filter_dropped_by(&exclude, events[i]) == FILTER_PASSES));

                fail_after(0);
                assert_int_equal((filter_dropped_by(&include, events[i]) == FILTER_PASSES) +
                                (filter_dropped_by(&exclude, events[i]) == FILTER_PASSES),
                        2);
                assert_true(failed_one());
        }

        assert_int_equal(rule_list_add_ids(&exclude.kinds[FILTER_USER].exclude, "1000"), 0);
        fail_after(0);
        assert_false((filter_dropped_by(&exclude, &script) == FILTER_PASSES));
        assert_false(failed_one());
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_decode),
                cmocka_unit_test(test_add),
                cmocka_unit_test(test_redact),
                cmocka_unit_test(test_filter),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Redaction: patterns, each a text, up to an empty one; then the texts that they work on. The same is done here with
 * regexec(3), one match after another.
 */

#include <time.h>

#include "fuzz.h"
#include "redact/redact.h"

#define PATTERNS_MAX 4
#define TEXTS_MAX 8

/*
 * Of the budget, after which nothing is compared: what was not searched in time is replaced as a whole. A machine that
 * stands still for a while, as virtual ones do, uses it up, too.
 */
#define BUDGET_SHARE 4

static uint64_t cpu_ns(void) {
        struct timespec now;

        assert_int_equal(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now), 0);
        return (uint64_t) now.tv_sec * 1000000000U + (uint64_t) now.tv_nsec;
}

static bool is_late(uint64_t begin) {
        return cpu_ns() - begin > REDACT_BUDGET_NS / BUDGET_SHARE;
}

/* One pattern over the whole text. Matches that are empty have nothing to replace. */
static void replace(const regex_t *pattern, Buffer *text) {
        _cleanup_(buffer_done) Buffer out = BUFFER_NULL;
        Buffer swap;
        size_t at = 0, copied = 0;

        if (text->size == 0)
                return;
        buffer_append_char(text, '\0'); /* asked for by the sanitizer's own regexec() */
        text->size--;
        while (at < text->size) {
                regmatch_t match = { .rm_so = (regoff_t) at, .rm_eo = (regoff_t) text->size };

                if (regexec(pattern, text->data, 1, &match, REG_STARTEND) != 0)
                        break;
                if (match.rm_eo == match.rm_so) {
                        at = (size_t) match.rm_so + 1;
                        continue;
                }
                buffer_append(&out, text->data + copied, (size_t) match.rm_so - copied);
                buffer_append_string(&out, REDACTED);
                copied = at = (size_t) match.rm_eo;
        }
        buffer_append(&out, text->data + copied, text->size - copied);
        assert_int_equal(buffer_error(&out), 0);
        swap = *text;
        *text = out;
        out = swap;
}

static void check_text(const Redactor *redactor, Bytes text) {
        _cleanup_(buffer_done) Buffer storage = BUFFER_NULL, expected = BUFFER_NULL;
        _cleanup_free_ char *copy = copy_of(text);
        size_t offset, size;
        uint64_t begin = cpu_ns();
        bool replaced;

        buffer_append_string(&storage, "before");
        replaced = redactor_apply(redactor, (Bytes){ copy, text.size }, &storage, &offset, &size);
        assert_int_equal(buffer_error(&storage), 0);
        assert_memory_equal(storage.data, "before", 6);
        if (replaced) {
                assert_int_equal(offset, 6);
                assert_int_equal(storage.size, 6 + size + 1);
                assert_int_equal(storage.data[6 + size], '\0');
        } else
                assert_int_equal(storage.size, 6);
        if (is_late(begin))
                return;

        buffer_append_bytes(&expected, text);
        for (size_t i = 0; i < redactor->n_patterns; i++)
                replace(&redactor->patterns[i], &expected);
        assert_same(replaced ? (Bytes){ storage.data + 6, size } : text, buffer_bytes(&expected));
}

/* All of them together are what each is by itself. */
static void check_event(const Redactor *redactor, const Bytes *texts, size_t n) {
        _cleanup_(redacted_event_done) RedactedEvent redacted = {};
        Bytes argv[TEXTS_MAX];
        const Assignment environment[] = { { BYTES_LITERAL("NAME"), n > 0 ? texts[0] : BYTES_LITERAL("") } };
        Event event = { .argv = argv, .argc = n, .environment = environment, .n_environment = 1 };
        uint64_t begin = cpu_ns();

        for (size_t i = 0; i < n; i++)
                argv[i] = texts[i];
        assert_int_equal(redactor_apply_event(redactor, &event, &redacted), 0);
        if (is_late(begin))
                return;
        for (size_t i = 0; i < n; i++) {
                _cleanup_(buffer_done) Buffer storage = BUFFER_NULL;
                size_t offset, size;
                bool replaced;

                begin = cpu_ns();
                replaced = redactor_apply(redactor, texts[i], &storage, &offset, &size);
                if (is_late(begin))
                        return;
                if (replaced)
                        assert_same(event.argv[i], (Bytes){ storage.data + offset, size });
                else
                        assert_same(event.argv[i], texts[i]);
        }
        if (n > 0)
                assert_same(event.environment[0].value, event.argv[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(redactor_done) Redactor redactor = {};
        Input input = { data, size };
        Bytes texts[TEXTS_MAX];
        size_t n = 0;

        for (size_t i = 0; i < PATTERNS_MAX; i++) {
                _cleanup_free_ char *pattern = string_of(input_text(&input)), *reason = NULL;
                size_t before = redactor.n_patterns;
                int r;

                if (pattern[0] == '\0')
                        break;
                r = redactor_add(&redactor, pattern, &reason);
                assert_true(r == 0 || r == -EINVAL || r == -ENOMEM);
                assert_int_equal(reason != NULL, r == -EINVAL);
                assert_int_equal(redactor.n_patterns, before + (r == 0));
        }
        while (input.size > 0 && n < TEXTS_MAX) {
                texts[n] = input_long_text(&input);
                check_text(&redactor, texts[n++]);
        }
        check_event(&redactor, texts, n);
        return 0;
}

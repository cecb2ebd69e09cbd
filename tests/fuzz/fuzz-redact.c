/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Redaction: a byte that says how, patterns, each a text, up to an empty one; then the texts that they work
 * on. An oracle does the same more simply. No pattern and no text may take longer than the budget allows.
 */

#include <time.h>

#include "event/strings.h"
#include "fuzz.h"
#include "oracle-redact.h"
#include "redact/redact.h"

#define PATTERNS_MAX 4
#define TEXTS_MAX 8
#define LIMIT_NS 20000000U
#define LATE_NS 1000000000U /* with all that the sanitizers and a busy machine add */

typedef struct Patterns {
        Redactor redactor;
        OraclePattern oracle[PATTERNS_MAX];
} Patterns;

static uint64_t cpu_ns(void) {
        struct timespec now;

        assert_int_equal(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now), 0);
        return (uint64_t) now.tv_sec * 1000000000U + (uint64_t) now.tv_nsec;
}

static void patterns_done(Patterns *patterns) {
        for (size_t i = 0; i < patterns->redactor.n_patterns; i++)
                oracle_pattern_done(&patterns->oracle[i]);
        redactor_done(&patterns->redactor);
}

static void read_patterns(Input *input, Patterns *ret) {
        Redactor *redactor = &ret->redactor;

        assert_int_equal(matcher_new(input_number(input, 1) & 1, &redactor->matcher), 0);
        for (size_t i = 0; i < PATTERNS_MAX; i++) {
                _cleanup_free_ char *text = string_of(input_text(input)), *reason = NULL;
                size_t before = redactor->n_patterns;
                uint64_t begin = cpu_ns();
                int r;

                if (text[0] == '\0')
                        break;
                r = redactor_add(redactor, text, &reason);
                assert_true(r == 0 || r == -EINVAL);
                assert_int_equal(reason != NULL, r == -EINVAL);
                assert_int_equal(redactor->n_patterns, before + (r == 0));
                assert_true(cpu_ns() - begin < LATE_NS);
                if (r == 0)
                        oracle_pattern_init(&ret->oracle[before], text);
        }
}

static void check_text(const Patterns *patterns, Bytes text) {
        _cleanup_(buffer_done) Buffer storage = BUFFER_NULL, expected = BUFFER_NULL;
        _cleanup_free_ char *copy = copy_of(text);
        Budget budget = budget_new(LIMIT_NS, 1);
        size_t offset, size;
        uint64_t begin = cpu_ns();
        int r;

        buffer_append_string(&storage, "before");
        budget_begin(&budget, 1);
        r = redactor_apply(
                &patterns->redactor, (Bytes){ copy, text.size }, &budget, &storage, &offset, &size);
        assert_in_range(r, REDACTION_NONE, REDACTION_TIMEOUT);
        assert_true(cpu_ns() - begin < LATE_NS);
        assert_memory_equal(storage.data, "before", 6);
        if (r == REDACTION_DONE) {
                assert_int_equal(offset, 6);
                assert_int_equal(storage.size, 6 + size + 1);
                assert_int_equal(storage.data[6 + size], '\0');
        } else
                assert_int_equal(storage.size, 6);

        if (r == REDACTION_TIMEOUT ||
                !oracle_redact(patterns->oracle, patterns->redactor.n_patterns, text, &expected))
                return;
        assert_same(r == REDACTION_DONE ? (Bytes){ storage.data + 6, size } : text, buffer_bytes(&expected));
}

/* All of them together are what each is by itself, or hidden as a whole, which is said. */
static void check_event(const Patterns *patterns, const Bytes *texts, size_t n, size_t cut) {
        _cleanup_(redacted_event_done) RedactedEvent redacted = {};
        Bytes argv[TEXTS_MAX], first = n > 0 ? texts[0] : BYTES_LITERAL("");
        const Assignment environment[] = { { BYTES_LITERAL("NAME"), first } };
        Event event = {
                .argv = argv,
                .argc = n,
                .argv_gap = cut < n ? argv + cut : NULL,
                .filename = first,
                .exe = first,
                .cwd = first,
                .environment = environment,
                .n_environment = 1,
        };

        for (size_t i = 0; i < n; i++)
                argv[i] = texts[i];
        assert_int_equal(redactor_apply_event(&patterns->redactor, &event, &redacted), 0);
        for (size_t i = 0; i < n; i++) {
                _cleanup_(buffer_done) Buffer expected = BUFFER_NULL;

                if (i == cut && patterns->redactor.n_patterns > 0) {
                        assert_true(bytes_equal(argv[i], BYTES_LITERAL(REDACTED)) || texts[i].size == 0 ||
                                bytes_equal(texts[i], BYTES_LITERAL(DECODE_CUT)));
                        continue;
                }
                if (event.redact_timeout && bytes_equal(argv[i], BYTES_LITERAL(REDACTED)))
                        continue;
                if (oracle_redact(patterns->oracle, patterns->redactor.n_patterns, texts[i], &expected))
                        assert_same(argv[i], buffer_bytes(&expected));
        }
        if (n > 0 && cut != 0 && !event.redact_timeout) {
                assert_same(event.environment[0].value, argv[0]);
                assert_same(event.filename, argv[0]);
                assert_same(event.exe, argv[0]);
                assert_same(event.cwd, argv[0]);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(patterns_done) Patterns patterns = {};
        Input input = { data, size };
        Bytes texts[TEXTS_MAX];
        size_t n = 0, cut = (size_t) input_number(&input, 1);

        read_patterns(&input, &patterns);
        while (input.size > 0 && n < TEXTS_MAX) {
                texts[n] = input_long_text(&input);
                check_text(&patterns, texts[n++]);
        }
        check_event(&patterns, texts, n, cut);
        return 0;
}

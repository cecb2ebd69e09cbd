/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What redaction comes to, done as simply as can be: PCRE2 without any of its optimizations, one match after
 * another, and a list of what each byte of the text is covered by.
 */

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "fuzz.h"
#include "redact/redactor.h"

#define ORACLE_STEPS_MAX 20000U /* more is nothing to compare with */

typedef struct OraclePattern {
        pcre2_code *code;
        pcre2_match_data *data;
        pcre2_match_context *context;
        bool recurses;
} OraclePattern;

/*
 * Whether a pattern may call a group of itself. Then there is nothing to compare with: in
 * "aaa(?R)aaaaaa|a" the interpreter of PCRE2 10.42, which the oracle is, finds less than its JIT.
 */
static inline bool oracle_pattern_recurses(const char *text) {
        static const char *const calls[] = { "(?R", "(?&", "(?P>", "(?+", "(?-", "\\g" };

        for (size_t i = 0; i < ELEMENTSOF(calls); i++)
                if (strstr(text, calls[i]))
                        return true;
        for (; (text = strstr(text, "(?")); text++)
                if (text[2] >= '0' && text[2] <= '9')
                        return true;
        return false;
}

static inline void oracle_pattern_init(OraclePattern *ret, const char *text) {
        const uint32_t options = PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | PCRE2_NO_START_OPTIMIZE |
                PCRE2_NO_AUTO_POSSESS | PCRE2_NO_DOTSTAR_ANCHOR;
        PCRE2_SIZE offset;
        int error;

        ret->code = pcre2_compile((PCRE2_SPTR) text, PCRE2_ZERO_TERMINATED, options, &error, &offset, NULL);
        assert_non_null(ret->code);
        ret->data = pcre2_match_data_create(1, NULL);
        ret->context = pcre2_match_context_create(NULL);
        assert_non_null(ret->data);
        assert_non_null(ret->context);
        pcre2_set_match_limit(ret->context, ORACLE_STEPS_MAX);
        ret->recurses = oracle_pattern_recurses(text);
}

static inline void oracle_pattern_done(OraclePattern *pattern) {
        pcre2_match_context_free(pattern->context);
        pcre2_match_data_free(pattern->data);
        pcre2_code_free(pattern->code);
}

/*
 * covered[i]: a match covers byte i; joined[i]: one covers the byte before it, too. False: that takes too
 * long to tell.
 */
static inline bool oracle_search(const OraclePattern *pattern, Bytes text, bool *covered, bool *joined) {
        size_t at = 0;

        while (at < text.size) {
                int r = pcre2_match(pattern->code, (PCRE2_SPTR) text.data, text.size, at, PCRE2_NOTEMPTY,
                        pattern->data, pattern->context);
                const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(pattern->data);

                if (r == PCRE2_ERROR_NOMATCH)
                        return true;
                if (r < 0 || ends[0] >= ends[1])
                        return false;
                for (size_t i = ends[0]; i < ends[1]; i++) {
                        covered[i] = true;
                        joined[i] = joined[i] || i > ends[0];
                }
                at = ends[1] > at ? ends[1] : at + 1;
        }
        return true;
}

/* What is to be recorded of the text. False: that can't be told. */
static inline bool oracle_redact(const OraclePattern *patterns, size_t n, Bytes text, Buffer *ret) {
        _cleanup_free_ bool *covered = calloc(text.size + 1, sizeof(bool)),
                            *joined = calloc(text.size + 1, sizeof(bool));

        assert_non_null(covered);
        assert_non_null(joined);
        for (size_t i = 0; i < n; i++)
                if (patterns[i].recurses || !oracle_search(&patterns[i], text, covered, joined))
                        return false;
        for (size_t i = 0; i < text.size; i++)
                if (!covered[i])
                        buffer_append_char(ret, text.data[i]);
                else if (!joined[i])
                        buffer_append_string(ret, REDACTED);
        assert_int_equal(buffer_error(ret), 0);
        return true;
}

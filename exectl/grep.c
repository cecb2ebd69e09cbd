/* SPDX-License-Identifier: GPL-2.0-or-later */

#define PCRE2_CODE_UNIT_WIDTH 8

#include "grep.h"

#include <ctype.h>
#include <errno.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

#include "show.h"

struct Grep {
        pcre2_code *code;
        pcre2_match_data *match;
        CommandLine line;
};

static bool has_capital(const char *pattern) {
        for (; *pattern; pattern++)
                if (isupper((unsigned char) *pattern))
                        return true;
        return false;
}

int grep_new(const char *pattern, Grep **ret) {
        Grep *grep = calloc(1, sizeof(*grep));
        PCRE2_SIZE offset;
        int error;

        if (!grep)
                return -ENOMEM;
        grep->code = pcre2_compile((PCRE2_SPTR) pattern, PCRE2_ZERO_TERMINATED,
                PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | (has_capital(pattern) ? 0 : PCRE2_CASELESS), &error,
                &offset, NULL);
        if (!grep->code) {
                PCRE2_UCHAR text[256];

                (void) pcre2_get_error_message(error, text, sizeof(text));
                fprintf(stderr, "exectl: --grep=%s: %s\n", pattern, (const char *) text);
                grep_free(grep);
                return -EINVAL;
        }
        /* If this fails, matching is only slower. */
        (void) pcre2_jit_compile(grep->code, PCRE2_JIT_COMPLETE);
        grep->match = pcre2_match_data_create_from_pattern(grep->code, NULL);
        if (!grep->match) {
                grep_free(grep);
                return -ENOMEM;
        }
        *ret = grep;
        return 0;
}

void grep_free(Grep *grep) {
        if (!grep)
                return;
        pcre2_match_data_free(grep->match);
        pcre2_code_free(grep->code);
        command_line_done(&grep->line);
        free(grep);
}

bool grep_meets(Grep *grep, const Record *record) {
        const char *text = command_line_of(&grep->line, record);

        return text &&
                pcre2_match(grep->code, (PCRE2_SPTR) text, PCRE2_ZERO_TERMINATED, 0, 0, grep->match, NULL) >=
                0;
}

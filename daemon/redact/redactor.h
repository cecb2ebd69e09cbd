/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "redact/budget.h"
#include "redact/pattern.h"
#include "util/buffer.h"
#include "util/bytes.h"

/* The patterns whose matches are not to be recorded. All-zero: none. */
typedef struct Redactor {
        Pattern **patterns;
        size_t n_patterns;
        Matcher *matcher; /* NULL: made with the first pattern */
} Redactor;

/* Stands for what was taken out. */
#define REDACTED "***"

void redactor_done(Redactor *redactor);

/* Adds a pattern. Fails like pattern_new(), with the reason in *ret_reason (to be freed). */
int redactor_add(Redactor *redactor, const char *pattern, char **ret_reason);

/* What became of a text. */
typedef enum Redaction {
        REDACTION_NONE, /* it holds no match */
        REDACTION_DONE, /* its matches were replaced */
        REDACTION_TIMEOUT, /* it could not be searched in time: nothing of it may be recorded */
        _REDACTION_MAX,
} Redaction;

/*
 * Replaces what the patterns match in `text`, which budget_begin() was called for. Each pattern searches the
 * text as it was given, from left to right. What one match covers becomes one REDACTED; matches that overlap
 * become one together.
 *
 * Returns a Redaction. For REDACTION_DONE the result is in `storage`, appended behind what is there, and a
 * NUL follows it; *ret_offset and *ret_size say where. Otherwise `storage` is as it was. -ENOMEM.
 */
int redactor_apply(const Redactor *redactor, Bytes text, Budget *budget, Buffer *storage, size_t *ret_offset,
        size_t *ret_size);

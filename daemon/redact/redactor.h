/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "redact/budget.h"
#include "redact/pattern.h"
#include "util/buffer.h"
#include "util/bytes.h"

/* The patterns whose matches must not be recorded. An all-zero redactor has none. */
typedef struct Redactor {
        Pattern **patterns;
        size_t n_patterns;
        Matcher *matcher; /* created with the first pattern */
} Redactor;

/* Replaces each match. */
#define REDACTED "***"

void redactor_done(Redactor *redactor);

/* Adds a pattern. Returns 0 or fails like pattern_new(), with the reason in *ret_reason (to be freed). */
int redactor_add(Redactor *redactor, const char *pattern, char **ret_reason);

/* The result for a text. */
typedef enum Redaction {
        REDACTION_NONE, /* it has no match */
        REDACTION_DONE, /* its matches were replaced */
        REDACTION_TIMEOUT, /* it could not be searched in time, so nothing of it may be recorded */
        _REDACTION_MAX,
} Redaction;

/*
 * Replaces all matches of the patterns in `text`. The caller has called budget_begin() for it. Each pattern
 * searches the original text, from left to right. Each match is replaced by REDACTED; matches that overlap
 * are replaced by one REDACTED together.
 *
 * Returns a Redaction or -ENOMEM. For REDACTION_DONE, the new text and a NUL are appended to `storage`, and
 * *ret_offset and *ret_size are set to its offset there and to its size without NUL. Otherwise the contents
 * of `storage` stay the same.
 */
int redactor_apply(const Redactor *redactor, Bytes text, Budget *budget, Buffer *storage, size_t *ret_offset,
        size_t *ret_size);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "redact/budget.h"
#include "util/bytes.h"
#include "util/cleanup.h"

/* Regular expressions as PCRE2 has them (pcre2pattern(3)), on bytes: they know no character sets. */
typedef struct Pattern Pattern;

/* What the patterns of one set share: limits, and the memory that a search needs. */
typedef struct Matcher Matcher;

/* Bytes of a pattern, and groups in each other. */
#define PATTERN_SIZE_MAX 4096U
#define PATTERN_DEPTH_MAX 100U

/*
 * `jit`: patterns become machine code where the process may make any; else they are interpreted. 0 or
 * -ENOMEM.
 */
int matcher_new(bool jit, Matcher **ret);
Matcher *matcher_free(Matcher *matcher);
DEFINE_POINTER_CLEANUP(Matcher *, matcher_free);

/*
 * Compiles `text`. "." matches a newline, too; "^" and "$" are the ends of the text that is searched. 0 and
 * *ret. -EINVAL: it is no pattern, it is too long or nested too deeply, or it matches the empty text;
 * *ret_reason says which (to be freed). -ENOMEM.
 */
int pattern_new(Matcher *matcher, const char *text, Pattern **ret, char **ret_reason);
Pattern *pattern_free(Pattern *pattern);
DEFINE_POINTER_CLEANUP(Pattern *, pattern_free);

/* How many bytes a text has at least that holds a match. */
size_t pattern_shortest(const Pattern *pattern);

/*
 * Finds the first match in `text` that is not empty, from the offset `from` on; what is in front of it counts
 * for "^" and "\b". 1: it is at *ret_begin up to *ret_end. 0: there is none. -ETIME: the budget, or a limit
 * of PCRE2, did not suffice to tell. -ENOMEM.
 */
int pattern_find(Matcher *matcher, const Pattern *pattern, Bytes text, size_t from, Budget *budget,
        size_t *ret_begin, size_t *ret_end);

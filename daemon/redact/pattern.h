/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "redact/budget.h"
#include "util/bytes.h"
#include "util/cleanup.h"

/* A regular expression of PCRE2 (pcre2pattern(3)). It matches bytes, and knows no character encoding. */
typedef struct Pattern Pattern;

/* The limits and the memory for searches, which the patterns of a set share. */
typedef struct Matcher Matcher;

/* The maximum size of a pattern in bytes, and the maximum depth of nested groups. */
#define PATTERN_SIZE_MAX 4096U
#define PATTERN_DEPTH_MAX 100U

/*
 * Creates a matcher. If `jit` is set and the process may create executable memory, patterns are compiled to
 * machine code; otherwise they are interpreted. Returns 0 or -ENOMEM.
 */
int matcher_new(bool jit, Matcher **ret);
Matcher *matcher_free(Matcher *matcher);
DEFINE_POINTER_CLEANUP(Matcher *, matcher_free);

/*
 * Compiles `text`. "." also matches a newline, and "^" and "$" match only at the ends of the text that is
 * searched. Returns 0 and sets *ret; -EINVAL when it is not a valid pattern, is too long or nested too
 * deeply, or matches the empty text, and sets *ret_reason (to be freed) to a text that says which; or
 * -ENOMEM.
 */
int pattern_new(Matcher *matcher, const char *text, Pattern **ret, char **ret_reason);
Pattern *pattern_free(Pattern *pattern);
DEFINE_POINTER_CLEANUP(Pattern *, pattern_free);

/* Returns the minimum length of a match, in bytes, which is 1 or more. */
size_t pattern_shortest(const Pattern *pattern);

/*
 * Finds the first match in `text` that is not empty and begins at the offset `from` or later. The bytes
 * before that are used for "^" and "\b". Returns 1, and sets *ret_begin to the offset of the match and
 * *ret_end to its end; 0 when there is none; -ETIME when the budget or a limit of PCRE2 was reached before;
 * or -ENOMEM.
 */
int pattern_find(Matcher *matcher, const Pattern *pattern, Bytes text, size_t from, Budget *budget,
        size_t *ret_begin, size_t *ret_end);

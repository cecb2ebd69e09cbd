/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/bytes.h"

/*
 * Returns true when the glob matches the whole text, with the rules of fnmatch(3) without flags: "*" matches
 * any text, also with "/" in it, "?" matches one character, "[...]" one character of a set, and a backslash
 * makes the next character an ordinary one. Characters are those of UTF-8 in any locale, and an invalid byte
 * counts as a character of its own. Allocates no memory. The time is bounded by the size of the glob times
 * the size of the text.
 */
bool glob_match(const char *glob, Bytes text);

/* The shape of a glob. Most globs are a literal text, with "*" before it, after it, or both. */
typedef enum GlobShape {
        GLOB_GENERAL,
        GLOB_EXACT, /* "text" */
        GLOB_PREFIX, /* "text*" */
        GLOB_SUFFIX, /* "*text" */
        GLOB_INFIX, /* "*text*" */
} GlobShape;

typedef struct Glob {
        char *text;
        GlobShape shape;
        Bytes literal; /* the text without the "*", for all shapes but GLOB_GENERAL */
} Glob;

/* Initializes *ret, which keeps the pointer `text`; the owner of *ret frees it. */
void glob_init(Glob *ret, char *text);

/* Returns the same as glob_match(). For most globs it takes only one comparison. */
bool glob_apply(const Glob *glob, Bytes text);

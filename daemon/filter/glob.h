/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/bytes.h"

/*
 * Returns whether the whole text matches the glob, as fnmatch(3) has it with no flags: "*" stands for any
 * text, "/" in it too, "?" for one character, "[...]" for one of a set, and a backslash takes the meaning
 * from what follows it. A character is one of UTF-8, whatever the locale, and a byte that is of none is one
 * by itself. Takes no memory; the time is bounded by the length of the glob times that of the text.
 */
bool glob_match(const char *glob, Bytes text);

/* What a glob comes down to: most are one text, with "*" in front of it, behind it, or both. */
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
        Bytes literal; /* unless the shape is GLOB_GENERAL: the text in it */
} Glob;

/* Makes *ret, which takes `text`. */
void glob_init(Glob *ret, char *text);

/* Returns what glob_match() does, for most globs at the cost of one comparison. */
bool glob_apply(const Glob *glob, Bytes text);

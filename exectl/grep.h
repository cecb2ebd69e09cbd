/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "record.h"

/* A regular expression that is searched in command lines. */
typedef struct Grep Grep;

/* The fields that grep_meets() needs. */
#define GREP_FIELDS (RECORD_BIT(RECORD_ARGV) | RECORD_BIT(RECORD_ARGV_RAW) | RECORD_BIT(RECORD_FILENAME))

/*
 * Compiles a pattern (PCRE2). A pattern without capital letters ignores case, as in journalctl. Returns 0 and
 * sets *ret; -EINVAL when the pattern is not valid, which is reported on standard error; or -ENOMEM.
 */
int grep_new(const char *pattern, Grep **ret);
void grep_free(Grep *grep);

/*
 * Returns true when the pattern matches in the command line of the record, in the quoted form that is shown.
 */
bool grep_meets(Grep *grep, const Record *record);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "record.h"

/* A regular expression on the command line. */
typedef struct Grep Grep;

/* What a record must have for it. */
#define GREP_FIELDS (RECORD_BIT(RECORD_ARGV) | RECORD_BIT(RECORD_ARGV_RAW) | RECORD_BIT(RECORD_FILENAME))

/*
 * Compiles a pattern (PCRE2). One without capital letters meets both cases, as in journalctl. Says on
 * standard error what is wrong with it. Returns 0 and sets *ret, -EINVAL or -ENOMEM.
 */
int grep_new(const char *pattern, Grep **ret);
void grep_free(Grep *grep);

/* Whether the record's command line, quoted as it is shown, has what the pattern describes. */
bool grep_meets(Grep *grep, const Record *record);

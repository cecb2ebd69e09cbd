/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter/glob.h"
#include "util/bytes.h"

/* Ids from `first` to `last`, both included. */
typedef struct IdRange {
        uint32_t first;
        uint32_t last;
} IdRange;

/* The values of one Include or Exclude: ranges of ids, or globs as glob.h has them. All-zero: none. */
typedef struct RuleList {
        IdRange *ranges;
        size_t n_ranges;
        size_t n_open; /* names that nobody knows yet: they match no id; the list is not empty for them */
        Glob *globs;
        size_t n_globs;
} RuleList;

void rule_list_done(RuleList *list);
bool rule_list_is_empty(const RuleList *list);

/*
 * Adds "0" or "1000-1999". -ENOENT: it is of another form, such as a name; -EINVAL: it is of this form and
 * wrong (a range whose end is before its start, an id over 4294967294), or empty; -ENOMEM.
 */
int rule_list_add_ids(RuleList *list, const char *word);

/* Adds one id, which may be the one that means none: UINT32_MAX. 0 or -ENOMEM. */
int rule_list_add_id(RuleList *list, uint32_t id);

/* Adds a glob. -EINVAL: empty; -ENOMEM. */
int rule_list_add_glob(RuleList *list, const char *glob);

/*
 * The ranges in ascending order, those that overlap or touch as one. 0 and how many there are; -E2BIG: more
 * than `max`; -ENOMEM.
 */
int rule_list_merge_ids(const RuleList *list, IdRange *ret, size_t max, size_t *ret_n);

/* Whether both hold the same, in the same order. */
bool rule_list_equal(const RuleList *a, const RuleList *b);

bool rule_list_match_id(const RuleList *list, uint32_t id);

/* Returns whether a glob matches the text, which need not be valid UTF-8. What is unset matches none. */
bool rule_list_match_text(const RuleList *list, Bytes text);

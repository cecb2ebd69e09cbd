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

/*
 * The values of one Include or Exclude: ranges of ids, or globs (glob.h). A list that is all zero is empty.
 */
typedef struct RuleList {
        IdRange *ranges;
        size_t n_ranges;
        size_t n_open; /* names whose id is unknown; they match no id, but the list is not empty */
        Glob *globs;
        size_t n_globs;
} RuleList;

void rule_list_done(RuleList *list);

/* Returns true when the list has no values, not even names whose id is unknown. */
bool rule_list_is_empty(const RuleList *list);

/*
 * Adds an id or a range of ids, such as "0" or "1000-1999". Returns 0; -ENOENT when the word is neither, such
 * as a name; -EINVAL when it is empty, an id is above 4294967294, or a range ends before it begins; or
 * -ENOMEM.
 */
int rule_list_add_ids(RuleList *list, const char *word);

/* Adds one id, which may also be UINT32_MAX, the value for "no id". Returns 0 or -ENOMEM. */
int rule_list_add_id(RuleList *list, uint32_t id);

/* Adds a copy of a glob. Returns 0, -EINVAL when it is empty, or -ENOMEM. */
int rule_list_add_glob(RuleList *list, const char *glob);

/*
 * Writes the ranges to `ret` in ascending order, and merges those that overlap or are adjacent. Returns 0 and
 * sets *ret_n to their number; or returns -E2BIG when there are more than `max`, or -ENOMEM.
 */
int rule_list_merge_ids(const RuleList *list, IdRange *ret, size_t max, size_t *ret_n);

/* Returns true when both lists have the same ranges and globs in the same order, and the same n_open. */
bool rule_list_equal(const RuleList *a, const RuleList *b);

/* Returns true when the id is in a range of the list. */
bool rule_list_match_id(const RuleList *list, uint32_t id);

/*
 * Returns true when a glob of the list matches the text, which need not be valid UTF-8. No glob matches an
 * unset text.
 */
bool rule_list_match_text(const RuleList *list, Bytes text);

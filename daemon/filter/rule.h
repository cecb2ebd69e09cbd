/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/bytes.h"

/* Ids from `first` to `last`, both included. */
typedef struct IdRange {
        uint32_t first;
        uint32_t last;
} IdRange;

/* The values of one Include or Exclude: ranges of ids, or globs as fnmatch(3) has them. All-zero: none. */
typedef struct RuleList {
        IdRange *ranges;
        size_t n_ranges;
        char **globs;
        size_t n_globs;
} RuleList;

void rule_list_done(RuleList *list);
bool rule_list_is_empty(const RuleList *list);

typedef enum IdKind {
        ID_USER,
        ID_GROUP,
} IdKind;

/*
 * Adds "0", "1000-1999" or a name of the user or group database. -EINVAL: not of that form (nothing, a
 * range whose end is before its start, an id over 4294967294); -ESRCH: no such name; -ENOMEM; or what
 * getpwnam_r(3), getgrnam_r(3) failed with.
 */
int rule_list_add_ids(RuleList *list, IdKind kind, const char *word);

/* Adds one id, which may be the one that means none: UINT32_MAX. 0 or -ENOMEM. */
int rule_list_add_id(RuleList *list, uint32_t id);

/* Adds a glob: "*" and "?" match "/", too, and "[...]" as fnmatch(3). -EINVAL: empty; -ENOMEM. */
int rule_list_add_glob(RuleList *list, const char *glob);

/*
 * The ranges in ascending order, those that overlap or touch as one. 0 and how many there are; -E2BIG: more
 * than `max`; -ENOMEM.
 */
int rule_list_merge_ids(const RuleList *list, IdRange *ret, size_t max, size_t *ret_n);

/* Whether both hold the same, in the same order. */
bool rule_list_equal(const RuleList *a, const RuleList *b);

bool rule_list_match_id(const RuleList *list, uint32_t id);

/* `text` holds no NUL; it need not be valid UTF-8. 1: a glob matches; 0: none does, or the text is unset;
 * -ENOMEM, which only texts of more than RULE_TEXT_INLINE bytes can meet. */
#define RULE_TEXT_INLINE 4200U
int rule_list_match_text(const RuleList *list, Bytes text);

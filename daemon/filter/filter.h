/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/settings.h"
#include "event/event.h"
#include "filter/rule.h"

/* The kinds of rules, in the order in which they are asked. */
typedef enum FilterKind {
        FILTER_USER,
        FILTER_GROUP,
        FILTER_LOGIN,
        FILTER_EXE,
        FILTER_UNIT,
        FILTER_USER_UNIT,
        FILTER_PARENT,
        _FILTER_KIND_MAX,
        _FILTER_KIND_INVALID = -EINVAL,
} FilterKind;

/* Include and Exclude of one kind. */
typedef struct FilterRules {
        RuleList include;
        RuleList exclude;
} FilterRules;

/* An all-zero Filter lets everything through. */
typedef struct Filter {
        FilterRules kinds[_FILTER_KIND_MAX];
} Filter;

void filter_done(Filter *filter);

/* Whether any rule is there. */
bool filter_is_empty(const Filter *filter);

/* The kernel side counts by the same numbers. */
#define FILTER_RULE_EXCLUDE(kind) (2 * (int) (kind))
#define FILTER_RULE_INCLUDE(kind) (2 * (int) (kind) + 1)
#define FILTER_RULE_KIND(rule) ((FilterKind) ((rule) / 2))
#define FILTER_PASSES (-1)
_Static_assert(FILTER_RULE_EXCLUDE(FILTER_USER) == EXEC_RULE_EXCLUDE_USER, "the rules have one order");
_Static_assert(FILTER_RULE_INCLUDE(FILTER_PARENT) == EXEC_RULE_INCLUDE_PARENT, "... to the last");

/*
 * The rule (enum exec_rule) that drops the record, the first in the order of kinds, or FILTER_PASSES: no
 * Exclude of any kind matches it, and of each kind that has an Include at least one does. Users and groups
 * are matched against the real ids, logins against the audit login uid; exe against the absolute path of what
 * runs and, for a script, that of the script, too; parent against the comm of the caller. What is unknown
 * matches no rule: it is neither excluded nor included. Units are those of the system, user units those of a
 * user's own manager. In a user namespace of its own anybody chooses paths, names and user units: an Exclude
 * by them drops no such record.
 *
 * The script's path is made absolute and rid of ".", ".." and double slashes by its text alone: symbolic
 * links stay what they are. A path given by descriptor ("/dev/fd/N...") is matched as it is. Where memory
 * runs out in a match the record is kept.
 */
int filter_dropped_by(const Filter *filter, const Event *event);

/* Whether there is any rule of this kind. */
bool filter_has_kind(const Filter *filter, FilterKind kind);

/* What filter_dropped_by() says of every event in that place if it asks for units alone. */
int filter_place_dropped_by(const Filter *filter, const CgroupPlace *place);

/* Whether both have the same rules of this kind, in the same order. */
bool filter_kind_equal(const Filter *a, const Filter *b, FilterKind kind);

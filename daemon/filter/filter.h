/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "filter/rule.h"

/* The kinds of rules, in the order in which they are asked. */
typedef enum FilterKind {
        FILTER_USER,
        FILTER_GROUP,
        FILTER_EXE,
        FILTER_UNIT,
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

/*
 * Whether the record is to be kept: no Exclude of any kind matches it, and of each kind that has an Include
 * at least one does. Users and groups are matched against the real ids; exe against the absolute path of
 * what runs and, for a script, that of the script, too; parent against the comm of the caller. What is
 * unknown matches no rule: it is neither excluded nor included. Rules of units are passed over: events
 * carry no unit yet.
 *
 * The script's path is made absolute and rid of ".", ".." and double slashes by its text alone: symbolic
 * links stay what they are. A path given by descriptor ("/dev/fd/N...") is matched as it is. Where memory
 * runs out in a match the record is kept.
 */
bool filter_pass(const Filter *filter, const Event *event);

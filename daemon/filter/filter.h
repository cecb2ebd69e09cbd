/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/settings.h"
#include "event/event.h"
#include "filter/rule.h"

/* The kinds of rules, in the order in which they are applied. */
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

/* The rules of one kind. */
typedef struct FilterRules {
        RuleList include;
        RuleList exclude;
} FilterRules;

/* A filter that is all zero passes every record. */
typedef struct Filter {
        FilterRules kinds[_FILTER_KIND_MAX];
} Filter;

void filter_done(Filter *filter);

/* Returns true when the filter has no rule of any kind. */
bool filter_is_empty(const Filter *filter);

/* The numbers of the rules, which are those of enum exec_rule. */
#define FILTER_RULE_EXCLUDE(kind) (2 * (int) (kind))
#define FILTER_RULE_INCLUDE(kind) (2 * (int) (kind) + 1)
#define FILTER_RULE_KIND(rule) ((FilterKind) ((rule) / 2))
#define FILTER_PASSES (-1)
_Static_assert(FILTER_RULE_EXCLUDE(FILTER_USER) == EXEC_RULE_EXCLUDE_USER, "the rules have one order");
_Static_assert(FILTER_RULE_INCLUDE(FILTER_PARENT) == EXEC_RULE_INCLUDE_PARENT, "... to the last");

/*
 * Returns the rule (enum exec_rule) that drops the record, or FILTER_PASSES. A record passes when no Exclude
 * matches it, and when at least one Include of each kind that has an Include matches it. Of several rules
 * that drop the record, the first in the order of kinds is returned.
 *
 * Users and groups are compared with the real ids, logins with the audit login uid, parents with the comm of
 * the caller. Exe is compared with the absolute path of the executed file and, for a script, also with that
 * of the script. Units are units of the system manager, user units those of a user's service manager. A
 * value that is unknown matches no rule, so it is neither excluded nor included. A process in a user
 * namespace of its own can choose its paths, names and user units: an Exclude by these does not drop its
 * records.
 *
 * The path of a script is made absolute, and "." and ".." and double slashes are removed from it, without a
 * look at the file system: symbolic links are not resolved. A path that was given by descriptor
 * ("/dev/fd/N...") is compared as it is. When memory runs out in a match, the record passes.
 */
int filter_dropped_by(const Filter *filter, const Event *event);

/* Returns true when the filter has a rule of this kind. */
bool filter_has_kind(const Filter *filter, FilterKind kind);

/* Returns what filter_dropped_by() would return for an event in that place if there were only unit rules. */
int filter_place_dropped_by(const Filter *filter, const CgroupPlace *place);

/* Returns true when both filters have the same rules of this kind, in the same order. */
bool filter_kind_equal(const Filter *a, const Filter *b, FilterKind kind);

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "filter/filter.h"

#include "filter/script.h"
#include "util/buffer.h"
#include "util/cleanup.h"

void filter_done(Filter *filter) {
        for (size_t kind = 0; kind < _FILTER_KIND_MAX; kind++) {
                rule_list_done(&filter->kinds[kind].include);
                rule_list_done(&filter->kinds[kind].exclude);
        }
}

static bool rules_are_empty(const FilterRules *rules) {
        return rule_list_is_empty(&rules->include) && rule_list_is_empty(&rules->exclude);
}

bool filter_is_empty(const Filter *filter) {
        for (size_t kind = 0; kind < _FILTER_KIND_MAX; kind++)
                if (!rules_are_empty(&filter->kinds[kind]))
                        return false;
        return true;
}

/* `sure`: not by the path of a script that may not be where it was. */
static int match_exe(const RuleList *list, const Event *event, bool sure) {
        _cleanup_(buffer_done) Buffer storage = BUFFER_NULL;
        Bytes script = BYTES_NULL;
        int r;

        r = rule_list_match_text(list, event->exe);
        if (r != 0 || list->n_globs == 0 || (sure && !script_path_is_sure(event)))
                return r;
        r = script_path(event, &storage, &script);
        if (r < 0)
                return r;
        return rule_list_match_text(list, script);
}

/* Returns 1 when a rule of the list matches, 0 when none does, or -ENOMEM. */
static int match(FilterKind kind, const RuleList *list, const Event *event, bool sure) {
        switch (kind) {
        case FILTER_USER:
                return rule_list_match_id(list, event->uid);
        case FILTER_GROUP:
                return rule_list_match_id(list, event->gid);
        case FILTER_LOGIN:
                return rule_list_match_id(list, event->loginuid);
        case FILTER_EXE:
                return match_exe(list, event, sure);
        case FILTER_UNIT:
                return rule_list_match_text(list, event->place.unit);
        case FILTER_USER_UNIT:
                return rule_list_match_text(list, event->place.user_unit);
        case FILTER_PARENT:
                return rule_list_match_text(list, event->comm);
        default:
                return 0;
        }
}

/*
 * Takes results of match(). -ENOMEM is neither a match of an Exclude nor a miss of an Include, so the record
 * passes.
 */
static int kind_dropped_by(FilterKind kind, const FilterRules *rules, int excluded, int included) {
        if (excluded > 0)
                return FILTER_RULE_EXCLUDE(kind);
        if (!rule_list_is_empty(&rules->include) && included == 0)
                return FILTER_RULE_INCLUDE(kind);
        return FILTER_PASSES;
}

/*
 * Returns true when a process in a user namespace of its own can choose what the kind is compared with,
 * because it can have its own mounts and names.
 */
static bool kind_is_chosen_in_userns(FilterKind kind) {
        return kind == FILTER_EXE || kind == FILTER_USER_UNIT || kind == FILTER_PARENT;
}

static int match_exclude(FilterKind kind, const RuleList *list, const Event *event) {
        if ((event->flags & EXEC_FLAG_USERNS) && kind_is_chosen_in_userns(kind))
                return 0;
        return match(kind, list, event, true);
}

/*
 * Returns true when what the kind is compared with could not be found out, by which somebody who keeps the
 * kernel side busy would drop the records of others.
 */
static bool kind_is_unknown(FilterKind kind, const Event *event) {
        switch (kind) {
        case FILTER_UNIT:
        case FILTER_USER_UNIT:
                return event->place_unknown;
        case FILTER_PARENT:
                return !bytes_is_set(event->comm) && !event->running;
        default:
                return false;
        }
}

static int match_include(FilterKind kind, const RuleList *list, const Event *event) {
        return kind_is_unknown(kind, event) ? 1 : match(kind, list, event, false);
}

int filter_dropped_by(const Filter *filter, const Event *event) {
        for (FilterKind kind = 0; kind < _FILTER_KIND_MAX; kind++) {
                const FilterRules *rules = &filter->kinds[kind];
                int rule;

                if (rules_are_empty(rules))
                        continue;
                rule = kind_dropped_by(kind, rules, match_exclude(kind, &rules->exclude, event),
                        match_include(kind, &rules->include, event));
                if (rule != FILTER_PASSES)
                        return rule;
        }
        return FILTER_PASSES;
}

bool filter_has_kind(const Filter *filter, FilterKind kind) {
        return !rules_are_empty(&filter->kinds[kind]);
}

int filter_place_dropped_by(const Filter *filter, const CgroupPlace *place) {
        const FilterRules *rules = &filter->kinds[FILTER_UNIT];

        return kind_dropped_by(FILTER_UNIT, rules, rule_list_match_text(&rules->exclude, place->unit),
                rule_list_match_text(&rules->include, place->unit));
}

bool filter_kind_equal(const Filter *a, const Filter *b, FilterKind kind) {
        return rule_list_equal(&a->kinds[kind].include, &b->kinds[kind].include) &&
                rule_list_equal(&a->kinds[kind].exclude, &b->kinds[kind].exclude);
}

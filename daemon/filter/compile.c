/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "filter/compile.h"

#include <errno.h>
#include <string.h>

#include "config/values.h"
#include "util/cleanup.h"

static bool kind_is_of_ids(FilterKind kind) {
        return kind == FILTER_USER || kind == FILTER_GROUP || kind == FILTER_LOGIN;
}

/* Adds one word. 0; -EINVAL: it is wrong, and *ret_problem says why (to be freed); -ENOMEM. */
static int add_word(RuleList *list, FilterKind kind, const char *word, char **ret_problem) {
        const char *what = kind == FILTER_GROUP ? "group" : "user";
        int r;

        if (!kind_is_of_ids(kind)) {
                r = rule_list_add_glob(list, word);
                return r == -EINVAL ? value_refuse(ret_problem, word, "a glob") : r;
        }

        /* The login uid of what nobody has logged in for. */
        if (kind == FILTER_LOGIN && strcmp(word, "unset") == 0)
                return rule_list_add_id(list, EVENT_ID_UNSET);
        r = rule_list_add_ids(list, kind == FILTER_GROUP ? ID_GROUP : ID_USER, word);
        if (r >= 0 || r == -ENOMEM)
                return r;
        if (r == -ESRCH)
                return value_refuse(ret_problem, word, "a %s that exists", what);
        if (r == -EINVAL)
                return value_refuse(ret_problem, word, "a %s name, an id (0 to %u) or a range of ids (a-b)",
                        what, UINT32_MAX - 1);
        return value_refuse(
                ret_problem, word, "a %s that can be looked up (which failed: %s)", what, strerror(-r));
}

static int add_words(RuleList *list, FilterKind kind, const ConfigWords *words, ConfigReport *report) {
        for (size_t i = 0; i < words->n; i++) {
                _cleanup_free_ char *problem = NULL;
                int r = add_word(list, kind, words->list[i].text, &problem);

                if (r == -EINVAL)
                        r = config_word_refuse(&words->list[i], report, problem);
                if (r < 0)
                        return r;
        }
        return 0;
}

int filter_compile(const Config *config, ConfigReport *report, Filter *ret) {
        _cleanup_(filter_done) Filter filter = {};

        for (FilterKind kind = 0; kind < _FILTER_KIND_MAX; kind++) {
                FilterRules *rules = &filter.kinds[kind];
                int r;

                r = add_words(&rules->exclude, kind, &config->rules[FILTER_RULE_EXCLUDE(kind)], report);
                if (r >= 0)
                        r = add_words(
                                &rules->include, kind, &config->rules[FILTER_RULE_INCLUDE(kind)], report);
                if (r < 0)
                        return r;
        }
        *ret = filter;
        filter = (Filter){};
        return 0;
}

/*
 * A list of more ranges than the kernel side takes stays with the daemon, which filters by it all the same.
 */
static int describe_ids(const RuleList *list, struct exec_id_list *ret) {
        IdRange ranges[EXEC_ID_RANGES_MAX];
        size_t n = 0;
        int r;

        r = rule_list_merge_ids(list, ranges, EXEC_ID_RANGES_MAX, &n);
        if (r == -E2BIG)
                return 0;
        if (r < 0)
                return r;
        ret->n = (uint32_t) n;
        for (size_t i = 0; i < n; i++)
                ret->ranges[i] = (struct exec_id_range){ .first = ranges[i].first, .last = ranges[i].last };
        return 0;
}

int filter_describe(const Filter *filter, ProbeRules *ret) {
        ProbeRules described = { .units = filter_has_kind(filter, FILTER_UNIT) };

        for (FilterKind kind = 0; kind < _FILTER_KIND_MAX; kind++) {
                const FilterRules *rules = &filter->kinds[kind];
                int r;

                if (!kind_is_of_ids(kind))
                        continue;
                r = describe_ids(&rules->exclude, &described.ids[FILTER_RULE_EXCLUDE(kind)]);
                if (r >= 0)
                        r = describe_ids(&rules->include, &described.ids[FILTER_RULE_INCLUDE(kind)]);
                if (r < 0)
                        return r;
        }
        *ret = described;
        return 0;
}

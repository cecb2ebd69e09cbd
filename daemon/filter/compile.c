/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "filter/compile.h"

#include <errno.h>

#include "filter/words.h"
#include "util/cleanup.h"

static bool kind_is_of_ids(FilterKind kind) {
        return kind == FILTER_USER || kind == FILTER_GROUP || kind == FILTER_LOGIN;
}

static UserQuestionKind name_kind(FilterKind kind) {
        return kind == FILTER_GROUP ? GROUP_ID_OF_NAME : USER_ID_OF_NAME;
}

static int add_words(RuleList *list, FilterKind kind, const ConfigWords *words, const NamedIds *names,
        ConfigReport *report) {
        for (size_t i = 0; i < words->n; i++) {
                int r;

                /* The login uid is unset in processes that do not belong to a login. */
                if (kind == FILTER_LOGIN && strcmp(words->list[i].text, "unset") == 0)
                        r = rule_list_add_id(list, EVENT_ID_UNSET);
                else if (kind_is_of_ids(kind))
                        r = rule_word_add_ids(list, name_kind(kind), &words->list[i], names, report);
                else
                        r = rule_word_add_glob(list, &words->list[i], report);
                if (r < 0)
                        return r;
        }
        return 0;
}

int filter_compile(const Config *config, const NamedIds *names, ConfigReport *report, Filter *ret) {
        _cleanup_(filter_done) Filter filter = {};

        for (FilterKind kind = 0; kind < _FILTER_KIND_MAX; kind++) {
                FilterRules *rules = &filter.kinds[kind];
                int r;

                r = add_words(
                        &rules->exclude, kind, &config->rules[FILTER_RULE_EXCLUDE(kind)], names, report);
                if (r >= 0)
                        r = add_words(&rules->include, kind, &config->rules[FILTER_RULE_INCLUDE(kind)], names,
                                report);
                if (r < 0)
                        return r;
        }
        *ret = filter;
        filter = (Filter){};
        return 0;
}

int filter_collect_names(const Config *config, ConfigReport *report, NamedIds *names) {
        for (int rule = 0; rule < FILTER_RULE_EXCLUDE(_FILTER_KIND_MAX); rule++) {
                const ConfigWords *words = &config->rules[rule];

                if (!kind_is_of_ids(FILTER_RULE_KIND(rule)))
                        continue;
                for (size_t i = 0; i < words->n; i++) {
                        int r;

                        if (FILTER_RULE_KIND(rule) == FILTER_LOGIN &&
                                strcmp(words->list[i].text, "unset") == 0)
                                continue;
                        r = rule_word_collect(
                                &words->list[i], name_kind(FILTER_RULE_KIND(rule)), report, names);
                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

/*
 * Leaves the list empty if it has more ranges than the kernel side can take. The daemon applies it in any
 * case.
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

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "filter/compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/values.h"
#include "util/cleanup.h"

static bool kind_is_of_ids(FilterKind kind) {
        return kind == FILTER_USER || kind == FILTER_GROUP;
}

static UserQuestionKind name_kind(FilterKind kind) {
        return kind == FILTER_GROUP ? GROUP_ID_OF_NAME : USER_ID_OF_NAME;
}

static int warn_open(const ConfigWord *word, FilterKind kind, ConfigReport *report) {
        _cleanup_free_ char *shown = value_show(word->text), *problem = NULL;

        if (!shown)
                return -ENOMEM;
        if (asprintf(&problem, "nobody knows a %s \"%s\" so far: it matches nobody until then",
                    kind == FILTER_GROUP ? "group" : "user", shown) < 0) {
                problem = NULL;
                return -ENOMEM;
        }
        return config_word_warn(word, report, problem);
}

/* Adds ids, or a name. Words that are neither were refused when the names were collected. */
static int add_ids(RuleList *list, FilterKind kind, const ConfigWord *word, const NamedIds *names,
        ConfigReport *report) {
        const NamedId *name;
        int r;

        r = rule_list_add_ids(list, word->text);
        if (r != -ENOENT)
                return r == -EINVAL ? 0 : r;
        name = named_ids_find(names, name_kind(kind), word->text);
        if (!name)
                return 0;
        if (name->known)
                return rule_list_add_id(list, name->id);
        list->n_open++;
        return warn_open(word, kind, report);
}

static int add_glob(RuleList *list, const ConfigWord *word, ConfigReport *report) {
        _cleanup_free_ char *problem = NULL;
        int r;

        r = rule_list_add_glob(list, word->text);
        if (r != -EINVAL)
                return r;
        r = value_refuse(&problem, word->text, "a glob");
        return r == -EINVAL ? config_word_refuse(word, report, problem) : r;
}

static int add_words(RuleList *list, FilterKind kind, const ConfigWords *words, const NamedIds *names,
        ConfigReport *report) {
        for (size_t i = 0; i < words->n; i++) {
                int r;

                if (kind_is_of_ids(kind))
                        r = add_ids(list, kind, &words->list[i], names, report);
                else
                        r = add_glob(list, &words->list[i], report);
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

static int collect_word(const ConfigWord *word, FilterKind kind, ConfigReport *report, NamedIds *names) {
        _cleanup_(rule_list_done) RuleList scratch = {};
        _cleanup_free_ char *problem = NULL;
        int r;

        r = rule_list_add_ids(&scratch, word->text);
        if (r == -ENOENT)
                r = named_ids_add(names, name_kind(kind), word->text);
        if (r != -EINVAL)
                return r;
        r = value_refuse(&problem, word->text, "a %s name, an id (0 to %u) or a range of ids (a-b)",
                kind == FILTER_GROUP ? "group" : "user", UINT32_MAX - 1);
        return r == -EINVAL ? config_word_refuse(word, report, problem) : r;
}

int filter_collect_names(const Config *config, ConfigReport *report, NamedIds *names) {
        for (int rule = 0; rule < FILTER_RULE_EXCLUDE(_FILTER_KIND_MAX); rule++) {
                const ConfigWords *words = &config->rules[rule];

                if (!kind_is_of_ids(FILTER_RULE_KIND(rule)))
                        continue;
                for (size_t i = 0; i < words->n; i++) {
                        int r = collect_word(&words->list[i], FILTER_RULE_KIND(rule), report, names);

                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

/* A list of more ranges than the kernel side takes stays with the daemon, which filters by it all the same. */
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

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "filter/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/values.h"
#include "util/cleanup.h"

int rule_word_collect(const ConfigWord *word, UserQuestionKind kind, ConfigReport *report, NamedIds *names) {
        _cleanup_(rule_list_done) RuleList scratch = {};
        _cleanup_free_ char *problem = NULL;
        int r;

        r = rule_list_add_ids(&scratch, word->text);
        if (r == -ENOENT)
                r = named_ids_add(names, kind, word->text);
        if (r != -EINVAL)
                return r;
        r = value_refuse(&problem, word->text, "a %s name, an id (0 to %u) or a range of ids (a-b)",
                kind == GROUP_ID_OF_NAME ? "group" : "user", UINT32_MAX - 1);
        return r == -EINVAL ? config_word_refuse(word, report, problem) : r;
}

static int warn_open(const ConfigWord *word, UserQuestionKind kind, ConfigReport *report) {
        _cleanup_free_ char *shown = value_show(word->text), *problem = NULL;

        if (!shown)
                return -ENOMEM;
        if (asprintf(&problem, "nobody knows a %s \"%s\" so far: it matches nobody until then",
                    kind == GROUP_ID_OF_NAME ? "group" : "user", shown) < 0) {
                problem = NULL;
                return -ENOMEM;
        }
        return config_word_warn(word, report, problem);
}

int rule_word_add_ids(RuleList *list, UserQuestionKind kind, const ConfigWord *word, const NamedIds *names,
        ConfigReport *report) {
        const NamedId *name;
        int r;

        r = rule_list_add_ids(list, word->text);
        if (r != -ENOENT)
                return r == -EINVAL ? 0 : r;
        name = named_ids_find(names, kind, word->text);
        if (!name)
                return 0;
        if (name->known)
                return rule_list_add_id(list, name->id);
        list->n_open++;
        return warn_open(word, kind, report);
}

int rule_word_add_glob(RuleList *list, const ConfigWord *word, ConfigReport *report) {
        _cleanup_free_ char *problem = NULL;
        int r;

        r = rule_list_add_glob(list, word->text);
        if (r != -EINVAL)
                return r;
        r = value_refuse(&problem, word->text, "a glob");
        return r == -EINVAL ? config_word_refuse(word, report, problem) : r;
}

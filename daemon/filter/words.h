/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/report.h"
#include "config/words.h"
#include "filter/rule.h"
#include "users/names.h"

/*
 * Words of the configuration as rules. What is wrong with one goes into the report; these fail with -ENOMEM
 * alone.
 */

/*
 * Adds the name to `names`, where the word is one. Names are of the kind USER_ID_OF_NAME or GROUP_ID_OF_NAME.
 */
int rule_word_collect(const ConfigWord *word, UserQuestionKind kind, ConfigReport *report, NamedIds *names);

/*
 * Adds ids, a range or a name to the list; a name that nobody knows so far is a warning. A word that is none
 * of these adds nothing: rule_word_collect() has refused it.
 */
int rule_word_add_ids(RuleList *list, UserQuestionKind kind, const ConfigWord *word, const NamedIds *names,
        ConfigReport *report);

/* Adds a glob. */
int rule_word_add_glob(RuleList *list, const ConfigWord *word, ConfigReport *report);

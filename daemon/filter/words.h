/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/report.h"
#include "config/words.h"
#include "filter/rule.h"
#include "users/names.h"

/*
 * Compile words of the configuration to rules. Words that are not valid are added to `report` as errors.
 * These functions return 0, even if there are errors in the report, or -ENOMEM.
 */

/*
 * Adds the word to `names` if it is a name, not an id or a range. `kind` is USER_ID_OF_NAME or
 * GROUP_ID_OF_NAME.
 */
int rule_word_collect(const ConfigWord *word, UserQuestionKind kind, ConfigReport *report, NamedIds *names);

/*
 * Adds an id, a range or the id of a name to the list. A name whose id is unknown is added to `report` as a
 * warning. Ignores any other word, for which rule_word_collect() has added an error.
 */
int rule_word_add_ids(RuleList *list, UserQuestionKind kind, const ConfigWord *word, const NamedIds *names,
        ConfigReport *report);

/* Adds a glob to the list. */
int rule_word_add_glob(RuleList *list, const ConfigWord *word, ConfigReport *report);

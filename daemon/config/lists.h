/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/key.h"

/*
 * The functions for keys that are lists: ConfigKey.assign, which adds to the list, and ConfigKey.reset, which
 * empties it. Words that were added before an invalid one stay in the list, which does no harm because such a
 * Config is not used.
 */

/*
 * Adds the words of the value (see value_next_word()), or the whole value as one word. key->offset must be
 * the offset of a ConfigWords.
 */
int config_assign_words(const ConfigKey *key, Config *config, const char *value, char **ret_problem);
int config_assign_text(const ConfigKey *key, Config *config, const char *value, char **ret_problem);
void config_reset_words(const ConfigKey *key, Config *config);

/*
 * Adds a label KEY=value, which replaces an earlier label with the same KEY. There can be at most 256 labels.
 */
int config_assign_label(const ConfigKey *key, Config *config, const char *value, char **ret_problem);
void config_reset_labels(const ConfigKey *key, Config *config);

/*
 * Adds the words of the value, which must be names of variables. A name that is in the list already is not
 * added again. There can be at most 256 names.
 */
int config_assign_environment(const ConfigKey *key, Config *config, const char *value, char **ret_problem);
void config_reset_environment(const ConfigKey *key, Config *config);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/key.h"

/*
 * How the keys that are lists take a line (each adds to what is there) and are emptied: ConfigKey.assign and
 * ConfigKey.reset for the table. What was added before a bad word stays: the Config is not used then.
 */

/* Words, or the whole value as one, as they stand. key->offset is that of a ConfigWords. */
int config_assign_words(const ConfigKey *key, Config *config, const char *value, char **ret_problem);
int config_assign_text(const ConfigKey *key, Config *config, const char *value, char **ret_problem);
void config_reset_words(const ConfigKey *key, Config *config);

/* One KEY=value; replaces an earlier one of the same KEY. */
int config_assign_label(const ConfigKey *key, Config *config, const char *value, char **ret_problem);
void config_reset_labels(const ConfigKey *key, Config *config);

/* Words; a name that is there already is not added again. */
int config_assign_environment(const ConfigKey *key, Config *config, const char *value, char **ret_problem);
void config_reset_environment(const ConfigKey *key, Config *config);

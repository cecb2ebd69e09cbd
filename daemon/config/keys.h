/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "config/key.h"

/* The table of all keys but those of [Tag NAME]. */

/* Returns true when a section of this name has keys in the table. */
bool config_section_is_known(const char *section);

/* Returns the key, or NULL when there is none of this name in this section. */
const ConfigKey *config_key_find(const char *section, const char *name);

/*
 * Assigns a value like key->assign(), but also takes an empty one, which empties a list and resets any other
 * key to its default. Fails like key->assign().
 */
int config_key_assign(const ConfigKey *key, Config *config, const char *value, char **ret_problem);

/* Sets every key of a Config that is all zero to its default. Returns 0 or -ENOMEM. */
int config_set_defaults(Config *config);

/* Frees and empties every list. */
void config_reset_lists(Config *config);

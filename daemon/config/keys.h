/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "config/key.h"

/* The one table of the keys. */

bool config_section_is_known(const char *section);

/* NULL: there is no such key. */
const ConfigKey *config_key_find(const char *section, const char *name);

/* What key->assign() does; an empty value empties a list and sets anything else to its default. */
int config_key_assign(const ConfigKey *key, Config *config, const char *value, char **ret_problem);

/* Sets every key of an all-zero Config to its default. 0 or -ENOMEM. */
int config_set_defaults(Config *config);

/* Frees and empties every list. */
void config_reset_lists(Config *config);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"

/* The sections [Tag NAME]. */

/*
 * Most tags that a configuration has, and most words of all of them together: every record is tried on each.
 */
#define CONFIG_TAGS_MAX 256U
#define CONFIG_TAG_WORDS_MAX 4096U

/*
 * Returns the name behind "Tag ", or NULL where the section is another one. What can be no name of a tag
 * (letters, digits, "_", "-" and ".", at most 40 of them) is -EINVAL in *ret_r, else 0.
 */
const char *config_tag_name(const char *section, int *ret_r);

/* Finds the tag of that name, or adds it. 0; -E2BIG: there are too many; -ENOMEM. */
int config_tag_get(Config *config, const char *name, const char *file, unsigned line, ConfigTag **ret);

/* Returns whether there is such a key. */
bool config_tag_key_is_known(const char *key);

/*
 * Takes a value: words are added to what is there, an empty value empties the key. 0; -EINVAL: it can't be
 * used, and *ret_problem (to be freed) says why; -ENOMEM.
 */
int config_tag_assign(Config *config, ConfigTag *tag, const char *key, const char *value, char **ret_problem);

void config_tags_done(Config *config);

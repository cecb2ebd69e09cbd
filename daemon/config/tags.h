/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"

/* The sections [Tag NAME]. */

/*
 * The maximum number of tags, and of words in all tags together. They are limited because every record is
 * compared with all of them.
 */
#define CONFIG_TAGS_MAX 256U
#define CONFIG_TAG_WORDS_MAX 4096U

/*
 * Returns the name after "Tag ", or NULL when the section does not begin with that. Unless it returns NULL,
 * sets *ret_r to 0, or to -EINVAL when the name is not valid: it must have 1 to 40 characters, which are
 * ASCII letters, digits, "_", "-" or ".".
 */
const char *config_tag_name(const char *section, int *ret_r);

/*
 * Finds the tag with this name, or adds one with this place. Sets *ret, which is valid until the next call.
 * Returns 0, -E2BIG when there are already CONFIG_TAGS_MAX tags, or -ENOMEM.
 */
int config_tag_get(Config *config, const char *name, const char *file, unsigned line, ConfigTag **ret);

/* Returns true when sections [Tag NAME] can have this key. */
bool config_tag_key_is_known(const char *key);

/*
 * Assigns a value to a key, which must be known. The words of the value are added to those of the key, and
 * Priority= is replaced; an empty value removes what the key has. Returns 0; -EINVAL when the value can't be
 * used, and sets *ret_problem (to be freed) to the reason; or -ENOMEM.
 */
int config_tag_assign(Config *config, ConfigTag *tag, const char *key, const char *value, char **ret_problem);

void config_tags_done(Config *config);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

/* The one table of the keys: where each stands, what it takes, its default. */

typedef struct ConfigKey ConfigKey;

struct ConfigKey {
        const char *section;
        const char *name;

        /* Takes a value that is not empty. -EINVAL: it can't be used, and *ret_problem (to be freed) says why;
         * -ENOMEM. */
        int (*assign)(const ConfigKey *key, Config *config, const char *value, char **ret_problem);
        void (*reset)(const ConfigKey *key, Config *config); /* empties a list; NULL: not a list */

        size_t offset; /* in Config */
        const char *fallback; /* the default, as one would write it; NULL: an empty list */
        uint32_t min, max; /* of sizes */
};

static inline void *config_key_field(const ConfigKey *key, Config *config) {
        return (char *) config + key->offset;
}

bool config_section_is_known(const char *section);

/* NULL: there is no such key. */
const ConfigKey *config_key_find(const char *section, const char *name);

/* What key->assign() does; an empty value empties a list and sets anything else to its default. */
int config_key_assign(const ConfigKey *key, Config *config, const char *value, char **ret_problem);

/* Sets every key of an all-zero Config to its default. 0 or -ENOMEM. */
int config_set_defaults(Config *config);

/* Frees and empties every list. */
void config_reset_lists(Config *config);

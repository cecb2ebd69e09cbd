/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "config/config.h"

/* One key of the configuration: its section and name, the values that it takes, and its default. */

typedef struct ConfigKey ConfigKey;

struct ConfigKey {
        const char *section;
        const char *name;

        /*
         * Assigns a value, which must not be empty. Returns 0; -EINVAL when the value can't be used, and sets
         * *ret_problem (to be freed) to the reason; or -ENOMEM.
         */
        int (*assign)(const ConfigKey *key, Config *config, const char *value, char **ret_problem);
        void (*reset)(const ConfigKey *key, Config *config); /* empties the list; NULL: not a list */

        size_t offset; /* in Config */
        const char *fallback; /* the default, in the syntax of the file; NULL: an empty list */
        uint32_t min, max; /* limits of a size, in bytes */
};

/* Returns the member of `config` that the key sets. */
static inline void *config_key_field(const ConfigKey *key, Config *config) {
        return (char *) config + key->offset;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "config/config.h"

/* One key of the configuration: where it stands, what it takes, its default. */

typedef struct ConfigKey ConfigKey;

struct ConfigKey {
        const char *section;
        const char *name;

        /*
         * Takes a value that is not empty. -EINVAL: it can't be used, and *ret_problem (to be freed) says
         * why; -ENOMEM.
         */
        int (*assign)(const ConfigKey *key, Config *config, const char *value, char **ret_problem);
        void (*reset)(const ConfigKey *key, Config *config); /* empties a list; NULL: not a list */

        size_t offset; /* in Config */
        const char *fallback; /* the default, as one would write it; NULL: an empty list */
        uint32_t min, max; /* of sizes */
};

static inline void *config_key_field(const ConfigKey *key, Config *config) {
        return (char *) config + key->offset;
}

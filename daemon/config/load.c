/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "config/load.h"

#include <errno.h>
#include <stdlib.h>

#include "config/files.h"
#include "config/keys.h"
#include "config/syntax.h"
#include "config/tags.h"

Config *config_free(Config *config) {
        if (!config)
                return NULL;
        config_tags_done(config);
        config_reset_lists(config);
        free(config);
        return NULL;
}

static int config_new(Config **ret) {
        _cleanup_(config_freep) Config *config = calloc(1, sizeof(*config));
        int r;

        if (!config)
                return -ENOMEM;
        r = config_set_defaults(config);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(config);
        return 0;
}

static int load_files(const char *const *directories, ConfigReport *report, Config *config) {
        _cleanup_(config_files_done) ConfigFiles files = {};
        int r;

        r = config_files_find(directories, report, &files);
        if (r < 0)
                return r;

        for (size_t i = 0; i < files.n_paths; i++) {
                r = config_parse_file(files.paths[i], report, config);
                if (r == -ENOMEM)
                        return r; /* any other error is in the report, and the next file may have more */
        }
        return 0;
}

int config_load(const char *file, const char *const *directories, ConfigReport *report, Config **ret) {
        _cleanup_(config_freep) Config *config = NULL;
        int r;

        r = config_new(&config);
        if (r < 0)
                return r;

        if (file)
                r = config_parse_file(file, report, config);
        else
                r = load_files(directories ? directories : CONFIG_DIRECTORIES, report, config);
        if (r < 0)
                return r;
        config->place = (ConfigPlace){};

        *ret = TAKE_PTR(config);
        return 0;
}

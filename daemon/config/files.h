/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "config/report.h"
#include "util/cleanup.h"

/* The files of the configuration in the order in which they apply: the main file, then the drop-ins. */
typedef struct ConfigFiles {
        char **paths;
        size_t n_paths;
} ConfigFiles;

void config_files_done(ConfigFiles *files);

/*
 * Looks in `directories` (NULL-terminated, the most important first) for exectraced.conf and for
 * exectraced.conf.d/\*.conf. A name in an earlier directory masks the same name in a later one; an empty file
 * and a device node, such as a link to /dev/null leads to, apply nothing and mask, too.
 *
 * What can't be looked at is an error in `report`; a link that leads nowhere and what is no regular file are
 * warnings and mask nothing. 0 or -ENOMEM.
 */
int config_files_find(const char *const *directories, ConfigReport *report, ConfigFiles *ret);

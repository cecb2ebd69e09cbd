/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "config/report.h"
#include "util/cleanup.h"

/* The files of the configuration, in the order in which they apply: the main file, then the drop-ins. */
typedef struct ConfigFiles {
        char **paths;
        size_t n_paths;
} ConfigFiles;

void config_files_done(ConfigFiles *files);

/*
 * Searches `directories` (NULL-terminated, in descending priority) for exectraced.conf and for
 * exectraced.conf.d/\*.conf. A file in one directory masks files of the same name in later directories. An
 * empty file or a device node (such as /dev/null, also as the target of a symbolic link) only masks: it is
 * not in the result.
 *
 * A file or directory that can't be examined is added to `report` as an error. A dangling symbolic link, or a
 * file that is not a regular file, is added as a warning, and masks nothing. Returns 0 and sets *ret, even if
 * there are errors in the report; or returns -ENOMEM.
 */
int config_files_find(const char *const *directories, ConfigReport *report, ConfigFiles *ret);

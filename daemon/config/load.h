/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"
#include "config/report.h"
#include "util/cleanup.h"

/*
 * Reads the configuration. If `file` is not NULL, only that file is read. Otherwise the main file is the
 * first exectraced.conf in `directories` (NULL-terminated, in descending priority; NULL for
 * CONFIG_DIRECTORIES). The drop-ins exectraced.conf.d/\*.conf of all directories are applied after it, in the
 * order of their names. A file in one directory masks files of the same name in later directories, even if it
 * is empty or a link to /dev/null, as with systemd's own files. A configuration without any file is valid.
 *
 * Every problem is added to `report`, warnings included. Returns 0 and sets *ret, even if there are errors in
 * the report: the caller can compile the rules and so find further errors, but must not use the Config after
 * that. Returns -ENOMEM, or, if `file` is set, fails like config_parse_file().
 */
int config_load(const char *file, const char *const *directories, ConfigReport *report, Config **ret);

#define CONFIG_DIRECTORIES ((const char *const[]){ SYSCONFDIR, "/run", "/usr/local/lib", "/usr/lib", NULL })

Config *config_free(Config *config);
DEFINE_POINTER_CLEANUP(Config *, config_free);

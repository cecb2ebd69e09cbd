/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"
#include "config/report.h"
#include "util/cleanup.h"

/*
 * Reads the configuration. `file` not NULL: that file only. Else the main file is the first exectraced.conf
 * in `directories` (NULL-terminated, the most important first; NULL: CONFIG_DIRECTORIES), and over it go all
 * exectraced.conf.d/\*.conf in the order of their names, a name in an earlier directory masking the same name
 * in a later one (systemd's rule: an empty file, or a link to /dev/null, masks, too). No file at all is a
 * valid configuration.
 *
 * Every problem goes into `report`, warnings too. 0 and *ret, also when the report has errors now: whoever
 * compiles the rules may find more of them, and the Config must not be used after that. -ENOMEM; what open(2)
 * or read(2) failed with for `file` (which is in the report, too).
 */
int config_load(const char *file, const char *const *directories, ConfigReport *report, Config **ret);

#define CONFIG_DIRECTORIES ((const char *const[]){ SYSCONFDIR, "/run", "/usr/local/lib", "/usr/lib", NULL })

Config *config_free(Config *config);
DEFINE_POINTER_CLEANUP(Config *, config_free);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads configuration files of others, and finds out when files were changed. A configuration has a main file
 * NAME, which is that of the first directory that has one, and drop-ins in NAME.d of all directories: those
 * of an earlier directory mask those with the same name in later ones.
 */

/*
 * Calls `line` for each line of the file, without white space around it, until it returns true. Returns
 * whether it did.
 */
bool config_each_line(const char *path, bool (*line)(void *data, char *text), void *data);

/* Does the same for each *.conf in the directory, in the order of their names. */
bool config_each_drop_in(const char *directory, bool (*line)(void *data, char *text), void *data);

/*
 * Finds the last value of `key`. `directories` ends with NULL. Returns 1 and sets *ret (to be freed), 0 when
 * no file has the key, or -ENOMEM.
 */
int config_setting(const char *const *directories, const char *name, const char *key, char **ret);

/*
 * Sets *ret to when the configuration was last changed, also by the addition or the removal of a drop-in, in
 * microseconds since the epoch; 0 when there is none. Returns 0 or -ENOMEM.
 */
int config_changed(const char *const *directories, const char *name, uint64_t *ret);

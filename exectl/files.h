/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "options.h"

/*
 * Journal files that are there, and those that libsystemd has opened. It leaves out, without a word, files
 * that it may not read, that are damaged, that need a newer version of it, that there is no descriptor for,
 * and all after the 7,168th.
 */
typedef struct Files Files;

/*
 * Gives this program as many descriptors as it may have. Each journal file takes one, and 1,024 is what
 * programs get that don't ask.
 */
void files_raise_limit(void);

/*
 * Lists the files that the options select, before the journal is opened. Of the journal of a machine (-M),
 * and where files are named one by one, there is nothing to list: libsystemd fails where it can't open those.
 * Returns 0 or -ENOMEM.
 */
int files_list(const Options *options, Files **ret);
void files_free(Files *files);

/*
 * Returns how many of them have entries and are not open, after the journal was opened. Those that were
 * removed meanwhile don't count, and without /proc none does. If there are any, sets *ret_path to the path of
 * one, which lives as long as `files`, and *ret_error to a negative errno, or to 0 where this program can
 * open it.
 */
size_t files_left_out(const Files *files, const char **ret_path, int *ret_error);

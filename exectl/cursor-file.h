/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A file that says up to where a journal was read. It is written anew beside the old one and put in its
 * place, so that there is always a whole one.
 */

/*
 * Reads the cursor; *ret is to be freed, and NULL when there is no file, or an empty one. 0 or a negative
 * errno.
 */
int cursor_file_read(const char *path, char **ret);

/* Puts the cursor into the file, and on the disk. 0 or a negative errno. */
int cursor_file_write(const char *path, const char *cursor);

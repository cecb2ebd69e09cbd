/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A file with the position up to which a journal was read. A new file is written beside the old one and then
 * renamed, so that the file is always complete.
 */

/*
 * Reads the cursor. Returns 0 and sets *ret (to be freed), which is NULL when there is no file or an empty
 * one; or returns a negative errno.
 */
int cursor_file_read(const char *path, char **ret);

/* Writes the cursor to the file, and syncs it to the disk. Returns 0 or a negative errno. */
int cursor_file_write(const char *path, const char *cursor);

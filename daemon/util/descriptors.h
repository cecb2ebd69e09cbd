/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Opens /dev/null for each of the descriptors 0, 1 and 2 that is closed. Otherwise a file that is opened
 * later could get one of these numbers, and receive what is written to standard output or error. If /dev/null
 * can't be opened, the descriptor is one that can be neither read nor written (O_PATH). Call this function
 * before anything else is opened.
 *
 * Returns 0, or what open(2) or fcntl(2) failed with.
 */
int descriptors_fill_standard(void);

/*
 * Moves a descriptor to a number of 3 or more. Takes ownership of `fd`. Returns `fd` if it is 3 or more
 * already; otherwise closes it and returns a duplicate with FD_CLOEXEC, or what fcntl(2) failed with.
 */
int descriptors_move_up(int fd);

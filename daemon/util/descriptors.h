/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Opens /dev/null for each of the descriptors 0, 1 and 2 that is closed, so that nothing that is opened
 * later gets one of these numbers and receives what is written to standard output or error. Where there is
 * no /dev/null, a descriptor takes the number that can be neither read nor written (O_PATH). To be called
 * before anything else is opened.
 *
 * Returns 0, or what open(2) or fcntl(2) failed with.
 */
int descriptors_fill_standard(void);

/*
 * Moves a descriptor above standard error, where it is not there yet: takes `fd` and returns one that is
 * closed on exec and is 3 or more, or what fcntl(2) failed with; `fd` is closed then.
 */
int descriptors_move_up(int fd);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * libsystemd aborts the program where it finds in a journal file what its authors took for impossible: a
 * compressed value that ends before its stated size (seen with 252), or whatever else somebody may have
 * written there. From this call on, such an end is one with a message and EXIT_FAILURE.
 */
void guard_init(void);

/*
 * Calls function(data), which reads one entry by libsystemd. Returns what it returns, or -EBADMSG when
 * libsystemd has given up on it; then the entry is to be left out, and what was allocated for it is lost.
 * Calls can't be nested.
 */
int guard_call(int (*function)(void *data), void *data);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/*
 * Starts a pager where standard output is a terminal: the first of $SYSTEMD_PAGER, $PAGER, pager, less, more
 * that there is. SYSTEMD_LESS (else FRSXMK, without K where the output goes on for ever),
 * SYSTEMD_LESSCHARSET and SYSTEMD_PAGERSECURE are for less. Standard output is then a pipe to it. An empty
 * SYSTEMD_PAGER or "cat" is none. Returns its pid, 0 when there is none, or a negative errno.
 */
pid_t pager_start(bool endless);

/* Closes standard output and waits until the reader has quit the pager. */
void pager_wait(pid_t pid);

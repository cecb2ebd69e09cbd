/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/*
 * Starts a pager if standard output is a terminal, and makes standard output a pipe to it. The pager is the
 * first one that exists of $SYSTEMD_PAGER or $PAGER, pager, less and more. An empty variable or "cat" means
 * no pager. SYSTEMD_LESS (FRSXMK by default, without K if `endless` is set) and SYSTEMD_LESSCHARSET are
 * used for less. Without SYSTEMD_PAGERSECURE, only less is started, in its secure mode, unless this process
 * runs as the user who logged in. Returns the pid of the pager, 0 when there is none, or a negative errno.
 */
pid_t pager_start(bool endless);

/* Closes standard output and waits until the user has quit the pager. */
void pager_wait(pid_t pid);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

/*
 * Counts the running processes in the directory `proc_fd` (/proc), which stays the caller's. Kernel threads
 * and zombies do not count. Returns 0, -ENOMEM, or what the directory could not be read with.
 */
int processes_count(int proc_fd, uint64_t *ret);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/internal.h"

/*
 * Checks whether the kernel skips programs. Call it after each drain; as long as programs are skipped it
 * checks again by a timer. The kernel skips a program while a task is inside of it on the same CPU. When a
 * program continues to be skipped, because that task does not get to run, another copy of it is attached,
 * and a notice says so.
 */
void manager_watch_skips(Manager *m);

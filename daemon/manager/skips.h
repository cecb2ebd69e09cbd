/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/internal.h"

/*
 * Looks whether the kernel skips programs, to be called after each drain; while it does, it goes on to look
 * by itself. A program that goes on to be skipped has a task inside of it that does not get to run: another
 * copy is attached, and a record says so.
 */
void manager_watch_skips(Manager *m);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <systemd/sd-journal.h>

#include "options.h"

/*
 * Opens the journal that the options name: -D, --file, --root, -M, --namespace, -m, or that of this machine.
 * Says on standard error what keeps it from being opened. Returns 0 and sets *ret, or a negative errno.
 */
int open_journal(const Options *options, sd_journal **ret);

/* Whether all records are this machine's, so that its user database and /proc tell something of them. */
bool open_is_local(const Options *options);

/* Says on standard error when there are journal files that this user may not read: why nothing was found,
 * maybe. */
void open_hint_permission(const Options *options);

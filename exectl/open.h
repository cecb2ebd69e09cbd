/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <systemd/sd-journal.h>

#include "options.h"

/*
 * Opens the journal that the options -D, --file, --root, -M, --namespace and -m select, which is that of this
 * machine by default. Returns 0 and sets *ret, or returns a negative errno, which it reports on standard
 * error.
 */
int open_journal(const Options *options, sd_journal **ret);

/*
 * Returns true when all records are of this machine, so that its user database and /proc are valid for them.
 */
bool open_is_local(const Options *options);

/*
 * Reports on standard error when this user may not read some journal files, which may be the reason why
 * nothing was found.
 */
void open_hint_permission(const Options *options);

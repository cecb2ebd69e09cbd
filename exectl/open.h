/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <systemd/sd-journal.h>

#include "options.h"

/*
 * Opens the journal that the options -D, --file, --root, -M, --namespace and -m select, which is that of this
 * machine by default. Returns 0 and sets *ret, or returns a negative errno, which it reports on standard
 * error.
 */
int open_journal(const Options *options, sd_journal **ret);

/*
 * Reports on standard error when this user may not read some journal files, which may be the reason why
 * nothing was found.
 */
void open_hint_permission(const Options *options);

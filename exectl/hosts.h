/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <systemd/sd-journal.h>

#include "options.h"

/*
 * Returns true when the records may be of several hosts: with --merge, and where the journal that was opened
 * has entries of several machines.
 */
bool hosts_several(const Options *options, sd_journal *journal);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "../unit/journal-receiver.h"
#include "../unit/split.h"

/*
 * Compares the line for syslog with the journal's entry of the same record: it has the fields of the entry,
 * the arguments last, or names those that it leaves out. A difference fails an assertion.
 */
void check_line(const ReceivedEntry *received, const Split *split, size_t line_size);

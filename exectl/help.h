/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "command.h"

/* Prints --help. */
void help_print(void);

/* -F: prints all values that a field has in the journal, one a line. Returns their number, or a negative
 * errno. */
int help_print_values(Context *context);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "command.h"

/* Prints the text of --help. */
void help_print(void);

/*
 * Prints all values that the field of the option -F has in the journal, each on a line. Returns their number,
 * or a negative errno.
 */
int help_print_values(Context *context);

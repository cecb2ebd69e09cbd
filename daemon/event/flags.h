/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Returns the name of a flag of a record (EXEC_FLAG), such as "setuid", by its bit in EXEC_FLAG_*, from 0;
 * NULL when there is no such flag. The viewer has its names from here, too.
 */
const char *flag_name(unsigned bit);

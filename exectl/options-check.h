/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "options.h"

/*
 * Checks for options that exclude each other, and for those that have no effect on the command. Returns 0, or
 * -EINVAL, which is reported on standard error.
 */
int options_check(const Options *options);

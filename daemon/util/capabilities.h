/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CAPABILITY(number) (UINT64_C(1) << (number))

/* Reads the capabilities that this process has, effective or not. 0 or a negative errno. */
int capabilities_permitted(uint64_t *ret);

/*
 * Gives up all but those of `keep`, and those that are inherited. The ones that are left are effective. 0 or
 * a negative errno.
 */
int capabilities_keep(uint64_t keep);

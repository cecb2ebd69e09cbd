/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CAPABILITY(number) (UINT64_C(1) << (number))

/*
 * Reads the permitted capabilities of this thread, as a set of CAPABILITY() bits. Returns 0 or what capget(2)
 * failed with.
 */
int capabilities_permitted(uint64_t *ret);

/*
 * Gives up all capabilities but those in `keep`, and makes the remaining ones effective. No capability stays
 * inheritable. Returns 0, or what capget(2) or capset(2) failed with.
 */
int capabilities_keep(uint64_t keep);

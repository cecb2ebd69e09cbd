/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/bytes.h"

/*
 * Reads a decimal number, which consists of digits only. Returns true and sets *ret, or returns false when
 * the text is empty, is not a number, or does not fit into 64 bits.
 */
bool number_read(Bytes text, uint64_t *ret);

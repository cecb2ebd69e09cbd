/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/buffer.h"
#include "util/bytes.h"

/*
 * Appends a JSON string, quotes included. Valid UTF-8 stays as it is, but a character that is not printable
 * is written \uXXXX (a surrogate pair over U+FFFF). Each byte that is not part of valid UTF-8 becomes U+FFFD,
 * because strict readers refuse a whole line for a lone surrogate. Returns false when there is such a byte,
 * and the string is not exact.
 */
bool json_string(Buffer *buffer, Bytes string);

/* Appends an array of strings. */
void json_strings(Buffer *buffer, const Bytes *strings, size_t n);

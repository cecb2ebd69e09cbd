/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/buffer.h"
#include "util/bytes.h"

/*
 * Appends a JSON string with its quotes. Valid UTF-8 is copied, but a character that is not printable is
 * written as \uXXXX (as a surrogate pair above U+FFFF). Each byte that is not part of valid UTF-8 becomes
 * U+FFFD, because strict readers refuse a whole line because of a lone surrogate. Returns true when the
 * string is exact, and false when it has a byte that was replaced.
 */
bool json_string(Buffer *buffer, Bytes string);

/* Appends a JSON array of `n` strings, as json_string() writes them. */
void json_strings(Buffer *buffer, const Bytes *strings, size_t n);

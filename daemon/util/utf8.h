/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decodes the character at `p`, of which `size` (at least 1) bytes may be read. It must be valid by RFC 3629:
 * overlong forms, surrogates and numbers above U+10FFFF are not.
 *
 * Returns the length of the character, 1 to 4, and sets *ret; or returns 0 when there is no valid character
 * at `p`, and leaves *ret unchanged.
 */
size_t utf8_decode(const char *p, size_t size, uint32_t *ret);

/*
 * Returns true when all `size` bytes are valid characters for utf8_decode(). `p` may be NULL when `size` is
 * 0.
 */
bool utf8_is_valid(const char *p, size_t size);

/*
 * Returns true when the character can be shown unchanged in a line of a terminal or a log. It must not be a
 * control character (C0, DEL, C1), a line or paragraph separator, a character that changes the direction or
 * the meaning of those around it (bidirectional controls, zero-width characters, tags, the byte order mark),
 * a noncharacter, or a private-use character.
 */
bool utf8_is_printable(uint32_t character);

/*
 * Returns the length of the longest beginning of `p` that is valid and printable, and contains no ASCII
 * character that is marked in `stop`. The control characters and all bytes from 0x80 on must be marked in
 * `stop`, too (UTF8_STOP_ALWAYS).
 */
size_t utf8_printable_run(const char *p, size_t size, const bool stop[static 256]);

#define UTF8_STOP_ALWAYS [0x00 ... 0x1f] = true, [0x7f ... 0xff] = true

/*
 * Replaces each byte of characters that are not printable, and each byte that is not part of a valid
 * character, by "?". `text` ends with NUL.
 */
void utf8_make_printable(char *text);

/*
 * Returns the largest size, up to `limit`, to which the `size` bytes at `p` can be cut without splitting a
 * valid character.
 */
size_t utf8_clip(const char *p, size_t size, size_t limit);

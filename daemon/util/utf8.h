/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decodes the character at `p`, of which `size` > 0 bytes may be read. Strict, as RFC 3629 has it: no
 * overlong forms, no surrogates, nothing over U+10FFFF.
 *
 * Returns its length of 1 to 4 and sets *ret; 0 when the byte at `p` begins no valid character, *ret
 * is untouched.
 */
size_t utf8_decode(const char *p, size_t size, uint32_t *ret);

/*
 * Whether all `size` bytes are valid characters, in the sense of utf8_decode(). `p` may be NULL when there
 * are none.
 */
bool utf8_is_valid(const char *p, size_t size);

/*
 * Whether the character can be shown as it is in one line of a terminal or a log: not a control (C0, DEL,
 * C1), not a line or paragraph separator, not one that changes the direction or the meaning of what is
 * around it (bidirectional controls, zero-width characters, tags, the byte order mark), not a noncharacter
 * and not one for private use.
 */
bool utf8_is_printable(uint32_t character);

/*
 * Length of the front of `p` that is valid, printable and free of the ASCII characters that `stop` marks;
 * `stop` must also mark the control characters and all from 0x80 on (UTF8_STOP_ALWAYS).
 */
size_t utf8_printable_run(const char *p, size_t size, const bool stop[static 256]);

#define UTF8_STOP_ALWAYS [0x00 ... 0x1f] = true, [0x7f ... 0xff] = true

/*
 * Writes a "?" over each byte of what is not printable, and of what is no character, in a NUL-terminated
 * text.
 */
void utf8_make_printable(char *text);

/* The largest size up to `limit` at which the `size` bytes at `p` can be cut without splitting a valid
 * character. */
size_t utf8_clip(const char *p, size_t size, size_t limit);

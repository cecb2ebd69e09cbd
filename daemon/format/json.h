/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "event/event.h"
#include "notice/notice.h"
#include "util/buffer.h"
#include "util/bytes.h"

/*
 * Appends a JSON string, quotes included. Valid UTF-8 stays, but for what is not printable: that is written
 * \uXXXX (a surrogate pair over U+FFFF). A byte that is not part of valid UTF-8 is written \udcXX, so that
 * every sequence of bytes can be had back (Python: s.encode('utf-8', 'surrogateescape')).
 */
void json_string(Buffer *buffer, Bytes string);

/* Appends an array of strings. */
void json_strings(Buffer *buffer, const Bytes *strings, size_t n);

/* Appends one object, no newline behind it: every field of the record under its JSON key. */
void json_event(Buffer *buffer, const Event *event);

/* Appends {"event":"...","message":"...", ...}. */
void json_notice(Buffer *buffer, const Notice *notice);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "event/event.h"
#include "format/options.h"
#include "notice/notice.h"
#include "util/buffer.h"

/*
 * Formats entries of journald's native protocol (systemd's JOURNAL_NATIVE_PROTOCOL). A field is a line
 * NAME=value. If the value contains a newline, it is NAME, a newline, the size of the value as 64 bits
 * little-endian, the value, and a newline. Nothing is appended after an entry: the sink adds the empty line
 * that separates two entries in one datagram. When there is no memory, the buffer is marked as failed
 * (buffer_error()).
 */

/* Appends the entry of an exec record, with all fields that it has, except for those in options->omit. */
void entry_format_event(Buffer *buffer, const FormatOptions *options, const Event *event);

/* Appends the entry of one of the daemon's own records. */
void entry_format_notice(Buffer *buffer, const FormatOptions *options, const Notice *notice);

/* Appends one field. `name` must be a valid name of a journal field; `value` can have any bytes. */
void entry_append_field(Buffer *buffer, Bytes name, Bytes value);

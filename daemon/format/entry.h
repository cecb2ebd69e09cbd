/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "event/event.h"
#include "format/options.h"
#include "notice/notice.h"
#include "util/buffer.h"

/*
 * Entries of journald's native protocol (systemd's JOURNAL_NATIVE_PROTOCOL): lines NAME=value, or, where the
 * value holds a newline, NAME, a newline, the value's size as 64 bits little-endian, the value, a newline.
 * Nothing is put behind an entry: the empty line that separates two in one datagram is the sink's to add.
 */

/* Appends the entry of one exec record, with all its fields but options->omit. */
void entry_format_event(Buffer *buffer, const FormatOptions *options, const Event *event);

/* Appends the entry of one of the daemon's own records. */
void entry_format_notice(Buffer *buffer, const FormatOptions *options, const Notice *notice);

/* Appends one field; `name` must be a valid field name. */
void entry_append_field(Buffer *buffer, Bytes name, Bytes value);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "event/event.h"
#include "notice/notice.h"
#include "util/buffer.h"

/*
 * Formats a record as one line for syslog: the message, followed by the fields as NAME=value, with the names
 * that they have in the journal.
 *
 * A value that consists of letters, digits and a little punctuation is written as it is. Any other value is
 * a JSON string, whose escapes logfmt has, too. So a reader can split the line into its fields. In a path or
 * name that is not UTF-8, U+FFFD replaces each invalid byte, and a further field NAME_RAW= holds the exact
 * bytes in base64. EXEC_ARGV_RAW= does so for the arguments.
 *
 * The fields begin at the first " EXEC...=" of the line. An argument that looks like a field is escaped in
 * the message (EXEC_UID\=0), which a shell reads as the same word.
 *
 * A field that would make the line longer than `limit` (at least LINE_SIZE_MIN) is left out as a whole.
 * EXEC_OMITTED=NAME,NAME at the end of the line names the fields that are missing; "..." replaces the last
 * names when there are too many.
 */

/*
 * The usual limit of a line, in bytes. rsyslog accepts 8 KiB, which includes the header before the message.
 */
#define LINE_SIZE_MAX 8000

/* The lowest limit, in bytes. It has room for any message and for EXEC_OMITTED=. */
#define LINE_SIZE_MIN 4096

/* These functions append a line, without a newline. */
void line_format_event(Buffer *buffer, const Event *event, size_t limit);
void line_format_notice(Buffer *buffer, const Notice *notice, size_t limit);

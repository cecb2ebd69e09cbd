/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "event/event.h"
#include "event/notice.h"
#include "util/buffer.h"

/*
 * A record as one line for syslog: the message, then every field as NAME=value under its name in the journal. A value is
 * bare when it has nothing but letters, digits and a little punctuation, else a JSON string (whose escapes
 * are those of logfmt, too), so that the line can be split again into exactly the fields.
 *
 * Of fields that would make the line longer than `limit` none is cut: they are left out whole, and
 * EXEC_OMITTED=NAME,NAME at the end of the line names them.
 */

/* rsyslog's own limit is 8 KiB for the message and what it puts before it. */
#define LINE_SIZE_MAX 8000

void line_format_event(Buffer *buffer, const Event *event, size_t limit);
void line_format_notice(Buffer *buffer, const Notice *notice, size_t limit);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "event/event.h"
#include "notice/notice.h"
#include "util/buffer.h"

/*
 * A record as one line for syslog: the message, then every field as NAME=value under its name in the journal. A value is
 * bare when it has nothing but letters, digits and a little punctuation, else a JSON string (whose escapes
 * are those of logfmt, too), so that the line can be split again into exactly the fields. They begin at the first
 * " EXEC...=" of the line: in the message, whose arguments are anybody's, the like of it is written in another way
 * (EXEC_UID\=0), which means the same to a shell.
 *
 * Of fields that would make the line longer than `limit` (at least LINE_SIZE_MIN) none is cut: they are left out whole,
 * and EXEC_OMITTED=NAME,NAME at the end of the line names them ("..." stands for the last names, should they be many).
 */

/* rsyslog's own limit is 8 KiB for the message and what it puts before it. */
#define LINE_SIZE_MAX 8000

/* Room for any message and EXEC_OMITTED=. */
#define LINE_SIZE_MIN 4096

void line_format_event(Buffer *buffer, const Event *event, size_t limit);
void line_format_notice(Buffer *buffer, const Notice *notice, size_t limit);

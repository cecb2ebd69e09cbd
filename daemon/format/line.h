/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "event/event.h"
#include "notice/notice.h"
#include "util/buffer.h"

/*
 * A record as one line for syslog: the message, then every field as NAME=value under its name in the journal.
 * A value is bare when it has nothing but letters, digits and a little punctuation, else a JSON string (whose
 * escapes are those of logfmt, too), so that the line can be split again into the fields. Behind a path or
 * name that is not UTF-8, in which U+FFFD stands for each byte that is none, NAME_RAW= has base64 of the
 * exact bytes; EXEC_ARGV_RAW= of the arguments. The fields begin at the first " EXEC...=" of the line:
 * arguments that look like one are written in another way in the message (EXEC_UID\=0), which means the same
 * to a shell.
 *
 * A field that would make the line longer than `limit` (at least LINE_SIZE_MIN) is not cut but left out as a
 * whole, and EXEC_OMITTED=NAME,NAME at the end of the line names it ("..." stands for the last names when
 * there are too many).
 */

/* rsyslog's own limit is 8 KiB for the message and what it puts before it. */
#define LINE_SIZE_MAX 8000

/* Room for any message and EXEC_OMITTED=. */
#define LINE_SIZE_MIN 4096

void line_format_event(Buffer *buffer, const Event *event, size_t limit);
void line_format_notice(Buffer *buffer, const Notice *notice, size_t limit);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "event/event.h"
#include "util/buffer.h"

/* Most bytes of a MESSAGE= in the journal. */
#define MESSAGE_SIZE_MAX 2048

/*
 * Appends the line that people read:
 *
 * [PID, comm="COMM", uid=UID, gid=GID, filename=FILENAME] COMMAND LINE
 *
 * Always one line of printable UTF-8 of at most `limit` bytes (SIZE_MAX: no limit); a longer one is cut at a
 * whole character, with its last quote closed, and ends in "...". What has nothing to say (comm, filename) is
 * left out.
 */
void message_format(Buffer *buffer, const Event *event, size_t limit);

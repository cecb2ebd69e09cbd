/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "event/event.h"
#include "util/buffer.h"

/* The maximum size of a MESSAGE= in the journal, in bytes. */
#define MESSAGE_SIZE_MAX 2048

/*
 * Appends the message of a record, which is for people to read:
 *
 * [PID, comm="COMM", uid=UID, gid=GID, login=LOGINUID, tty=TTY, unit=UNIT, error=ERROR,
 * filename=FILENAME] COMMAND LINE
 *
 * It is always one line of printable UTF-8, of at most `limit` bytes (SIZE_MAX for no limit). A longer one is
 * cut between two characters, its last quote is closed, and "..." is appended. The parts comm, tty, unit,
 * error and filename are left out when they are unknown or do not apply, and login also when it is the uid.
 */
void message_format(Buffer *buffer, const Event *event, size_t limit);

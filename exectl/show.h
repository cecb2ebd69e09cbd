/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arguments.h"
#include "record.h"
#include "util/buffer.h"

/*
 * The parts of a record as text for a terminal: one line, printable, with whatever could change what the
 * terminal shows or does quoted as the daemon quotes it.
 */

/* Memory for command lines, used again for each. */
typedef struct CommandLine {
        Arguments arguments;
        Buffer text;
} CommandLine;

/* What command_line_of() reads. */
#define COMMAND_LINE_FIELDS                                                                    \
        (RECORD_BIT(RECORD_ARGV) | RECORD_BIT(RECORD_ARGV_RAW) | RECORD_BIT(RECORD_FILENAME) | \
                RECORD_BIT(RECORD_EXE))

void command_line_done(CommandLine *line);

/*
 * The command line, quoted for a shell. Where the arguments are missing or damaged it is the file's name in
 * angle brackets. Returns NULL when memory runs out. Valid until the next call.
 */
const char *command_line_of(CommandLine *line, const Record *record);

/* Reads the arguments, the exact ones where they are kept. 0, -ENODATA, -EBADMSG or -ENOMEM. */
int show_arguments(Arguments *arguments, const Record *record);

/* Appends a value as one word. An unset one is nothing. */
void show_text(Buffer *buffer, Bytes value);

/* Appends a time as "2026-11-23 11:23:51.123", to the microsecond if `exact`, in UTC or local time. */
void show_time(Buffer *buffer, uint64_t usec, bool utc, bool exact);

/* Appends a time as "11-23 11:23:51", for a terminal that has no room for more. */
void show_time_short(Buffer *buffer, uint64_t usec, bool utc);

/* Appends a length of time as "1h 2min", "3.5s", "12ms". */
void show_span(Buffer *buffer, uint64_t usec);

/* Appends a letter for each flag, F for a failed one, T for one whose arguments were truncated. */
void show_flags(Buffer *buffer, const Record *record);

/* What show_flags() reads. */
#define FLAGS_FIELDS (RECORD_BIT(RECORD_FLAG) | RECORD_BIT(RECORD_ERRNO) | RECORD_BIT(RECORD_TRUNCATED))

/* The last part of a path. */
Bytes show_basename(Bytes path);

/* Ends the text with NUL and returns it; NULL when memory ran out. */
const char *show_string(Buffer *buffer);

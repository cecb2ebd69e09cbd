/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arguments.h"
#include "record.h"
#include "util/buffer.h"

/*
 * Formats the parts of a record for a terminal. The text is printable and has no line breaks. Characters that
 * could change what the terminal shows or does are quoted, in the same way as by the daemon.
 */

/* The memory for command lines, which is used again for each. */
typedef struct CommandLine {
        Arguments arguments;
        Buffer text;
} CommandLine;

/* The fields that command_line_of() needs. */
#define COMMAND_LINE_FIELDS                                                                    \
        (RECORD_BIT(RECORD_ARGV) | RECORD_BIT(RECORD_ARGV_RAW) | RECORD_BIT(RECORD_FILENAME) | \
                RECORD_BIT(RECORD_EXE))

void command_line_done(CommandLine *line);

/*
 * Returns the command line, quoted for a shell, which is valid until the next call. If the arguments are
 * missing or damaged, it is the name of the file in angle brackets. Returns NULL when there is no memory.
 */
const char *command_line_of(CommandLine *line, const Record *record);

/*
 * Reads the arguments, from EXEC_ARGV_RAW if that is valid, otherwise from EXEC_ARGV. Returns 0, -ENODATA
 * when they are missing, -EBADMSG when they are damaged, or -ENOMEM.
 */
int show_arguments(Arguments *arguments, const Record *record);

/* Appends a value as one word, quoted if necessary. Appends nothing if it is unset. */
void show_text(Buffer *buffer, Bytes value);

/* Appends a time as "2026-11-23 11:23:51.123", to the microsecond if `exact`, in UTC or local time. */
void show_time(Buffer *buffer, uint64_t usec, bool utc, bool exact);

/* Appends a time as "11-23 11:23:51", for a narrow terminal. */
void show_time_short(Buffer *buffer, uint64_t usec, bool utc);

/* Appends a letter for each flag, F for a failed exec, and T for truncated arguments. */
void show_flags(Buffer *buffer, const Record *record);

/* The fields that show_flags() needs. */
#define FLAGS_FIELDS (RECORD_BIT(RECORD_FLAG) | RECORD_BIT(RECORD_ERRNO) | RECORD_BIT(RECORD_TRUNCATED))

/* Returns the last component of a path. */
Bytes show_basename(Bytes path);

/* Ends the text with NUL and returns it, or returns NULL when there was no memory. */
const char *show_string(Buffer *buffer);

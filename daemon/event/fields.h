/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"

/* The one table of the fields of an exec record, in the order in which every sink writes them. */

typedef enum FieldType {
        FIELD_BYTES, /* Bytes */
        FIELD_ID, /* uint32_t, absent when EVENT_ID_UNSET */
        FIELD_NUMBER, /* uint64_t, absent when EVENT_NUMBER_UNSET */
        FIELD_TRUTH, /* bool: journal and syslog have it only when true, JSON always */
        FIELD_MARK, /* bool, absent unless true */
        FIELD_ERRNO, /* Event.error as its number, absent when 0 */
        FIELD_ERROR, /* ... as its name, likewise */
        FIELD_ARGV, /* Event.argv */
        FIELD_FLAGS, /* Event.flags, a list */
        FIELD_STDIN, /* enum exec_stdin, absent when unknown */
        FIELD_PROCESS, /* ProcessIdentity, absent when its pid is 0 */
        FIELD_LABELS, /* Event.labels */
        FIELD_ENVIRONMENT, /* Event.environment */
        _FIELD_TYPE_MAX,
} FieldType;

typedef struct Field {
        const char *journal; /* "EXEC_PID"; a prefix ("EXEC_LABEL_") for labels and environment */
        const char *json; /* "pid" */
        size_t journal_size; /* of the two names, without the NUL */
        size_t json_size;
        FieldType type;
        size_t offset; /* in Event */
        size_t unless_same; /* FIELD_ID: offset of another id; absent while both are the same. 0: none */
} Field;

extern const Field field_table[];
extern const size_t field_table_size;

static inline const void *field_value(const Field *field, const Event *event) {
        return (const char *) event + field->offset;
}

/* Whether the record has something to say in this field. A FIELD_TRUTH that is false has not: JSON alone
 * writes it all the same. */
bool field_is_present(const Field *field, const Event *event);

/* The character for `c` in the journal's name of a field: upper case, and "_" for all that it can't hold. */
char field_name_character(char c);

/* "tty", "pipe", ...; NULL: unknown. */
const char *field_stdin_name(enum exec_stdin standard_input);

/* What field_format_process() writes at most, the NUL included. */
#define PROCESS_IDENTITY_SIZE 40

/* "PID-START": the pid in decimal, the start time in nanoseconds since boot in hexadecimal. Returns the
 * length without the NUL. */
size_t field_format_process(char buffer[static PROCESS_IDENTITY_SIZE], const ProcessIdentity *process);

/* "ENOENT" for 2, the number in decimal for one that has no name: what FIELD_ERROR says. */
#define ERROR_NAME_SIZE 24
const char *field_error_name(char buffer[static ERROR_NAME_SIZE], uint32_t error);

/* Name of the flag of bit `index` (0 to EXEC_FLAG_COUNT - 1): "script", "fd", ... Bits from EXEC_FLAG_COUNT
 * on have no name and are written nowhere. */
const char *field_flag_name(unsigned index);

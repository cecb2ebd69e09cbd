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
        FIELD_ERRNO, /* uint32_t, absent when 0 */
        FIELD_ERROR, /* Event.error as its name, likewise */
        FIELD_ARGV, /* Event.argv */
        FIELD_ARGV_RAW, /* the exact bytes of Event.argv, absent when all of it is UTF-8 */
        FIELD_LIST, /* flags, tags, environment_duplicates: one value each; absent when there is none */
        FIELD_JOINED, /* the same list as one value; absent when there are less than two */
        FIELD_STDIN, /* enum exec_stdin, absent when unknown */
        FIELD_PROCESS, /* ProcessIdentity, absent when its pid is 0 */
        FIELD_LABELS, /* Event.labels */
        FIELD_ENVIRONMENT, /* Event.environment */
        _FIELD_TYPE_MAX,
} FieldType;

typedef struct Field {
        const char *journal; /* "EXEC_PID"; a prefix ("EXEC_LABEL_") for labels and environment */
        const char *json; /* "pid"; "": JSON does not have the field */
        size_t journal_size; /* of the two names, without the NUL */
        size_t json_size;
        FieldType type;
        size_t offset; /* in Event; of lists that of the flags or the tags, which tells them apart */
        size_t unless_same; /* FIELD_ID: offset of another id; absent while both are the same. 0: none */
} Field;

extern const Field field_table[];
extern const size_t field_table_size;

static inline const void *field_value(const Field *field, const Event *event) {
        return (const char *) event + field->offset;
}

/* What field_is_present() does for fields of the less simple types. */
bool field_has_value(const Field *field, const Event *event);

/*
 * Returns true when the record has something to say in this field. A FIELD_TRUTH that is false has not: JSON
 * alone writes it all the same. Each format asks for each field of each record, so the answer for most of
 * them is given here.
 */
static inline bool field_is_present(const Field *field, const Event *event) {
        const void *value = field_value(field, event);

        if (field->type == FIELD_BYTES)
                return bytes_is_set(*(const Bytes *) value);
        if (field->type == FIELD_ID && *(const uint32_t *) value == EVENT_ID_UNSET)
                return false;
        return field_has_value(field, event);
}

/*
 * Returns the next value of a FIELD_LIST or FIELD_JOINED and moves *i, which begins at 0, behind it. An unset
 * value means that there are no more. Flags that have no name are passed over.
 */
Bytes field_list_next(const Field *field, const Event *event, size_t *i);

/* A set of fields: bit i stands for field_table[i]. */
typedef uint64_t FieldSet;
#define FIELDS_MAX 64

static inline bool field_set_has(FieldSet set, size_t i) {
        return set >> i & 1;
}

/*
 * Adds the field of that name in the journal. -ENOENT: there is no such field, or the name is only a prefix
 * of fields.
 */
int field_set_add(FieldSet *set, Bytes name);

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

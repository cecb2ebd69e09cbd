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
        FIELD_TRUTH, /* bool, absent when false, except in JSON */
        FIELD_MARK, /* bool, absent when false */
        FIELD_ERRNO, /* uint32_t, absent when 0 */
        FIELD_ERROR, /* uint32_t, the name of the errno; absent when 0 */
        FIELD_ARGV, /* Event.argv */
        FIELD_ARGV_RAW, /* the exact bytes of Event.argv, absent when all of them are UTF-8 */
        FIELD_LIST, /* flags, tags or environment_duplicates, with a value for each; absent when empty */
        FIELD_JOINED, /* the same list as one value; absent when it has fewer than two elements */
        FIELD_STDIN, /* enum exec_stdin, absent when unknown */
        FIELD_PROCESS, /* ProcessIdentity, absent when its pid is 0 */
        FIELD_LABELS, /* Event.labels */
        FIELD_ENVIRONMENT, /* Event.environment */
        _FIELD_TYPE_MAX,
} FieldType;

typedef struct Field {
        const char *journal; /* "EXEC_PID"; a prefix ("EXEC_LABEL_") for labels and environment */
        const char *json; /* "pid"; empty when JSON does not have the field */
        size_t journal_size; /* the lengths of the two names, without NUL */
        size_t json_size;
        FieldType type;
        size_t offset; /* in Event; for a list, it says which of the three it is */
        size_t unless_same; /* FIELD_ID: offset of another id; absent when both are the same. 0: none */
} Field;

extern const Field field_table[];
extern const size_t field_table_size;

static inline const void *field_value(const Field *field, const Event *event) {
        return (const char *) event + field->offset;
}

/* Returns what field_is_present() returns. That one is faster for common types. */
bool field_has_value(const Field *field, const Event *event);

/*
 * Returns true when the record has a value of this field. A FIELD_TRUTH that is false has none, although JSON
 * writes it. Each format calls this for each field of each record, so it is inline for the most common types.
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
 * Returns the next value of a FIELD_LIST or FIELD_JOINED, and advances *i, which the caller sets to 0 first.
 * The result is unset when there are no more values. Flags without a name are skipped.
 */
Bytes field_list_next(const Field *field, const Event *event, size_t *i);

/* A set of fields: bit i stands for field_table[i]. */
typedef uint64_t FieldSet;
#define FIELDS_MAX 64

static inline bool field_set_has(FieldSet set, size_t i) {
        return set >> i & 1;
}

/*
 * Adds the field that has this name in the journal. Returns 0, or -ENOENT when there is no such field, or
 * when the name is a prefix of fields ("EXEC_LABEL_").
 */
int field_set_add(FieldSet *set, Bytes name);

/* Converts a character for the name of a journal field: letters to upper case, invalid ones to "_". */
char field_name_character(char c);

/* Returns "tty", "pipe" and so on, or NULL for EXEC_STDIN_UNKNOWN. */
const char *field_stdin_name(enum exec_stdin standard_input);

/* The maximum size of the result of field_format_process(), including NUL. */
#define PROCESS_IDENTITY_SIZE 40

/*
 * Writes "PID-START" and NUL: the pid in decimal, and the start time in nanoseconds since boot in
 * hexadecimal. Returns the length without NUL.
 */
size_t field_format_process(char buffer[static PROCESS_IDENTITY_SIZE], const ProcessIdentity *process);

/*
 * Returns the value of FIELD_ERROR: "ENOENT" for 2, or the number in decimal for an errno without a name.
 * That is written to `buffer`.
 */
#define ERROR_NAME_SIZE 24
const char *field_error_name(char buffer[static ERROR_NAME_SIZE], uint32_t error);

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "record-json.h"

#include <ctype.h>
#include <string.h>

#include "show.h"

#define PREFIX "EXEC_"
#define LABEL_PREFIX "EXEC_LABEL_"
#define ENVIRONMENT_PREFIX "EXEC_ENV_"

static void write_arguments(JsonWriter *writer, const char *key, const Record *record, Arguments *arguments) {
        if (arguments_read(arguments, record->field[RECORD_ARGV]) < 0) {
                json_string(writer, key, record->field[RECORD_ARGV]);
                return;
        }
        json_open(writer, key, '[');
        for (size_t i = 0; i < arguments->n; i++)
                json_string(writer, NULL, arguments->word[i]);
        json_close(writer, ']');
}

static void write_field(JsonWriter *writer, const Record *record, RecordField field, Arguments *arguments) {
        const RecordFieldInfo *info = &record_fields[field];
        uint64_t number;

        switch (info->kind) {
        case RECORD_NUMBER:
                if (record_number(record, field, &number))
                        json_number(writer, info->key, number);
                else
                        json_string(writer, info->key, record->field[field]);
                break;
        case RECORD_TRUTH:
                json_bool(writer, info->key, bytes_equal(record->field[field], BYTES_LITERAL("yes")));
                break;
        case RECORD_ARGUMENTS:
                write_arguments(writer, info->key, record, arguments);
                break;
        case RECORD_LIST:
                json_list(writer, info->key, record->field[field]);
                break;
        case RECORD_TEXT:
                json_string(writer, info->key, record->field[field]);
                break;
        }
}

static bool begins_with(Bytes text, const char *prefix, Bytes *ret_rest) {
        size_t n = strlen(prefix);

        if (text.size <= n || memcmp(text.data, prefix, n) != 0)
                return false;
        *ret_rest = (Bytes){ .data = text.data + n, .size = text.size - n };
        return true;
}

/* Writes an object of all fields whose names begin with `prefix`. Returns false if there are none. */
static bool write_group(JsonWriter *writer, const char *key, const Record *record, const char *prefix) {
        bool opened = false;
        Bytes rest;

        for (size_t i = 0; i < record->n_extra; i++) {
                const char *equals;
                char name[65];
                size_t n;

                if (!begins_with(record->extra[i], prefix, &rest))
                        continue;
                equals = memchr(rest.data, '=', rest.size);
                n = equals ? (size_t) (equals - rest.data) : 0;
                if (n == 0 || n >= sizeof(name))
                        continue;
                memcpy(name, rest.data, n);
                name[n] = '\0';
                if (!opened)
                        json_open(writer, key, '{');
                opened = true;
                json_string(writer, name, (Bytes){ equals + 1, rest.size - n - 1 });
        }
        if (opened)
                json_close(writer, '}');
        return opened;
}

bool record_json_labels(JsonWriter *writer, const char *key, const Record *record) {
        return write_group(writer, key, record, LABEL_PREFIX);
}

bool record_json_environment(JsonWriter *writer, const char *key, const Record *record) {
        return write_group(writer, key, record, ENVIRONMENT_PREFIX);
}

/* Returns true when a known field, or an earlier field of record->extra, has this key. */
static bool is_taken(const Record *record, size_t extra, const char *key) {
        Bytes name = record->extra[extra], before;
        size_t n = strlen(PREFIX) + strlen(key) + 1;

        for (RecordField i = 0; i < RECORD_EXTRA; i++)
                if (strcmp(record_fields[i].key, key) == 0)
                        return true;
        for (size_t i = 0; i < extra; i++) {
                before = record->extra[i];
                if (before.size >= n && memcmp(before.data, name.data, n) == 0)
                        return true;
        }
        return strcmp(key, "labels") == 0 || strcmp(key, "environment") == 0;
}

void record_others(
        const Record *record, void (*write)(void *data, const char *key, Bytes value), void *data) {
        for (size_t i = 0; i < record->n_extra; i++) {
                const char *equals;
                char key[65];
                Bytes rest;
                size_t n;

                if (begins_with(record->extra[i], LABEL_PREFIX, &rest) ||
                        begins_with(record->extra[i], ENVIRONMENT_PREFIX, &rest) ||
                        !begins_with(record->extra[i], PREFIX, &rest))
                        continue;
                equals = memchr(rest.data, '=', rest.size);
                n = equals ? (size_t) (equals - rest.data) : 0;
                if (n == 0 || n >= sizeof(key))
                        continue;
                for (size_t k = 0; k < n; k++)
                        key[k] = (char) tolower((unsigned char) rest.data[k]);
                key[n] = '\0';
                /* EXEC_FLAGS and EXEC_TAGS repeat the lists, whose keys are taken. */
                if (!is_taken(record, i, key))
                        write(data, key, (Bytes){ equals + 1, rest.size - n - 1 });
        }
}

static void write_other(void *data, const char *key, Bytes value) {
        json_string(data, key, value);
}

void record_json_others(JsonWriter *writer, const Record *record) {
        record_others(record, write_other, writer);
}

void record_json_fields(JsonWriter *writer, const Record *record, uint64_t fields, Arguments *arguments) {
        for (RecordField i = 0; i < RECORD_EXTRA; i++) {
                if (!(fields & RECORD_BIT(i)))
                        continue;
                if (record_has(record, i))
                        write_field(writer, record, i, arguments);
                /* The journal has this field only where it is true, the daemon's JSON always. */
                else if (i == RECORD_TRUNCATED && record_has(record, RECORD_ARGV) &&
                        !record_has(record, RECORD_ARGV_BYTES))
                        json_bool(writer, record_fields[i].key, false);
        }
}

void record_json_members(JsonWriter *writer, const Record *record, Arguments *arguments) {
        record_json_fields(writer, record, RECORD_ALL & ~RECORD_BIT(RECORD_MESSAGE), arguments);
        (void) record_json_labels(writer, "labels", record);
        (void) record_json_environment(writer, "environment", record);
        record_json_others(writer, record);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * An object is one line of valid UTF-8, whatever bytes the record has: control characters are escaped, and
 * invalid bytes are replaced.
 */

#include "format/json.h"

#include "event/fields.h"
#include "format/json-string.h"
#include "format/value.h"
#include "util/utf8.h"

/* Appends `,"name":`, with `before` instead of the comma. The name must need no escapes. */
static void append_key(Buffer *buffer, char before, const char *name, size_t size) {
        char *p;

        if (buffer_reserve(buffer, size + 4) < 0)
                return;
        p = buffer->data + buffer->size;
        *p++ = before;
        *p++ = '"';
        p = (char *) mempcpy(p, name, size);
        *p++ = '"';
        *p++ = ':';
        buffer->size += size + 4;
}

/* Appends `,"NAME_raw":` after a value that is not exact. The caller appends the exact one. */
static void append_raw_key(Buffer *buffer, const Field *field) {
        buffer_append_string(buffer, ",\"");
        buffer_append(buffer, field->json, field->json_size);
        buffer_append_string(buffer, "_raw\":");
}

static void append_base64(Buffer *buffer, Bytes bytes) {
        buffer_append_char(buffer, '"');
        value_base64(buffer, bytes);
        buffer_append_char(buffer, '"');
}

static void append_text(Buffer *buffer, const Field *field, Bytes text) {
        if (json_string(buffer, text))
                return;
        append_raw_key(buffer, field);
        append_base64(buffer, text);
}

static void append_list(Buffer *buffer, const Field *field, const Event *event) {
        char before = '[';
        size_t i = 0;

        for (Bytes item; bytes_is_set(item = field_list_next(field, event, &i)); before = ',') {
                buffer_append_char(buffer, before);
                (void) json_string(buffer, item);
        }
        buffer_append_char(buffer, ']');
}

/*
 * Appends an object of names and values, and another one with the exact values of those that are not UTF-8.
 */
static void append_assignments(Buffer *buffer, const FormatOptions *options, const Field *field,
        const Assignment *assignments, size_t n) {
        bool exact = true;
        char before = '{';

        for (size_t i = 0; i < n; i++) {
                if (format_omits_assignment(options, field, assignments[i].name))
                        continue;
                buffer_append_char(buffer, before);
                (void) json_string(buffer, assignments[i].name);
                buffer_append_char(buffer, ':');
                exact = json_string(buffer, assignments[i].value) && exact;
                before = ',';
        }
        buffer_append_char(buffer, '}');
        if (exact)
                return;

        append_raw_key(buffer, field);
        before = '{';
        for (size_t i = 0; i < n; i++) {
                if (utf8_is_valid(assignments[i].value.data, assignments[i].value.size) ||
                        format_omits_assignment(options, field, assignments[i].name))
                        continue;
                buffer_append_char(buffer, before);
                (void) json_string(buffer, assignments[i].name);
                buffer_append_char(buffer, ':');
                append_base64(buffer, assignments[i].value);
                before = ',';
        }
        buffer_append_char(buffer, '}');
}

/* Returns true when the field is a list of labels or of variables all of which are left out. */
static bool omits_all(const FormatOptions *options, const Field *field, const Event *event) {
        const Assignment *assignments = field->type == FIELD_LABELS ? event->labels : event->environment;
        size_t n = field->type == FIELD_LABELS ? event->n_labels : event->n_environment;

        if (!options->omit_names || (field->type != FIELD_LABELS && field->type != FIELD_ENVIRONMENT))
                return false;
        for (size_t i = 0; i < n; i++)
                if (!format_omits_assignment(options, field, assignments[i].name))
                        return false;
        return true;
}

static void append_value(
        Buffer *buffer, const FormatOptions *options, const Field *field, const Event *event) {
        const void *value = field_value(field, event);

        switch (field->type) {
        case FIELD_BYTES:
                append_text(buffer, field, *(const Bytes *) value);
                break;
        case FIELD_TRUTH:
        case FIELD_MARK:
                buffer_append_string(buffer, *(const bool *) value ? "true" : "false");
                break;
        case FIELD_LIST:
                append_list(buffer, field, event);
                break;
        case FIELD_LABELS:
                append_assignments(buffer, options, field, event->labels, event->n_labels);
                break;
        case FIELD_ENVIRONMENT:
                append_assignments(buffer, options, field, event->environment, event->n_environment);
                break;
        case FIELD_ERROR:
        case FIELD_STDIN:
        case FIELD_PROCESS:
        case FIELD_ARGV_RAW: /* values that need no escapes */
                buffer_append_char(buffer, '"');
                value_format(buffer, field, event);
                buffer_append_char(buffer, '"');
                break;
        case FIELD_ID:
        case FIELD_NUMBER:
        case FIELD_ERRNO:
        case FIELD_ARGV:
                value_format(buffer, field, event);
                break;
        case FIELD_JOINED: /* not needed, JSON has lists */
        case _FIELD_TYPE_MAX:
                break;
        }
}

void json_event(Buffer *buffer, const FormatOptions *options, const Event *event) {
        char before = '{';

        for (size_t i = 0; i < field_table_size; i++) {
                const Field *field = &field_table[i];

                if (field_set_has(options->omit, i) || field->json_size == 0)
                        continue;
                if (field->type != FIELD_TRUTH && !field_is_present(field, event))
                        continue;
                if (omits_all(options, field, event))
                        continue;
                append_key(buffer, before, field->json, field->json_size);
                append_value(buffer, options, field, event);
                before = ',';
        }
        if (before == '{') /* all fields were omitted */
                buffer_append_char(buffer, '{');
        buffer_append_char(buffer, '}');
}

/* Appends a key: the name that the field has in the journal, in lower case. */
static void append_notice_key(Buffer *buffer, const char *name) {
        size_t size = strlen(name), start = buffer->size;

        append_key(buffer, ',', name, size);
        for (size_t i = start; i < buffer->size; i++)
                if (buffer->data[i] >= 'A' && buffer->data[i] <= 'Z')
                        buffer->data[i] = (char) (buffer->data[i] - 'A' + 'a');
}

/* Appends a key and its text, or nothing if that is empty. */
static void append_known(Buffer *buffer, const char *key, const char *text) {
        if (text[0] == '\0')
                return;
        append_key(buffer, ',', key, strlen(key));
        (void) json_string(buffer, bytes_of_string(text));
}

void json_notice(Buffer *buffer, const Notice *notice) {
        buffer_append_string(buffer, "{\"event\":");
        (void) json_string(buffer, bytes_of_string(notice_kind_to_string(notice->kind)));
        buffer_append_string(buffer, ",\"message\":");
        (void) json_string(buffer, notice->message);

        for (size_t i = 0; i < notice->n_fields; i++) {
                const NoticeField *field = &notice->fields[i];

                append_notice_key(buffer, field->name);
                if (bytes_is_set(field->text))
                        (void) json_string(buffer, field->text);
                else
                        buffer_append_i64(buffer, field->number);
        }
        if (notice->host) {
                append_known(buffer, "host", notice->host->host);
                append_known(buffer, "machine_id", notice->host->machine_id);
                append_known(buffer, "boot_id", notice->host->boot_id);
        }
        buffer_append_char(buffer, '}');
}

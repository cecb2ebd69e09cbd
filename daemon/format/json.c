/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One line of valid UTF-8, whatever bytes go in: a control character or an invalid byte comes out as an escape. */

#include "format/json.h"

#include "event/fields.h"
#include "util/utf8.h"

static const bool stop_string[256] = { UTF8_STOP_ALWAYS, ['"'] = true, ['\\'] = true };

/* \uXXXX */
#define ESCAPE_SIZE 6

static size_t escape_unit(char *ret, uint32_t unit) {
        static const char digits[] = "0123456789abcdef";

        ret[0] = '\\';
        ret[1] = 'u';
        ret[2] = digits[unit >> 12 & 0xf];
        ret[3] = digits[unit >> 8 & 0xf];
        ret[4] = digits[unit >> 4 & 0xf];
        ret[5] = digits[unit & 0xf];
        return ESCAPE_SIZE;
}

static size_t escape_character(char *ret, uint32_t character) {
        static const char letters[0x80] = {
                ['\b'] = 'b',
                ['\t'] = 't',
                ['\n'] = 'n',
                ['\f'] = 'f',
                ['\r'] = 'r',
                ['"'] = '"',
                ['\\'] = '\\',
        };

        if (character < sizeof(letters) && letters[character]) {
                ret[0] = '\\';
                ret[1] = letters[character];
                return 2;
        }
        if (character <= 0xffff)
                return escape_unit(ret, character);

        character -= 0x10000;
        (void) escape_unit(ret, 0xd800 | character >> 10);
        return ESCAPE_SIZE + escape_unit(ret + ESCAPE_SIZE, 0xdc00 | (character & 0x3ff));
}

/* Appends the escape of what is at the front of `string`; returns how much of it that was. */
static size_t append_escape(Buffer *buffer, Bytes string) {
        char escape[2 * ESCAPE_SIZE];
        uint32_t character;
        size_t length;

        length = utf8_decode(string.data, string.size, &character);
        if (length > 0)
                buffer_append(buffer, escape, escape_character(escape, character));
        else {
                /* A low surrogate alone, which no valid text holds, stands for the byte. */
                buffer_append(buffer, escape, escape_unit(escape, 0xdc00 | (unsigned char) string.data[0]));
                length = 1;
        }
        return length;
}

void json_string(Buffer *buffer, Bytes string) {
        buffer_append_char(buffer, '"');
        for (size_t i = 0; i < string.size;) {
                size_t run = utf8_printable_run(string.data + i, string.size - i, stop_string);

                buffer_append(buffer, string.data + i, run);
                i += run;
                if (i < string.size)
                        i += append_escape(buffer, (Bytes){ string.data + i, string.size - i });
        }
        buffer_append_char(buffer, '"');
}

void json_strings(Buffer *buffer, const Bytes *strings, size_t n) {
        buffer_append_char(buffer, '[');
        for (size_t i = 0; i < n; i++) {
                if (i > 0)
                        buffer_append_char(buffer, ',');
                json_string(buffer, strings[i]);
        }
        buffer_append_char(buffer, ']');
}

/* Appends `,"name":`, with `before` in the place of the comma. The name needs no escapes. */
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

static void append_flags(Buffer *buffer, uint32_t flags) {
        char before = '[';

        for (unsigned i = 0; i < EXEC_FLAG_COUNT; i++)
                if (flags & 1U << i) {
                        buffer_append_char(buffer, before);
                        json_string(buffer, bytes_of_string(field_flag_name(i)));
                        before = ',';
                }
        buffer_append_char(buffer, ']');
}

static void append_assignments(Buffer *buffer, const Assignment *assignments, size_t n) {
        buffer_append_char(buffer, '{');
        for (size_t i = 0; i < n; i++) {
                if (i > 0)
                        buffer_append_char(buffer, ',');
                json_string(buffer, assignments[i].name);
                buffer_append_char(buffer, ':');
                json_string(buffer, assignments[i].value);
        }
        buffer_append_char(buffer, '}');
}

static void append_process(Buffer *buffer, const ProcessIdentity *process) {
        char identity[PROCESS_IDENTITY_SIZE];
        size_t size = field_format_process(identity, process);

        json_string(buffer, (Bytes){ identity, size });
}

static void append_value(Buffer *buffer, const Field *field, const Event *event) {
        const void *value = field_value(field, event);
        char error[ERROR_NAME_SIZE];

        switch (field->type) {
        case FIELD_BYTES:
                json_string(buffer, *(const Bytes *) value);
                break;
        case FIELD_ID:
                buffer_append_u64(buffer, *(const uint32_t *) value);
                break;
        case FIELD_NUMBER:
                buffer_append_u64(buffer, *(const uint64_t *) value);
                break;
        case FIELD_TRUTH:
        case FIELD_MARK:
                buffer_append_string(buffer, *(const bool *) value ? "true" : "false");
                break;
        case FIELD_ERRNO:
                buffer_append_u64(buffer, event->error);
                break;
        case FIELD_ERROR:
                json_string(buffer, bytes_of_string(field_error_name(error, event->error)));
                break;
        case FIELD_ARGV:
                json_strings(buffer, event->argv, event->argc);
                break;
        case FIELD_FLAGS:
                append_flags(buffer, event->flags);
                break;
        case FIELD_STDIN:
                json_string(buffer, bytes_of_string(field_stdin_name(*(const enum exec_stdin *) value)));
                break;
        case FIELD_PROCESS:
                append_process(buffer, value);
                break;
        case FIELD_LABELS:
                append_assignments(buffer, event->labels, event->n_labels);
                break;
        case FIELD_ENVIRONMENT:
                append_assignments(buffer, event->environment, event->n_environment);
                break;
        case _FIELD_TYPE_MAX:
                break;
        }
}

void json_event(Buffer *buffer, const Event *event) {
        char before = '{';

        for (size_t i = 0; i < field_table_size; i++) {
                const Field *field = &field_table[i];

                if (field->type != FIELD_TRUTH && !field_is_present(field, event))
                        continue;
                append_key(buffer, before, field->json, field->json_size);
                append_value(buffer, field, event);
                before = ',';
        }
        buffer_append_char(buffer, '}');
}

/* The journal's name of a field in lower case. */
static void append_notice_key(Buffer *buffer, const char *name) {
        size_t size = strlen(name), start = buffer->size;

        append_key(buffer, ',', name, size);
        for (size_t i = start; i < buffer->size; i++)
                if (buffer->data[i] >= 'A' && buffer->data[i] <= 'Z')
                        buffer->data[i] = (char) (buffer->data[i] - 'A' + 'a');
}

void json_notice(Buffer *buffer, const Notice *notice) {
        buffer_append_string(buffer, "{\"event\":");
        json_string(buffer, bytes_of_string(notice_kind_to_string(notice->kind)));
        buffer_append_string(buffer, ",\"message\":");
        json_string(buffer, notice->message);

        for (size_t i = 0; i < notice->n_fields; i++) {
                const NoticeField *field = &notice->fields[i];

                append_notice_key(buffer, field->name);
                if (bytes_is_set(field->text))
                        json_string(buffer, field->text);
                else
                        buffer_append_i64(buffer, field->number);
        }
        buffer_append_char(buffer, '}');
}

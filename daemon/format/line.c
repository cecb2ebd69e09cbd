/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "format/line.h"

#include <assert.h>
#include <ctype.h>

#include "event/fields.h"
#include "format/json-string.h"
#include "format/message.h"
#include "format/value.h"
#include "util/utf8.h"

/*
 * The room that is kept for EXEC_OMITTED= and its names, and the text that replaces the names which do not
 * fit.
 */
#define OMITTED_SIZE_MAX 512
#define OMITTED_KEY " EXEC_OMITTED="
#define OMITTED_MORE "..."

typedef struct Line {
        Buffer *buffer;
        size_t end; /* the size of the buffer that no field may exceed */
        Buffer omitted; /* names, with commas between them */
        bool omitted_more; /* not all names fit, and OMITTED_MORE was appended */
} Line;

/* Appends an escaped "=", which a shell reads as "=". `quote` is the quote that it is inside of, or 0. */
static void append_equals(Buffer *buffer, char quote, bool escapes) {
        if (quote == 0)
                buffer_append_string(buffer, "\\=");
        else if (escapes)
                buffer_append_string(buffer, "\\075");
        else
                buffer_append_string(buffer, "'\\='");
}

/*
 * The message contains arguments, which any user can choose: "EXEC_UID=0" among them must not look like a
 * field. So an "=" after something that could be the name of a field is escaped. To a shell the message means
 * the same.
 */
static void append_message(Buffer *buffer, Bytes text) {
        char quote = 0;
        bool escapes = false; /* the quotes allow escapes: $'...' and "..." */
        size_t name = 0; /* how many bytes before this one could be the name of a field */

        for (size_t i = 0; i < text.size; i++) {
                char c = text.data[i];

                if (c == '=' && memmem(text.data + i - name, name, "EXEC", 4))
                        append_equals(buffer, quote, escapes);
                else
                        buffer_append_char(buffer, c);
                name = field_name_character(c) == c ? name + 1 : 0;

                if (c == '\\' && (quote == 0 || escapes) && i + 1 < text.size) {
                        buffer_append_char(buffer, text.data[++i]);
                        name = 0;
                } else if (quote == 0 && (c == '\'' || c == '"')) {
                        quote = c;
                        escapes = c == '"' || (i > 0 && text.data[i - 1] == '$');
                } else if (c == quote)
                        quote = 0;
        }
}

static bool value_is_bare(Bytes value) {
        static const char punctuation[] = "_@%+:,./-";

        if (value.size == 0)
                return false;
        for (size_t i = 0; i < value.size; i++) {
                unsigned char c = (unsigned char) value.data[i];

                if (!(c < 0x80 && isalnum(c)) && !memchr(punctuation, c, sizeof(punctuation) - 1))
                        return false;
        }
        return true;
}

static void line_omit(Line *line, Bytes pair_name) {
        const size_t max = OMITTED_SIZE_MAX - strlen(OMITTED_KEY) - strlen("," OMITTED_MORE);
        Buffer *names = &line->omitted;

        if (line->omitted_more)
                return;
        line->omitted_more = names->size + 1 + pair_name.size > max;
        if (names->size > 0)
                buffer_append_char(names, ',');
        buffer_append_bytes(names, line->omitted_more ? BYTES_LITERAL(OMITTED_MORE) : pair_name);
}

/* Appends a field whose name is `prefix` and `name`, changed to a valid name as in the journal. */
static void line_pair(Line *line, const char *prefix, Bytes name, Bytes value) {
        Buffer *buffer = line->buffer;
        size_t before = buffer->size, name_end;

        buffer_append_char(buffer, ' ');
        buffer_append_string(buffer, prefix);
        for (size_t i = 0; i < name.size; i++)
                buffer_append_char(buffer, field_name_character(name.data[i]));
        name_end = buffer->size;

        buffer_append_char(buffer, '=');
        if (value_is_bare(value))
                buffer_append_bytes(buffer, value);
        else
                json_string(buffer, value);

        if (buffer->size > line->end) {
                line_omit(line, (Bytes){ buffer->data + before + 1, name_end - before - 1 });
                buffer_truncate(buffer, before);
        }
}

static void line_list(Line *line, const Field *field, const Event *event) {
        size_t i = 0;

        for (Bytes item; bytes_is_set(item = field_list_next(field, event, &i));)
                line_pair(line, field->journal, BYTES_NULL, item);
}

/*
 * Appends NAME_RAW= with base64 of the value when that is not exact as a JSON string. Overwrites `scratch`.
 */
static void line_raw(Line *line, const Field *field, Bytes value, Buffer *scratch) {
        if (utf8_is_valid(value.data, value.size))
                return;
        buffer_clear(scratch);
        value_base64(scratch, value);
        if (buffer_error(scratch) < 0)
                line->buffer->failed = true;
        line_pair(line, field->journal, BYTES_LITERAL("_RAW"), buffer_bytes(scratch));
}

static void line_assignments(Line *line, const Field *field, const Assignment *assignments, size_t n) {
        for (size_t i = 0; i < n; i++)
                line_pair(line, field->journal, assignments[i].name, assignments[i].value);
}

static void line_field(Line *line, const Field *field, const Event *event, Buffer *value) {
        switch (field->type) {
        case FIELD_LIST:
                line_list(line, field, event);
                break;
        case FIELD_LABELS:
                line_assignments(line, field, event->labels, event->n_labels);
                break;
        case FIELD_ENVIRONMENT:
                line_assignments(line, field, event->environment, event->n_environment);
                break;
        case FIELD_BYTES:
                line_pair(line, field->journal, BYTES_NULL, *(const Bytes *) field_value(field, event));
                line_raw(line, field, *(const Bytes *) field_value(field, event), value);
                break;
        default:
                buffer_clear(value);
                value_format(value, field, event);
                if (buffer_error(value) < 0)
                        line->buffer->failed = true;
                line_pair(line, field->journal, BYTES_NULL, buffer_bytes(value));
        }
}

/* Appends the fields of the arguments, or all other fields. */
static void line_fields(Line *line, const Event *event, bool arguments, Buffer *value) {
        for (size_t i = 0; i < field_table_size; i++) {
                const Field *field = &field_table[i];
                bool is_argument = field->type == FIELD_ARGV || field->type == FIELD_ARGV_RAW;

                if (is_argument == arguments && field_is_present(field, event))
                        line_field(line, field, event, value);
        }
}

static Line line_begin(Buffer *buffer, size_t limit) {
        assert(limit >= LINE_SIZE_MIN);
        return (Line){ .buffer = buffer, .end = buffer->size + limit - OMITTED_SIZE_MAX };
}

static void line_end(Line *line) {
        if (line->omitted.size > 0) {
                buffer_append_string(line->buffer, OMITTED_KEY);
                buffer_append_bytes(line->buffer, buffer_bytes(&line->omitted));
        }
        if (buffer_error(&line->omitted) < 0)
                line->buffer->failed = true;
        buffer_done(&line->omitted);
}

void line_format_event(Buffer *buffer, const Event *event, size_t limit) {
        Line line = line_begin(buffer, limit);
        Buffer value = BUFFER_NULL;

        message_format(&value, event, MESSAGE_SIZE_MAX);
        append_message(buffer, buffer_bytes(&value));
        if (buffer_error(&value) < 0)
                buffer->failed = true;

        /* The arguments come last, because they can be so long that they leave no room for other fields. */
        line_fields(&line, event, false, &value);
        line_fields(&line, event, true, &value);

        line_end(&line);
        buffer_done(&value);
}

void line_format_notice(Buffer *buffer, const Notice *notice, size_t limit) {
        Line line = line_begin(buffer, limit);

        buffer_append_bytes(buffer, notice->message);
        line_pair(
                &line, "EXECTRACED_EVENT", BYTES_NULL, bytes_of_string(notice_kind_to_string(notice->kind)));
        for (size_t i = 0; i < notice->n_fields; i++) {
                const NoticeField *field = &notice->fields[i];
                Buffer number = BUFFER_NULL;

                if (bytes_is_set(field->text)) {
                        line_pair(&line, field->name, BYTES_NULL, field->text);
                        continue;
                }
                buffer_append_i64(&number, field->number);
                if (buffer_error(&number) < 0)
                        buffer->failed = true;
                line_pair(&line, field->name, BYTES_NULL, buffer_bytes(&number));
                buffer_done(&number);
        }
        line_end(&line);
}

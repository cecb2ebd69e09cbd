/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "sink/line.h"

#include <ctype.h>

#include "event/fields.h"
#include "sink/json.h"
#include "sink/message.h"

/* Room that is kept for EXEC_OMITTED= and the names behind it. */
#define OMITTED_SIZE_MAX 512

typedef struct Line {
        Buffer *buffer;
        size_t end; /* the buffer's size that no field may take the line past */
        Buffer omitted;
} Line;

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

static void line_pair(Line *line, const char *prefix, Bytes name, Bytes value) {
        size_t before = line->buffer->size;

        buffer_append_char(line->buffer, ' ');
        buffer_append_string(line->buffer, prefix);
        buffer_append_bytes(line->buffer, name);
        buffer_append_char(line->buffer, '=');
        if (value_is_bare(value))
                buffer_append_bytes(line->buffer, value);
        else
                json_string(line->buffer, value);

        if (line->buffer->size <= line->end)
                return;
        buffer_truncate(line->buffer, before);
        if (line->omitted.size > 0)
                buffer_append_char(&line->omitted, ',');
        buffer_append_string(&line->omitted, prefix);
        buffer_append_bytes(&line->omitted, name);
}

/* Names of variables become those of fields, as in the journal: in upper case. */
static void line_assignments(Line *line, const Field *field, const Assignment *assignments, size_t n) {
        for (size_t i = 0; i < n; i++) {
                char name[64];
                size_t size = assignments[i].name.size;

                if (size > sizeof(name))
                        size = sizeof(name);
                for (size_t k = 0; k < size; k++)
                        name[k] = (char) toupper((unsigned char) assignments[i].name.data[k]);
                line_pair(line, field->journal, (Bytes){ name, size }, assignments[i].value);
        }
}

static void line_flags(Line *line, const Field *field, uint32_t flags) {
        for (unsigned i = 0; i < EXEC_FLAG_COUNT; i++)
                if (flags & 1U << i)
                        line_pair(line, field->journal, BYTES_NULL, bytes_of_string(field_flag_name(i)));
}

/* The text of a field that has one value. */
static void value_format(Buffer *value, const Field *field, const Event *event) {
        const void *p = field_value(field, event);
        char identity[PROCESS_IDENTITY_SIZE];

        switch (field->type) {
        case FIELD_BYTES:
                buffer_append_bytes(value, *(const Bytes *) p);
                break;
        case FIELD_ID:
                buffer_append_u64(value, *(const uint32_t *) p);
                break;
        case FIELD_NUMBER:
                buffer_append_u64(value, *(const uint64_t *) p);
                break;
        case FIELD_ARGV:
                json_strings(value, event->argv, event->argc);
                break;
        case FIELD_PROCESS:
                buffer_append(value, identity, field_format_process(identity, p));
                break;
        case FIELD_TRUTH:
        case FIELD_MARK:
                buffer_append_string(value, "yes");
                break;
        case FIELD_FLAGS:
        case FIELD_LABELS:
        case FIELD_ENVIRONMENT:
        case _FIELD_TYPE_MAX:
                break;
        }
}

static void line_field(Line *line, const Field *field, const Event *event, Buffer *value) {
        switch (field->type) {
        case FIELD_FLAGS:
                line_flags(line, field, event->flags);
                break;
        case FIELD_LABELS:
                line_assignments(line, field, event->labels, event->n_labels);
                break;
        case FIELD_ENVIRONMENT:
                line_assignments(line, field, event->environment, event->n_environment);
                break;
        default:
                buffer_clear(value);
                value_format(value, field, event);
                if (buffer_error(value) < 0)
                        line->buffer->failed = true;
                line_pair(line, field->journal, BYTES_NULL, buffer_bytes(value));
        }
}

static Line line_begin(Buffer *buffer, size_t limit) {
        return (Line){ .buffer = buffer, .end = buffer->size + limit - OMITTED_SIZE_MAX };
}

static void line_end(Line *line) {
        if (line->omitted.size > 0) {
                if (line->omitted.size > OMITTED_SIZE_MAX - sizeof(" EXEC_OMITTED="))
                        line->omitted.size = OMITTED_SIZE_MAX - sizeof(" EXEC_OMITTED=");
                buffer_append_string(line->buffer, " EXEC_OMITTED=");
                buffer_append_bytes(line->buffer, buffer_bytes(&line->omitted));
        }
        if (buffer_error(&line->omitted) < 0)
                line->buffer->failed = true;
        buffer_done(&line->omitted);
}

void line_format_event(Buffer *buffer, const Event *event, size_t limit) {
        Line line = line_begin(buffer, limit);
        const Field *argv = NULL;
        Buffer value = BUFFER_NULL;

        message_format(buffer, event, MESSAGE_SIZE_MAX);

        /* The arguments last: they are the ones that may leave no room. */
        for (size_t i = 0; i < field_table_size; i++) {
                const Field *field = &field_table[i];

                if (!field_is_present(field, event))
                        continue;
                if (field->type == FIELD_ARGV)
                        argv = field;
                else
                        line_field(&line, field, event, &value);
        }
        if (argv)
                line_field(&line, argv, event, &value);

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
                line_pair(&line, field->name, BYTES_NULL, buffer_bytes(&number));
                buffer_done(&number);
        }
        line_end(&line);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Each record is one line: a value that is not printable UTF-8 is quoted in the same way as by the daemon.
 * The arguments are JSON, as in the journal.
 */

#include <string.h>

#include "export.h"
#include "record-json.h"
#include "util/utf8.h"

static bool is_column(RecordField field) {
        return field != RECORD_EXTRA;
}

void export_csv_header(Buffer *line) {
        for (RecordField i = 0; i < _RECORD_FIELD_MAX; i++)
                if (is_column(i)) {
                        buffer_append_string(line, record_fields[i].key);
                        buffer_append_char(line, ',');
                }
        buffer_append_string(line, "entity_id,labels,environment,other");
}

/* Returns true when a terminal shows the value as it is, and whoever counts lines finds no break in it. */
static bool is_plain(Bytes value) {
        for (size_t i = 0, n; i < value.size; i += n) {
                uint32_t c;

                n = utf8_decode(value.data + i, value.size - i, &c);
                if (n == 0 || !utf8_is_printable(c))
                        return false;
        }
        return true;
}

static void append_value(Buffer *line, Bytes value) {
        if (value.size == 0)
                return;
        if (!memchr(value.data, ',', value.size) && !memchr(value.data, '"', value.size)) {
                buffer_append_bytes(line, value);
                return;
        }
        buffer_append_char(line, '"');
        for (size_t i = 0; i < value.size; i++) {
                if (value.data[i] == '"')
                        buffer_append_char(line, '"');
                buffer_append_char(line, value.data[i]);
        }
        buffer_append_char(line, '"');
}

static void append_field(Buffer *line, Bytes value) {
        Buffer quoted = BUFFER_NULL;

        if (is_plain(value)) {
                append_value(line, value);
                return;
        }
        show_text(&quoted, value);
        append_value(line, buffer_bytes(&quoted));
        buffer_done(&quoted);
}

/* Appends the arguments as the journal has them, or with JSON's escapes where not all of it is printable. */
static void append_arguments(Buffer *line, Bytes value, Arguments *scratch) {
        Buffer json = BUFFER_NULL;
        JsonWriter writer = { .out = &json };

        if (is_plain(value) || arguments_read(scratch, value) < 0) {
                append_field(line, value);
                return;
        }
        json_open(&writer, NULL, '[');
        for (size_t i = 0; i < scratch->n; i++)
                json_string(&writer, NULL, scratch->word[i]);
        json_close(&writer, ']');
        append_value(line, buffer_bytes(&json));
        buffer_done(&json);
}

/* Appends a comma, and the object that the buffer has, if it has members. */
static void append_object(Buffer *line, Buffer *object) {
        buffer_append_char(line, ',');
        if (object->size > sizeof("{}") - 1)
                append_value(line, buffer_bytes(object));
        buffer_clear(object);
}

/* Appends what has no column of its own, as JSON: the fields of a notice, and unknown ones, too. */
static void append_objects(Buffer *line, const ExportItem *item) {
        Buffer object = BUFFER_NULL;
        JsonWriter writer = { .out = &object };

        (void) record_json_labels(&writer, NULL, item->record);
        append_object(line, &object);
        (void) record_json_environment(&writer, NULL, item->record);
        append_object(line, &object);
        json_open(&writer, NULL, '{');
        if (item->is_notice)
                export_notice_members(&writer, item->record);
        else
                record_json_others(&writer, item->record);
        json_close(&writer, '}');
        append_object(line, &object);
        buffer_done(&object);
}

void export_csv(Buffer *line, const ExportItem *item, Arguments *scratch) {
        Buffer entity = BUFFER_NULL;

        for (RecordField i = 0; i < _RECORD_FIELD_MAX; i++)
                if (is_column(i)) {
                        if (record_fields[i].kind == RECORD_ARGUMENTS)
                                append_arguments(line, item->record->field[i], scratch);
                        else
                                append_field(line, item->record->field[i]);
                        buffer_append_char(line, ',');
                }
        if (export_entity(&entity, item->record, RECORD_PROCESS))
                append_field(line, buffer_bytes(&entity));
        buffer_done(&entity);
        append_objects(line, item);
}

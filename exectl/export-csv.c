/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Each record is one line: a value with control characters is quoted in the same way as by the daemon. The
 * arguments are JSON, as in the journal.
 */

#include <string.h>

#include "export.h"

static bool is_column(RecordField field) {
        return field != RECORD_EXTRA;
}

void export_csv_header(Buffer *line) {
        for (RecordField i = 0; i < _RECORD_FIELD_MAX; i++)
                if (is_column(i)) {
                        buffer_append_string(line, record_fields[i].key);
                        buffer_append_char(line, ',');
                }
        buffer_append_string(line, "entity_id");
}

static bool has_control(Bytes value) {
        for (size_t i = 0; i < value.size; i++)
                if ((unsigned char) value.data[i] < 0x20 || value.data[i] == 0x7f)
                        return true;
        return false;
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

        if (!has_control(value)) {
                append_value(line, value);
                return;
        }
        show_text(&quoted, value);
        append_value(line, buffer_bytes(&quoted));
        buffer_done(&quoted);
}

void export_csv(Buffer *line, const ExportItem *item) {
        for (RecordField i = 0; i < _RECORD_FIELD_MAX; i++)
                if (is_column(i)) {
                        append_field(line, item->record->field[i]);
                        buffer_append_char(line, ',');
                }
        (void) export_entity(line, item->record, RECORD_PROCESS);
}

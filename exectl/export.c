/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "export.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "number.h"
#include "record-json.h"
#include "util/timespan.h"

bool export_entity(Buffer *buffer, const Record *record, RecordField process) {
        Bytes boot = record->field[RECORD_BOOT_ID], id = record->field[process];

        if (boot.size == 0 || id.size == 0)
                return false;
        buffer_append_bytes(buffer, boot);
        buffer_append_char(buffer, '-');
        buffer_append_bytes(buffer, id);
        return true;
}

size_t export_extra(const Record *record, const char *prefix,
        void (*write)(void *data, Bytes name, Bytes value), void *data) {
        size_t skip = strlen(prefix), found = 0;

        for (size_t i = 0; i < record->n_extra; i++) {
                Bytes field = record->extra[i];
                const char *equals = memchr(field.data, '=', field.size);
                size_t n = equals ? (size_t) (equals - field.data) : 0;

                if (n <= skip || memcmp(field.data, prefix, skip) != 0)
                        continue;
                write(data, (Bytes){ field.data + skip, n - skip },
                        (Bytes){ equals + 1, field.size - n - 1 });
                found++;
        }
        return found;
}

void export_text(JsonWriter *writer, const char *key, const Record *record, RecordField field) {
        if (record_has(record, field))
                json_string(writer, key, record->field[field]);
}

void export_number(JsonWriter *writer, const char *key, const Record *record, RecordField field) {
        uint64_t number;

        if (record_number(record, field, &number))
                json_number(writer, key, number);
}

void export_time(Buffer *buffer, uint64_t usec) {
        time_t seconds = (time_t) (usec / USEC_PER_SEC);
        char text[64];
        struct tm tm;
        size_t n;

        if (!gmtime_r(&seconds, &tm))
                return;
        n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
        (void) snprintf(text + n, sizeof(text) - n, ".%06uZ", (unsigned) (usec % USEC_PER_SEC));
        buffer_append_string(buffer, text);
}

Bytes export_name(const Record *record) {
        return show_basename(record->field[record_has(record, RECORD_EXE) ? RECORD_EXE : RECORD_FILENAME]);
}

void export_rest(JsonWriter *writer, const char *key, const ExportItem *item, uint64_t placed, bool labels) {
        const Record *record = item->record;
        Arguments scratch = {};

        /* The journal has it only where it is true. */
        if (!record_has(record, RECORD_TRUNCATED))
                placed |= RECORD_BIT(RECORD_TRUNCATED);
        json_open(writer, key, '{');
        record_json_fields(writer, record, RECORD_ALL & ~placed & ~EXPORT_ENVELOPE, &scratch);
        if (labels)
                (void) record_json_labels(writer, "labels", record);
        record_json_others(writer, record);
        json_close(writer, '}');
        arguments_done(&scratch);
}

void export_notice(const Record *record, void (*write)(void *data, Bytes name, Bytes value), void *data) {
        for (RecordField i = 0; i < RECORD_EXTRA; i++)
                if (record_has(record, i) && strncmp(record_fields[i].name, "EXEC_", 5) == 0)
                        write(data, bytes_of_string(record_fields[i].name), record->field[i]);
        for (size_t i = 0; i < record->n_extra; i++) {
                Bytes field = record->extra[i];
                const char *equals = memchr(field.data, '=', field.size);
                size_t n = equals ? (size_t) (equals - field.data) : 0;

                if (n > 0)
                        write(data, (Bytes){ field.data, n }, (Bytes){ equals + 1, field.size - n - 1 });
        }
}

static void write_own(void *data, Bytes name, Bytes value) {
        Buffer key = BUFFER_NULL;
        const char *text;

        buffer_append_bytes(&key, name);
        text = show_string(&key);
        if (text)
                json_string(data, text, value);
        buffer_done(&key);
}

void export_own(JsonWriter *writer, const Record *record) {
        export_notice(record, write_own, writer);
}

static void write_member(void *data, Bytes name, Bytes value) {
        uint64_t number;
        char key[65];

        if (name.size >= sizeof(key))
                return;
        for (size_t i = 0; i < name.size; i++)
                key[i] = name.data[i] >= 'A' && name.data[i] <= 'Z' ? (char) (name.data[i] | 0x20)
                                                                    : name.data[i];
        key[name.size] = '\0';
        if (value.size < 19 && number_read(value, &number))
                json_number(data, key, number);
        else
                json_string(data, key, value);
}

void export_notice_members(JsonWriter *writer, const Record *record) {
        export_notice(record, write_member, writer);
}

void export_json(JsonWriter *writer, const ExportItem *item, Arguments *scratch) {
        Buffer id = BUFFER_NULL;

        /* A record of the daemon about itself has no time of its own: it is that of the journal. */
        if (!record_has(item->record, RECORD_TIMESTAMP))
                json_number(writer, record_fields[RECORD_TIMESTAMP].key, record_time(item->record));
        if (item->is_notice) {
                record_json_fields(
                        writer, item->record, EXPORT_ENVELOPE & ~RECORD_BIT(RECORD_MESSAGE), scratch);
                json_text(writer, "message", item->command);
                export_notice_members(writer, item->record);
        } else
                record_json_members(writer, item->record, scratch);
        if (export_entity(&id, item->record, RECORD_PROCESS))
                json_string(writer, "entity_id", buffer_bytes(&id));
        buffer_done(&id);
}

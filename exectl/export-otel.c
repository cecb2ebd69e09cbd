/* SPDX-License-Identifier: GPL-2.0-or-later */

/* In the JSON encoding of OTLP, 64-bit integers are strings, and attributes are a list of keys and values. */

#include <inttypes.h>
#include <stdio.h>

#include "export.h"
#include "number.h"
#include "record-json.h"

static void open_attribute(JsonWriter *writer, const char *key) {
        json_open(writer, NULL, '{');
        json_text(writer, "key", key);
        json_open(writer, "value", '{');
}

static void close_attribute(JsonWriter *writer) {
        json_close(writer, '}');
        json_close(writer, '}');
}

static void attribute(JsonWriter *writer, const char *key, Bytes value) {
        if (!bytes_is_set(value))
                return;
        open_attribute(writer, key);
        json_string(writer, "stringValue", value);
        close_attribute(writer);
}

static void attribute_text(JsonWriter *writer, const char *key, const Record *record, RecordField field) {
        attribute(writer, key, record->field[field]);
}

static void attribute_u64(JsonWriter *writer, const char *key, uint64_t number) {
        char text[24];

        (void) snprintf(text, sizeof(text), "%" PRIu64, number);
        open_attribute(writer, key);
        json_text(writer, "intValue", text);
        close_attribute(writer);
}

static void attribute_number(JsonWriter *writer, const char *key, const Record *record, RecordField field) {
        uint64_t number;

        if (record_number(record, field, &number))
                attribute_u64(writer, key, number);
}

static void attribute_bool(JsonWriter *writer, const char *key, bool value) {
        open_attribute(writer, key);
        json_bool(writer, "boolValue", value);
        close_attribute(writer);
}

static void element(JsonWriter *writer, Bytes value) {
        json_open(writer, NULL, '{');
        json_string(writer, "stringValue", value);
        json_close(writer, '}');
}

static void attribute_arguments(JsonWriter *writer, const Arguments *arguments) {
        open_attribute(writer, "process.command_args");
        json_open(writer, "arrayValue", '{');
        json_open(writer, "values", '[');
        for (size_t i = 0; i < arguments->n; i++)
                element(writer, arguments->word[i]);
        json_close(writer, ']');
        json_close(writer, '}');
        close_attribute(writer);
        attribute_u64(writer, "process.args_count", arguments->n);
}

static void attribute_list(JsonWriter *writer, const char *key, Bytes joined) {
        if (!bytes_is_set(joined))
                return;
        open_attribute(writer, key);
        json_open(writer, "arrayValue", '{');
        json_open(writer, "values", '[');
        for (size_t start = 0, i = 0; i <= joined.size; i++)
                if (i == joined.size || joined.data[i] == ',') {
                        element(writer, (Bytes){ joined.data + start, i - start });
                        start = i + 1;
                }
        json_close(writer, ']');
        json_close(writer, '}');
        close_attribute(writer);
}

typedef struct Prefixed {
        JsonWriter *writer;
        const char *prefix;
} Prefixed;

static void attribute_prefixed(void *data, Bytes name, Bytes value) {
        const Prefixed *prefixed = data;
        Buffer key = BUFFER_NULL;
        const char *text;

        buffer_append_string(&key, prefixed->prefix);
        buffer_append_bytes(&key, name);
        text = show_string(&key);
        if (text)
                attribute(prefixed->writer, text, value);
        buffer_done(&key);
}

static void attribute_extra(JsonWriter *writer, const Record *record, const char *field, const char *prefix) {
        Prefixed prefixed = { .writer = writer, .prefix = prefix };

        (void) export_extra(record, field, attribute_prefixed, &prefixed);
}

static void attribute_entity(JsonWriter *writer, const char *key, const Record *record, RecordField process) {
        Buffer id = BUFFER_NULL;

        if (export_entity(&id, record, process))
                attribute(writer, key, buffer_bytes(&id));
        buffer_done(&id);
}

static void attribute_own(JsonWriter *writer, const char *key, Bytes value, RecordKind kind) {
        Buffer name = BUFFER_NULL;
        const char *text;
        uint64_t number;

        buffer_append_string(&name, "exectraced.");
        buffer_append_string(&name, key);
        text = show_string(&name);
        if (!text)
                writer->out->failed = true;
        else if (kind == RECORD_LIST)
                attribute_list(writer, text, value);
        else if (kind == RECORD_TRUTH)
                attribute_bool(writer, text, bytes_equal(value, BYTES_LITERAL("yes")));
        else if (kind == RECORD_NUMBER && number_read(value, &number))
                attribute_u64(writer, text, number);
        else
                attribute(writer, text, value);
        buffer_done(&name);
}

static void attribute_other(void *data, const char *key, Bytes value) {
        attribute_own(data, key, value, RECORD_TEXT);
}

/* The fields that have a place in the conventions. */
#define PLACED                                                                                           \
        (RECORD_BIT(RECORD_PID) | RECORD_BIT(RECORD_PPID) | RECORD_BIT(RECORD_NSPID) |                   \
                RECORD_BIT(RECORD_PGID) | RECORD_BIT(RECORD_SID) | RECORD_BIT(RECORD_PROCESS) |          \
                RECORD_BIT(RECORD_PARENT) | RECORD_BIT(RECORD_UID) | RECORD_BIT(RECORD_EUID) |           \
                RECORD_BIT(RECORD_USER) | RECORD_BIT(RECORD_CWD) | RECORD_BIT(RECORD_EXE) |              \
                RECORD_BIT(RECORD_BUILD_ID) | RECORD_BIT(RECORD_CGROUP) | RECORD_BIT(RECORD_CONTAINER) | \
                RECORD_BIT(RECORD_ERROR))

/* Fields for which the conventions have no name have the name of this project as their prefix. */
static void write_own(JsonWriter *writer, const ExportItem *item) {
        const uint64_t placed = PLACED | EXPORT_ENVELOPE | EXPORT_ARGUMENTS(item);
        const Record *record = item->record;

        for (RecordField i = 0; i < RECORD_EXTRA; i++)
                if (!(placed & RECORD_BIT(i)) && record_has(record, i))
                        attribute_own(writer, record_fields[i].key, record->field[i], record_fields[i].kind);
        attribute_entity(writer, "exectraced.entity_id", record, RECORD_PROCESS);
        attribute_entity(writer, "exectraced.parent_entity_id", record, RECORD_PARENT);
        attribute_extra(writer, record, "EXEC_LABEL_", "exectraced.label.");
        record_others(record, attribute_other, writer);
}

static void write_process(JsonWriter *writer, const ExportItem *item) {
        const Record *record = item->record;
        RecordField euid = record_has(record, RECORD_EUID) ? RECORD_EUID : RECORD_UID;
        RecordField pgid = record_has(record, RECORD_PGID) ? RECORD_PGID : RECORD_PID;
        RecordField sid = record_has(record, RECORD_SID) ? RECORD_SID : RECORD_PID;

        attribute_number(writer, "process.pid", record, RECORD_PID);
        attribute_number(writer, "process.parent_pid", record, RECORD_PPID);
        attribute_number(writer, "process.vpid", record, RECORD_NSPID);
        attribute_number(writer, "process.group_leader.pid", record, pgid);
        attribute_number(writer, "process.session_leader.pid", record, sid);
        attribute_text(writer, "process.executable.path", record, RECORD_EXE);
        attribute(writer, "process.executable.name", export_name(record));
        attribute_text(writer, "process.executable.build_id.gnu", record, RECORD_BUILD_ID);
        if (item->arguments) {
                if (item->arguments->n > 0)
                        attribute(writer, "process.command", item->arguments->word[0]);
                attribute_arguments(writer, item->arguments);
        }
        attribute(writer, "process.command_line", bytes_of_string(item->command));
        attribute_number(writer, "process.user.id", record, euid);
        attribute_number(writer, "process.real_user.id", record, RECORD_UID);
        attribute_text(writer, "process.real_user.name", record, RECORD_USER);
        attribute_text(writer, "process.working_directory", record, RECORD_CWD);
        attribute_text(writer, "process.linux.cgroup", record, RECORD_CGROUP);
        attribute_bool(writer, "process.interactive", record->flags & FLAG_INTERACTIVE);
        attribute_text(writer, "container.id", record, RECORD_CONTAINER);
        attribute_text(writer, "error.type", record, RECORD_ERROR);
        attribute_extra(writer, record, "EXEC_ENV_", "process.environment_variable.");
        write_own(writer, item);
}

static void write_nanoseconds(JsonWriter *writer, const char *key, uint64_t usec) {
        char text[32];

        (void) snprintf(text, sizeof(text), "%" PRIu64 "000", usec);
        json_text(writer, key, text);
}

static void write_log_record(JsonWriter *writer, const ExportItem *item) {
        const Record *record = item->record;
        Bytes event = record->field[RECORD_EVENT];
        bool bad = bytes_equal(event, BYTES_LITERAL("lost")) || bytes_equal(event, BYTES_LITERAL("blind")) ||
                bytes_equal(event, BYTES_LITERAL("reload-failed"));
        Buffer name = BUFFER_NULL;

        write_nanoseconds(writer, "timeUnixNano", record_time(record));
        write_nanoseconds(writer, "observedTimeUnixNano", record->received);
        json_number(writer, "severityNumber", bad ? 17 : 9);
        json_text(writer, "severityText", bad ? "ERROR" : "INFO");
        buffer_append_string(&name, "exectraced.");
        buffer_append_bytes(&name, item->is_notice ? event : BYTES_LITERAL("exec"));
        json_string(writer, "eventName", buffer_bytes(&name));
        buffer_done(&name);
        json_open(writer, "body", '{');
        json_string(writer, "stringValue",
                record_has(record, RECORD_MESSAGE) ? record->field[RECORD_MESSAGE]
                                                   : bytes_of_string(item->command));
        json_close(writer, '}');
        json_open(writer, "attributes", '[');
        if (item->is_notice)
                export_notice(
                        record, attribute_prefixed, &(Prefixed){ .writer = writer, .prefix = "exectraced." });
        else
                write_process(writer, item);
        json_close(writer, ']');
}

static void write_resource(JsonWriter *writer, const Record *record) {
        json_open(writer, "resource", '{');
        json_open(writer, "attributes", '[');
        attribute_text(writer, "host.name", record, RECORD_HOSTNAME);
        attribute_text(writer, "host.id", record, RECORD_MACHINE_ID);
        attribute_text(writer, "exectraced.boot_id", record, RECORD_BOOT_ID);
        attribute(writer, "service.name", BYTES_LITERAL("exectraced"));
        json_close(writer, ']');
        json_close(writer, '}');
}

void export_otel(JsonWriter *writer, const ExportItem *item) {
        json_open(writer, "resourceLogs", '[');
        json_open(writer, NULL, '{');
        write_resource(writer, item->record);
        json_open(writer, "scopeLogs", '[');
        json_open(writer, NULL, '{');
        json_open(writer, "scope", '{');
        json_text(writer, "name", "exectraced");
        json_close(writer, '}');
        json_open(writer, "logRecords", '[');
        json_open(writer, NULL, '{');
        write_log_record(writer, item);
        json_close(writer, '}');
        json_close(writer, ']');
        json_text(writer, "schemaUrl", "https://opentelemetry.io/schemas/1.44.0");
        json_close(writer, '}');
        json_close(writer, ']');
        json_close(writer, '}');
        json_close(writer, ']');
}

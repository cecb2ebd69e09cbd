/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "export.h"

/* Writes an id as a string, because ids are keywords in ECS. */
static void write_id(
        JsonWriter *writer, const char *object, const Record *record, RecordField id, RecordField name) {
        if (!record_has(record, id))
                return;
        json_open(writer, object, '{');
        export_text(writer, "id", record, id);
        if (name < _RECORD_FIELD_MAX)
                export_text(writer, "name", record, name);
        json_close(writer, '}');
}

static void write_leader(JsonWriter *writer, const char *object, const Record *record, RecordField pid) {
        uint64_t number;

        /* The field exists if it differs from the pid. Otherwise the process is its own leader. */
        if (!record_number(record, record_has(record, pid) ? pid : RECORD_PID, &number))
                return;
        json_open(writer, object, '{');
        json_number(writer, "pid", number);
        json_close(writer, '}');
}

static void write_entity(JsonWriter *writer, const Record *record, RecordField process) {
        Buffer id = BUFFER_NULL;

        if (export_entity(&id, record, process))
                json_string(writer, "entity_id", buffer_bytes(&id));
        buffer_done(&id);
}

static void write_parent(JsonWriter *writer, const Record *record) {
        json_open(writer, "parent", '{');
        export_number(writer, "pid", record, RECORD_PPID);
        export_text(writer, "name", record, RECORD_PARENT_COMM);
        write_entity(writer, record, RECORD_PARENT);
        json_close(writer, '}');
}

static void write_variable(void *data, Bytes name, Bytes value) {
        Buffer pair = BUFFER_NULL;

        buffer_append_bytes(&pair, name);
        buffer_append_char(&pair, '=');
        buffer_append_bytes(&pair, value);
        json_string(data, NULL, buffer_bytes(&pair));
        buffer_done(&pair);
}

static void ignore(void *data, Bytes name, Bytes value) {
        (void) data;
        (void) name;
        (void) value;
}

static void write_process(JsonWriter *writer, const ExportItem *item) {
        const Record *record = item->record;
        RecordField euid = record_has(record, RECORD_EUID) ? RECORD_EUID : RECORD_UID;

        json_open(writer, "process", '{');
        export_number(writer, "pid", record, RECORD_PID);
        export_number(writer, "vpid", record, RECORD_NSPID);
        write_entity(writer, record, RECORD_PROCESS);
        export_text(writer, "executable", record, RECORD_EXE);
        if (bytes_is_set(export_name(record)))
                json_string(writer, "name", export_name(record));
        json_text(writer, "command_line", item->command);
        if (item->arguments) {
                json_open(writer, "args", '[');
                for (size_t i = 0; i < item->arguments->n; i++)
                        json_string(writer, NULL, item->arguments->word[i]);
                json_close(writer, ']');
                json_number(writer, "args_count", item->arguments->n);
        }
        export_text(writer, "working_directory", record, RECORD_CWD);
        json_bool(writer, "interactive", record->flags & FLAG_INTERACTIVE);
        write_id(writer, "user", record, euid, _RECORD_FIELD_MAX);
        write_id(writer, "real_user", record, RECORD_UID, RECORD_USER);
        write_leader(writer, "group_leader", record, RECORD_PGID);
        write_leader(writer, "session_leader", record, RECORD_SID);
        write_parent(writer, record);
        if (export_extra(record, "EXEC_ENV_", ignore, NULL) > 0) {
                json_open(writer, "env_vars", '[');
                (void) export_extra(record, "EXEC_ENV_", write_variable, writer);
                json_close(writer, ']');
        }
        json_close(writer, '}');
}

static void write_event(JsonWriter *writer, const ExportItem *item) {
        const Record *record = item->record;
        bool started = !(record->flags & (FLAG_CHECK | FLAG_RUNNING));

        json_open(writer, "event", '{');
        json_text(writer, "kind", "event");
        json_text(writer, "module", "exectraced");
        if (item->is_notice) {
                json_text(writer, "dataset", "exectraced.notice");
                export_text(writer, "action", record, RECORD_EVENT);
        } else {
                json_text(writer, "dataset", "exectraced.exec");
                json_text(writer, "action",
                        record->flags & FLAG_CHECK             ? "check"
                                : record->flags & FLAG_RUNNING ? "running"
                                                               : "exec");
                json_list(writer, "category", BYTES_LITERAL("process"));
                json_list(writer, "type", started ? BYTES_LITERAL("start") : BYTES_LITERAL("info"));
                /* A program that ran already has no outcome of now. */
                if (!(record->flags & FLAG_RUNNING))
                        json_text(
                                writer, "outcome", record_has(record, RECORD_ERRNO) ? "failure" : "success");
                export_number(writer, "sequence", record, RECORD_SEQ);
        }
        json_close(writer, '}');
}

static void write_host(JsonWriter *writer, const Record *record) {
        json_open(writer, "host", '{');
        export_text(writer, "hostname", record, RECORD_HOSTNAME);
        export_text(writer, "name", record, RECORD_HOSTNAME);
        export_text(writer, "id", record, RECORD_MACHINE_ID);
        json_open(writer, "boot", '{');
        export_text(writer, "id", record, RECORD_BOOT_ID);
        json_close(writer, '}');
        json_close(writer, '}');
}

static void write_label(void *data, Bytes name, Bytes value) {
        Buffer key = BUFFER_NULL;
        const char *text;

        buffer_append_bytes(&key, name);
        text = show_string(&key);
        if (text)
                json_string(data, text, value);
        buffer_done(&key);
}

static void write_labels(JsonWriter *writer, const Record *record) {
        if (export_extra(record, "EXEC_LABEL_", ignore, NULL) == 0)
                return;
        json_open(writer, "labels", '{');
        (void) export_extra(record, "EXEC_LABEL_", write_label, writer);
        json_close(writer, '}');
}

static void write_time(JsonWriter *writer, const Record *record) {
        Buffer text = BUFFER_NULL;

        export_time(&text, record_time(record));
        json_string(writer, "@timestamp", buffer_bytes(&text));
        buffer_done(&text);
}

/* The fields that have a place in the schema. */
#define PLACED                                                                                           \
        (RECORD_BIT(RECORD_SEQ) | RECORD_BIT(RECORD_PID) | RECORD_BIT(RECORD_PPID) |                     \
                RECORD_BIT(RECORD_PGID) | RECORD_BIT(RECORD_SID) | RECORD_BIT(RECORD_PROCESS) |          \
                RECORD_BIT(RECORD_PARENT) | RECORD_BIT(RECORD_UID) | RECORD_BIT(RECORD_GID) |            \
                RECORD_BIT(RECORD_EUID) | RECORD_BIT(RECORD_USER) | RECORD_BIT(RECORD_CWD) |             \
                RECORD_BIT(RECORD_PARENT_COMM) | RECORD_BIT(RECORD_EXE) | RECORD_BIT(RECORD_CONTAINER) | \
                RECORD_BIT(RECORD_TAG) | RECORD_BIT(RECORD_ERROR))

void export_ecs(JsonWriter *writer, const ExportItem *item) {
        const Record *record = item->record;

        write_time(writer, record);
        json_open(writer, "ecs", '{');
        json_text(writer, "version", "9.4.0");
        json_close(writer, '}');
        export_text(writer, "message", record, RECORD_MESSAGE);
        write_event(writer, item);
        write_host(writer, record);
        write_labels(writer, record);
        if (record_has(record, RECORD_TAG))
                json_list(writer, "tags", record->field[RECORD_TAG]);
        if (item->is_notice) {
                json_open(writer, "exectraced", '{');
                export_own(writer, record);
                json_close(writer, '}');
                return;
        }
        write_process(writer, item);
        write_id(writer, "user", record, RECORD_UID, RECORD_USER);
        write_id(writer, "group", record, RECORD_GID, _RECORD_FIELD_MAX);
        if (record_has(record, RECORD_CONTAINER)) {
                json_open(writer, "container", '{');
                export_text(writer, "id", record, RECORD_CONTAINER);
                json_close(writer, '}');
        }
        if (record_has(record, RECORD_ERROR)) {
                json_open(writer, "error", '{');
                export_text(writer, "code", record, RECORD_ERROR);
                json_close(writer, '}');
        }
        export_rest(writer, "exectraced", item, PLACED | EXPORT_ARGUMENTS(item), false);
}

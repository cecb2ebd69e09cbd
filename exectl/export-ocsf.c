/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "export.h"

#define VERSION "1.8.0"
#define CATEGORY_SYSTEM 1
#define CLASS_PROCESS_ACTIVITY 1007
#define ACTIVITY_LAUNCH 1
#define ACTIVITY_OTHER 99
#define SEVERITY_INFORMATIONAL 1
#define STATUS_SUCCESS 1
#define STATUS_FAILURE 2
#define FILE_REGULAR 1
#define TYPE_UNKNOWN 0

static void write_entity(JsonWriter *writer, const Record *record, RecordField process) {
        Buffer id = BUFFER_NULL;

        if (export_entity(&id, record, process))
                json_string(writer, "uid", buffer_bytes(&id));
        buffer_done(&id);
}

static void write_user(JsonWriter *writer, const Record *record, RecordField uid, RecordField name) {
        if (!record_has(record, uid))
                return;
        json_open(writer, "user", '{');
        export_text(writer, "uid", record, uid);
        export_text(writer, "name", record, name);
        json_close(writer, '}');
}

static void write_file(JsonWriter *writer, const Record *record) {
        if (!record_has(record, RECORD_EXE))
                return;
        json_open(writer, "file", '{');
        export_text(writer, "path", record, RECORD_EXE);
        json_string(writer, "name", export_name(record));
        json_number(writer, "type_id", FILE_REGULAR);
        json_close(writer, '}');
}

static void write_session(JsonWriter *writer, const Record *record) {
        if (!record_has(record, RECORD_SESSION) && !record_has(record, RECORD_TTY))
                return;
        json_open(writer, "session", '{');
        export_text(writer, "uid", record, RECORD_SESSION);
        export_text(writer, "terminal", record, RECORD_TTY);
        json_close(writer, '}');
}

static void write_variable(void *data, Bytes name, Bytes value) {
        json_open(data, NULL, '{');
        json_string(data, "name", name);
        json_string(data, "value", value);
        json_close(data, '}');
}

static void ignore(void *data, Bytes name, Bytes value) {
        (void) data;
        (void) name;
        (void) value;
}

static void write_parent(JsonWriter *writer, const char *key, const Record *record) {
        json_open(writer, key, '{');
        export_number(writer, "pid", record, RECORD_PPID);
        export_text(writer, "name", record, RECORD_PARENT_COMM);
        write_entity(writer, record, RECORD_PARENT);
        json_close(writer, '}');
}

static void write_process(JsonWriter *writer, const ExportItem *item) {
        const Record *record = item->record;

        json_open(writer, "process", '{');
        export_number(writer, "pid", record, RECORD_PID);
        export_number(writer, "namespace_pid", record, RECORD_NSPID);
        write_entity(writer, record, RECORD_PROCESS);
        if (bytes_is_set(export_name(record)))
                json_string(writer, "name", export_name(record));
        json_text(writer, "cmd_line", item->command);
        export_text(writer, "path", record, RECORD_EXE);
        export_text(writer, "working_directory", record, RECORD_CWD);
        write_file(writer, record);
        write_user(writer, record, RECORD_UID, RECORD_USER);
        write_session(writer, record);
        if (record_has(record, RECORD_CONTAINER)) {
                json_open(writer, "container", '{');
                export_text(writer, "uid", record, RECORD_CONTAINER);
                json_close(writer, '}');
        }
        if (export_extra(record, "EXEC_ENV_", ignore, NULL) > 0) {
                json_open(writer, "environment_variables", '[');
                (void) export_extra(record, "EXEC_ENV_", write_variable, writer);
                json_close(writer, ']');
        }
        write_parent(writer, "parent_process", record);
        json_close(writer, '}');
}

static void write_product(JsonWriter *writer) {
        json_open(writer, "product", '{');
        json_text(writer, "name", "exectraced");
        json_text(writer, "vendor_name", "exectraced");
        json_text(writer, "version", EXECTRACED_VERSION);
        json_close(writer, '}');
}

static void write_metadata(JsonWriter *writer, const ExportItem *item) {
        const Record *record = item->record;

        json_open(writer, "metadata", '{');
        json_text(writer, "version", VERSION);
        write_product(writer);
        json_text(writer, "log_name", "journal");
        json_number(writer, "logged_time", record->received / 1000);
        export_number(writer, "sequence", record, RECORD_SEQ);
        if (record_has(record, RECORD_TRUNCATED))
                json_bool(writer, "is_truncated", true);
        if (record_has(record, RECORD_TAG))
                json_list(writer, "labels", record->field[RECORD_TAG]);
        json_open(writer, "profiles", '[');
        if (!item->is_notice)
                json_text(writer, NULL, "host");
        json_close(writer, ']');
        json_close(writer, '}');
}

static void write_device(JsonWriter *writer, const Record *record) {
        json_open(writer, "device", '{');
        json_number(writer, "type_id", TYPE_UNKNOWN);
        export_text(writer, "hostname", record, RECORD_HOSTNAME);
        export_text(writer, "uid", record, RECORD_MACHINE_ID);
        export_text(writer, "boot_uid", record, RECORD_BOOT_ID);
        json_close(writer, '}');
}

static void write_actor(JsonWriter *writer, const Record *record) {
        json_open(writer, "actor", '{');
        write_parent(writer, "process", record);
        write_user(writer, record, RECORD_LOGINUID, RECORD_LOGIN_USER);
        json_close(writer, '}');
}

/*
 * Returns the name of an activity that the class does not know, or NULL: the program was launched, or was to
 * be.
 */
static const char *activity_name(const ExportItem *item) {
        if (item->is_notice)
                return "notice";
        if (item->record->flags & FLAG_CHECK)
                return "check";
        return item->record->flags & FLAG_RUNNING ? "running" : NULL;
}

static void write_class(JsonWriter *writer, const ExportItem *item) {
        uint64_t class_uid = item->is_notice ? 0 : CLASS_PROCESS_ACTIVITY;
        uint64_t activity = activity_name(item) ? ACTIVITY_OTHER : ACTIVITY_LAUNCH;

        json_number(writer, "category_uid", item->is_notice ? 0 : CATEGORY_SYSTEM);
        json_number(writer, "class_uid", class_uid);
        json_number(writer, "activity_id", activity);
        json_number(writer, "type_uid", class_uid * 100 + activity);
        json_number(writer, "severity_id", SEVERITY_INFORMATIONAL);
        json_number(writer, "time", record_time(item->record) / 1000);
}

/* The fields that have a place in the class. */
#define PLACED                                                                                      \
        (RECORD_BIT(RECORD_SEQ) | RECORD_BIT(RECORD_PID) | RECORD_BIT(RECORD_PPID) |                \
                RECORD_BIT(RECORD_PROCESS) | RECORD_BIT(RECORD_PARENT) | RECORD_BIT(RECORD_UID) |   \
                RECORD_BIT(RECORD_USER) | RECORD_BIT(RECORD_CWD) | RECORD_BIT(RECORD_PARENT_COMM) | \
                RECORD_BIT(RECORD_EXE) | RECORD_BIT(RECORD_CONTAINER) | RECORD_BIT(RECORD_TAG) |    \
                RECORD_BIT(RECORD_ERROR))

void export_ocsf(JsonWriter *writer, const ExportItem *item) {
        const Record *record = item->record;
        bool failed = record_has(record, RECORD_ERRNO);

        write_class(writer, item);
        export_text(writer, "message", record, RECORD_MESSAGE);
        write_metadata(writer, item);
        if (item->is_notice) {
                export_text(writer, "activity_name", record, RECORD_EVENT);
                json_open(writer, "unmapped", '{');
                export_text(writer, "host", record, RECORD_HOSTNAME);
                export_text(writer, "machine_id", record, RECORD_MACHINE_ID);
                export_text(writer, "boot_id", record, RECORD_BOOT_ID);
                export_own(writer, record);
                json_close(writer, '}');
                return;
        }
        if (activity_name(item))
                json_text(writer, "activity_name", activity_name(item));
        /* A program that ran already has no status of now. */
        if (!(record->flags & FLAG_RUNNING))
                json_number(writer, "status_id", failed ? STATUS_FAILURE : STATUS_SUCCESS);
        export_text(writer, "status_code", record, RECORD_ERROR);
        write_actor(writer, record);
        write_device(writer, record);
        write_process(writer, item);
        export_rest(writer, "unmapped", item, PLACED | EXPORT_ARGUMENTS(item), true);
}

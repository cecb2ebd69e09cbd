/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "arguments.h"
#include "json-writer.h"
#include "record.h"
#include "show.h"

/*
 * Formats records for other programs. Each writer gets one whole record, which is an exec or a notice of the
 * daemon. All formats contain the host, the machine and the boot, and an id of the process that is unique
 * among all hosts: the id of the boot, which is random, and EXEC_PROCESS.
 */
typedef struct ExportItem {
        const Record *record;
        const Arguments *arguments; /* NULL when they are missing or damaged */
        const char *command; /* the command line; for a notice, its message */
        bool is_notice;
} ExportItem;

/* Writes the members of an object with exectraced's own keys. The memory of `scratch` is used. */
void export_json(JsonWriter *writer, const ExportItem *item, Arguments *scratch);

/* Writes the members of a document of the Elastic Common Schema (version 9). */
void export_ecs(JsonWriter *writer, const ExportItem *item);

/*
 * Writes the members of an OTLP/JSON message with one log record, which follows the semantic conventions of
 * OpenTelemetry (1.44).
 */
void export_otel(JsonWriter *writer, const ExportItem *item);

/* Writes the members of an OCSF event (1.8), which is a Process Activity, or a Base Event for a notice. */
void export_ocsf(JsonWriter *writer, const ExportItem *item);

/*
 * Append a line of CSV (RFC 4180) without the line break: the header with the names, and a record. The memory
 * of `scratch` is used. All of it is printable UTF-8.
 */
void export_csv_header(Buffer *line);
void export_csv(Buffer *line, const ExportItem *item, Arguments *scratch);

/*
 * Appends "BOOT-PID-START" for the process in the field `process`, which is that of the record or its parent.
 * Returns false when it is unknown.
 */
bool export_entity(Buffer *buffer, const Record *record, RecordField process);

/* The fields of the arguments that the command line, or a list, tells as well. */
#define EXPORT_ARGUMENTS(item) ((item)->arguments ? RECORD_BIT(RECORD_ARGV) : 0)

/* Calls `write` for each label (`prefix` is EXEC_LABEL_) or variable (EXEC_ENV_). Returns their number. */
size_t export_extra(const Record *record, const char *prefix,
        void (*write)(void *data, Bytes name, Bytes value), void *data);

/* Writes the fields of a notice as strings, with their names in the journal as keys. */
void export_own(JsonWriter *writer, const Record *record);

/* Calls `write` for each field of a notice: the name in the journal ("EXEC_LOST"), and the value. */
void export_notice(const Record *record, void (*write)(void *data, Bytes name, Bytes value), void *data);

/* Writes the fields of a notice with the keys of `exectraced -f json`: "exec_lost". */
void export_notice_members(JsonWriter *writer, const Record *record);

/* Write the value of a field as a string or as a number, if the record has it, and if it is a number. */
void export_text(JsonWriter *writer, const char *key, const Record *record, RecordField field);
void export_number(JsonWriter *writer, const char *key, const Record *record, RecordField field);

/* Appends a time in microseconds since the epoch as "2026-11-23T11:23:51.123456Z". */
void export_time(Buffer *buffer, uint64_t usec);

/* Returns the last component of the path that was executed, or that a failed exec was for. */
Bytes export_name(const Record *record);

/*
 * Writes an object with all fields of an exec for which the schema has no place: those that are not in the
 * set `placed` (RECORD_BIT()), and those that are unknown here. The labels are added with `labels`.
 */
void export_rest(JsonWriter *writer, const char *key, const ExportItem *item, uint64_t placed, bool labels);

/* What is exported of each record apart from its fields, or has no place of its own. */
#define EXPORT_ENVELOPE                                                                         \
        (RECORD_BIT(RECORD_TIMESTAMP) | RECORD_BIT(RECORD_EVENT) | RECORD_BIT(RECORD_MESSAGE) | \
                RECORD_BIT(RECORD_HOSTNAME) | RECORD_BIT(RECORD_MACHINE_ID) | RECORD_BIT(RECORD_BOOT_ID))

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "arguments.h"
#include "json-writer.h"
#include "record.h"
#include "show.h"

/*
 * Records for other programs. Each writer gets one record, an exec or a notice of the daemon, whole. All
 * of them say which host, machine and boot it is of, and have an id of the process that holds over all
 * hosts: the boot's id, which is random, and EXEC_PROCESS.
 */
typedef struct ExportItem {
        const Record *record;
        const Arguments *arguments; /* NULL: they are missing, or can't be read */
        const char *command; /* for a notice, its message */
        bool is_notice;
} ExportItem;

/* The members of an object in exectraced's own keys. `scratch` lends its memory. */
void export_json(JsonWriter *writer, const ExportItem *item, Arguments *scratch);

/* The members of an Elastic Common Schema document (9). */
void export_ecs(JsonWriter *writer, const ExportItem *item);

/* The members of an OTLP/JSON message with one log record, in OpenTelemetry's semantic conventions (1.44). */
void export_otel(JsonWriter *writer, const ExportItem *item);

/* The members of an OCSF (1.8) event: Process Activity, or Base Event for a notice. */
void export_ocsf(JsonWriter *writer, const ExportItem *item);

/* A line of CSV (RFC 4180), without its end; the first one, with the names. */
void export_csv_header(Buffer *line);
void export_csv(Buffer *line, const ExportItem *item);

/* "BOOT-PID-START", of the process or of its parent. False: nothing is known of it. */
bool export_entity(Buffer *buffer, const Record *record, RecordField process);

/* Calls `write` for each label (`prefix` EXEC_LABEL_) or variable (EXEC_ENV_). Returns how many. */
size_t export_extra(const Record *record, const char *prefix,
        void (*write)(void *data, Bytes name, Bytes value), void *data);

/* json_string() where there is a value; the number where it is one. */
void export_text(JsonWriter *writer, const char *key, const Record *record, RecordField field);
void export_number(JsonWriter *writer, const char *key, const Record *record, RecordField field);

/* "2026-11-23T11:23:51.123456Z". */
void export_time(Buffer *buffer, uint64_t usec);

/* The name of what runs, or should have. */
Bytes export_name(const Record *record);

/* An object with all that the schema has no place for, where there is any: "unit", "flags", ... */
void export_rest(JsonWriter *writer, const char *key, const Record *record);

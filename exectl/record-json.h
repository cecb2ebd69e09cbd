/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "arguments.h"
#include "json-writer.h"
#include "record.h"

/*
 * Writes the members of an object for a record, with the keys of `exectraced -f json`, and host, machine_id
 * and boot_id. Numbers are written as numbers, and lists as arrays. The memory of `arguments` is used.
 */
void record_json_members(JsonWriter *writer, const Record *record, Arguments *arguments);

/* Writes those of the fields in the set `fields` (RECORD_BIT()) alone. */
void record_json_fields(JsonWriter *writer, const Record *record, uint64_t fields, Arguments *arguments);

/* Write an object of the labels, or of the variables. They return false, and write nothing, if none exist. */
bool record_json_labels(JsonWriter *writer, const char *key, const Record *record);
bool record_json_environment(JsonWriter *writer, const char *key, const Record *record);

/* Writes the members for fields that are unknown here: texts, with the name in lower case as key. */
void record_json_others(JsonWriter *writer, const Record *record);

/* Calls `write` for each of these, once for each key. */
void record_others(const Record *record, void (*write)(void *data, const char *key, Bytes value), void *data);

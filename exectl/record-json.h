/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "arguments.h"
#include "json-writer.h"
#include "record.h"

/*
 * Writes the members of an object for a record: the fields that were read, with the keys of `exectraced -f
 * json`, and host, machine_id and boot_id. Numbers are written as numbers, and lists as arrays. The memory of
 * `arguments` is used.
 */
void record_json_fields(JsonWriter *writer, const Record *record, Arguments *arguments);

/* Writes these members, and those without a key of their own: labels, variables, and unknown fields. */
void record_json_members(JsonWriter *writer, const Record *record, Arguments *arguments);

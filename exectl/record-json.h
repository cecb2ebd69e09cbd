/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "arguments.h"
#include "json-writer.h"
#include "record.h"

/*
 * Writes the members of an object for a record: what was read of it, under the keys that `exectraced -f
 * json` has, and host, machine_id and boot_id. Numbers are numbers, lists are lists. `arguments` lends its
 * memory.
 */
void record_json_fields(JsonWriter *writer, const Record *record, Arguments *arguments);

/* Those, and what has no key of its own: labels, variables, fields that are not known here. */
void record_json_members(JsonWriter *writer, const Record *record, Arguments *arguments);

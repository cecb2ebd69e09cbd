/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/buffer.h"

/*
 * Writes JSON to a buffer. It is valid for all values: bytes that are not UTF-8 are replaced by U+FFFD. The
 * key is NULL for an element of an array, and for the outermost value.
 */
typedef struct JsonWriter {
        Buffer *out;
        bool pretty;
        unsigned depth;
        uint64_t filled; /* a bit for each depth, which is set when the object or array is not empty */
} JsonWriter;

/* Begin and end an object ('{', '}') or an array ('[', ']'). */
void json_open(JsonWriter *writer, const char *key, char bracket);
void json_close(JsonWriter *writer, char bracket);

/* Write a value. */
void json_string(JsonWriter *writer, const char *key, Bytes value);
void json_text(JsonWriter *writer, const char *key, const char *value);
void json_number(JsonWriter *writer, const char *key, uint64_t value);
void json_fraction(JsonWriter *writer, const char *key, double value);
void json_bool(JsonWriter *writer, const char *key, bool value);

/* Writes an array of the strings in `joined`, which are separated by commas. */
void json_list(JsonWriter *writer, const char *key, Bytes joined);

/* Writes an element of an array that is JSON already. */
void json_raw(JsonWriter *writer, Bytes json);

/* Appends a string in quotes, without a key or a comma. */
void json_append_string(Buffer *out, Bytes value);

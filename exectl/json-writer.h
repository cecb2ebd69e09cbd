/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/buffer.h"

/*
 * Writes JSON into a buffer, valid whatever the values are: bytes that are not UTF-8 become U+FFFD. A key is
 * NULL in an array and at the top.
 */
typedef struct JsonWriter {
        Buffer *out;
        bool pretty;
        unsigned depth;
        uint64_t filled; /* bit for each level: something is in it already */
} JsonWriter;

void json_open(JsonWriter *writer, const char *key, char bracket);
void json_close(JsonWriter *writer, char bracket);
void json_string(JsonWriter *writer, const char *key, Bytes value);
void json_text(JsonWriter *writer, const char *key, const char *value);
void json_number(JsonWriter *writer, const char *key, uint64_t value);
void json_fraction(JsonWriter *writer, const char *key, double value);
void json_bool(JsonWriter *writer, const char *key, bool value);

/* Writes an array of the strings in `joined`, which commas separate. */
void json_list(JsonWriter *writer, const char *key, Bytes joined);

/* Appends what is JSON already. */
void json_raw(JsonWriter *writer, Bytes json);

/* Appends the string alone, in its quotes. */
void json_append_string(Buffer *out, Bytes value);

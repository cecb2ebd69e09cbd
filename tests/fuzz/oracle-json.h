/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A strict reader of JSON (RFC 8259), for one line that the daemon writes: no white space, no fractions, no
 * null, because it has no use for them; no two keys of an object are the same, and no surrogate stands alone.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buffer.h"
#include "util/bytes.h"

typedef enum JsonType {
        JSON_STRING,
        JSON_NUMBER,
        JSON_TRUTH,
        JSON_ARRAY,
        JSON_OBJECT,
} JsonType;

#define JSON_KEY_NONE SIZE_MAX

/* A value, and where those are that it holds: the next `n_inside` in Json.values, and what they hold. */
typedef struct JsonValue {
        JsonType type;
        size_t key; /* of an object's member: where in the text; else JSON_KEY_NONE */
        size_t key_size;
        size_t text; /* of a string: where in the text; of a number: its digits */
        size_t text_size;
        bool truth;
        size_t n_inside; /* values below it, at all levels */
        size_t n_members; /* right below it */
} JsonValue;

/* To be ended by json_done(). */
typedef struct Json {
        JsonValue *values;
        size_t n_values, allocated;
        Buffer text; /* all strings and keys, without their escapes */
} Json;

/* Reads the whole of `text`; what is not JSON fails an assertion. */
void json_read(Json *ret, Bytes text);
void json_done(Json *json);

Bytes json_text(const Json *json, const JsonValue *value);

/* The member of that key; NULL: there is none. */
const JsonValue *json_member(const Json *json, const JsonValue *object, const char *key);

/* The first member of an object or array, if there is one, and the one behind `member`. */
static inline const JsonValue *json_first(const JsonValue *value) {
        return value + 1;
}

static inline const JsonValue *json_next(const JsonValue *member) {
        return member + member->n_inside + 1;
}

/* The value has to be that. */
void json_assert_text(const Json *json, const JsonValue *value, Bytes expected);
void json_assert_number(const Json *json, const JsonValue *value, uint64_t expected);

/*
 * The value is what JSON shows of the bytes `text`, which need not be UTF-8. Returns whether that is exact.
 */
bool json_assert_shown(const Json *json, const JsonValue *value, Bytes text);

/* An array of these, each as json_assert_shown() has it. Returns whether all are exact. */
bool json_assert_shown_texts(const Json *json, const JsonValue *value, const Bytes *texts, size_t n);

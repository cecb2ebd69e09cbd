/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "oracle-json.h"

#include "fuzz.h"
#include "oracle-text.h"

#include <inttypes.h>
#include <stdio.h>

#define DEPTH_MAX 4

typedef struct Reader {
        Json *json;
        Bytes rest;
} Reader;

static char reader_next(Reader *r) {
        char c;

        assert_true(r->rest.size > 0);
        c = r->rest.data[0];
        r->rest = (Bytes){ r->rest.data + 1, r->rest.size - 1 };
        return c;
}

static bool reader_take(Reader *r, char c) {
        if (r->rest.size == 0 || r->rest.data[0] != c)
                return false;
        (void) reader_next(r);
        return true;
}

static void reader_expect(Reader *r, const char *text) {
        for (; *text; text++)
                assert_int_equal(reader_next(r), *text);
}

static uint32_t reader_unit(Reader *r) {
        uint32_t unit = 0;

        for (int i = 0; i < 4; i++) {
                char c = reader_next(r);

                assert_true((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
                unit = unit << 4 | (uint32_t) (c <= '9' ? c - '0' : c - 'a' + 10);
        }
        return unit;
}

static void append_character(Buffer *text, uint32_t c) {
        if (c < 0x80)
                buffer_append_char(text, (char) c);
        else if (c < 0x800) {
                buffer_append_char(text, (char) (0xc0 | c >> 6));
                buffer_append_char(text, (char) (0x80 | (c & 0x3f)));
        } else {
                if (c < 0x10000)
                        buffer_append_char(text, (char) (0xe0 | c >> 12));
                else {
                        buffer_append_char(text, (char) (0xf0 | c >> 18));
                        buffer_append_char(text, (char) (0x80 | (c >> 12 & 0x3f)));
                }
                buffer_append_char(text, (char) (0x80 | (c >> 6 & 0x3f)));
                buffer_append_char(text, (char) (0x80 | (c & 0x3f)));
        }
}

static void read_escape(Reader *r) {
        static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
        Buffer *text = &r->json->text;
        char c = reader_next(r);
        uint32_t unit, low;

        if (c != 'u') {
                const char *found = strchr(from, c);

                assert_true(c != '\0' && found);
                buffer_append_char(text, to[found - from]);
                return;
        }
        unit = reader_unit(r);
        assert_false(unit >= 0xdc00 && unit <= 0xdfff);
        if (unit >= 0xd800 && unit <= 0xdbff) {
                reader_expect(r, "\\u");
                low = reader_unit(r);
                assert_in_range(low, 0xdc00, 0xdfff);
                unit = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
        }
        append_character(text, unit);
}

/* The opening quote is off already. */
static void read_string(Reader *r, size_t *ret_start, size_t *ret_size) {
        Buffer *text = &r->json->text;
        size_t start = text->size;

        while (!reader_take(r, '"'))
                if (reader_take(r, '\\'))
                        read_escape(r);
                else
                        buffer_append_char(text, reader_next(r));
        *ret_start = start;
        *ret_size = text->size - start;
}

static void read_number(Reader *r, JsonValue *value) {
        Buffer *text = &r->json->text;

        value->type = JSON_NUMBER;
        value->text = text->size;
        if (reader_take(r, '-'))
                buffer_append_char(text, '-');
        do {
                char c = reader_next(r);

                assert_in_range(c, '0', '9');
                buffer_append_char(text, c);
        } while (r->rest.size > 0 && r->rest.data[0] >= '0' && r->rest.data[0] <= '9');
        value->text_size = text->size - value->text;
        /* No zeros in front. */
        if (text->data[value->text] == '0')
                assert_int_equal(value->text_size, 1);
}

static size_t read_value(Reader *r, unsigned depth);

static void assert_key_is_new(const Json *json, size_t object, const JsonValue *member) {
        Bytes key = { json->text.data + member->key, member->key_size };
        const JsonValue *other = json_first(&json->values[object]);

        for (; other != member; other = json_next(other))
                assert_false(bytes_equal(key, (Bytes){ json->text.data + other->key, other->key_size }));
}

/* What is between the brackets; index is that of the array or object. */
static void read_members(Reader *r, size_t index, char end, unsigned depth) {
        size_t n = 0;

        assert_true(depth < DEPTH_MAX);
        while (!reader_take(r, end)) {
                size_t key = JSON_KEY_NONE, key_size = 0, member;

                if (n++ > 0)
                        reader_expect(r, ",");
                if (end == '}') {
                        reader_expect(r, "\"");
                        read_string(r, &key, &key_size);
                        reader_expect(r, ":");
                }
                member = read_value(r, depth + 1);
                r->json->values[member].key = key;
                r->json->values[member].key_size = key_size;
                if (end == '}')
                        assert_key_is_new(r->json, index, &r->json->values[member]);
        }
        r->json->values[index].n_members = n;
        r->json->values[index].n_inside = r->json->n_values - index - 1;
}

/* Returns its index. */
static size_t read_value(Reader *r, unsigned depth) {
        Json *json = r->json;
        size_t index = json->n_values++;
        JsonValue value = { .key = JSON_KEY_NONE };
        char end = '\0';

        if (json->n_values > json->allocated) {
                json->allocated = 2 * json->n_values;
                json->values = reallocarray(json->values, json->allocated, sizeof(json->values[0]));
                assert_non_null(json->values);
        }
        if (reader_take(r, '"'))
                read_string(r, &value.text, &value.text_size);
        else if (reader_take(r, '[')) {
                value.type = JSON_ARRAY;
                end = ']';
        } else if (reader_take(r, '{')) {
                value.type = JSON_OBJECT;
                end = '}';
        } else if (reader_take(r, 't')) {
                value.type = JSON_TRUTH;
                value.truth = true;
                reader_expect(r, "rue");
        } else if (reader_take(r, 'f')) {
                value.type = JSON_TRUTH;
                reader_expect(r, "alse");
        } else
                read_number(r, &value);

        json->values[index] = value;
        if (end != '\0')
                read_members(r, index, end, depth);
        return index;
}

void json_read(Json *ret, Bytes text) {
        Reader reader = { .json = ret, .rest = text };

        *ret = (Json){ .values = malloc(64 * sizeof(ret->values[0])), .allocated = 64 };
        assert_non_null(ret->values);
        assert_int_equal(buffer_reserve(&ret->text, text.size), 0); /* it may be empty, but it is there */
        oracle_line(text);
        (void) read_value(&reader, 0);
        assert_int_equal(reader.rest.size, 0);
        assert_int_equal(buffer_error(&ret->text), 0);
}

void json_done(Json *json) {
        free(json->values);
        buffer_done(&json->text);
}

Bytes json_text(const Json *json, const JsonValue *value) {
        return (Bytes){ json->text.data + value->text, value->text_size };
}

const JsonValue *json_member(const Json *json, const JsonValue *object, const char *key) {
        const JsonValue *member = json_first(object);

        assert_int_equal(object->type, JSON_OBJECT);
        for (size_t i = 0; i < object->n_members; i++, member = json_next(member))
                if (bytes_equal(
                            (Bytes){ json->text.data + member->key, member->key_size }, bytes_of_string(key)))
                        return member;
        return NULL;
}

void json_assert_text(const Json *json, const JsonValue *value, Bytes expected) {
        assert_true(value && value->type == JSON_STRING);
        assert_same(json_text(json, value), expected);
}

void json_assert_number(const Json *json, const JsonValue *value, uint64_t expected) {
        char digits[24];

        (void) snprintf(digits, sizeof(digits), "%" PRIu64, expected);
        assert_true(value && value->type == JSON_NUMBER);
        assert_same(json_text(json, value), bytes_of_string(digits));
}

/* As json.h describes it, by another reader of UTF-8. */
static bool append_shown(Buffer *shown, Bytes text) {
        bool exact = true;

        while (text.size > 0) {
                size_t length = oracle_character(text), used = length > 0 ? length : 1;

                if (length > 0)
                        buffer_append(shown, text.data, length);
                else
                        append_character(shown, 0xfffd);
                exact = exact && length > 0;
                text = (Bytes){ text.data + used, text.size - used };
        }
        return exact;
}

bool json_assert_shown(const Json *json, const JsonValue *value, Bytes text) {
        Buffer shown = BUFFER_NULL;
        bool exact = append_shown(&shown, text);

        json_assert_text(json, value, buffer_bytes(&shown));
        buffer_done(&shown);
        return exact;
}

bool json_assert_shown_texts(const Json *json, const JsonValue *value, const Bytes *texts, size_t n) {
        const JsonValue *member;
        bool exact = true;

        assert_true(value && value->type == JSON_ARRAY);
        assert_int_equal(value->n_members, n);
        member = json_first(value);
        for (size_t i = 0; i < n; i++, member = json_next(member))
                exact = json_assert_shown(json, member, texts[i]) && exact;
        return exact;
}

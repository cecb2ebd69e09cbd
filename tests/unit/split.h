/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A line of syslog, split again as its description says and in no other way. */

#include "text.h"

#include <ctype.h>
#include <stdlib.h>

#include "event/event.h"

#define SPLIT_PAIRS_MAX 128

typedef struct Split {
        Bytes message;
        Assignment pairs[SPLIT_PAIRS_MAX];
        size_t n;
        Buffer text; /* what the values point into */
} Split;

static inline void split_done(Split *s) {
        buffer_done(&s->text);
}

static inline bool split_is_name(char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Length of " EXEC...=" at `i`; 0: there is something else. */
static inline size_t split_key(Bytes line, size_t i) {
        size_t end = i + 5;

        if (line.size < end || memcmp(line.data + i, " EXEC", 5) != 0)
                return 0;
        while (end < line.size && split_is_name(line.data[end]))
                end++;
        return end < line.size && line.data[end] == '=' ? end + 1 - i : 0;
}

static inline uint32_t split_hex(Bytes line, size_t i) {
        char digits[5] = {};

        assert_true(line.size - i >= 4);
        memcpy(digits, line.data + i, 4);
        assert_int_equal(strspn(digits, "0123456789abcdef"), 4);
        return (uint32_t) strtoul(digits, NULL, 16);
}

/* Undoes the escape behind the backslash at `i`; returns where it ends. */
static inline size_t split_escape(Buffer *text, Bytes line, size_t i) {
        static const char from[] = "\"\\bfnrt", to[] = "\"\\\b\f\n\r\t";
        uint32_t unit, low;
        const char *found;
        char bytes[4];

        assert_true(++i < line.size);
        if (line.data[i] != 'u') {
                found = memchr(from, line.data[i], sizeof(from) - 1);
                assert_non_null(found);
                buffer_append_char(text, to[found - from]);
                return i + 1;
        }
        unit = split_hex(line, i + 1);
        i += 5;
        assert_false(unit >= 0xdc00 && unit <= 0xdfff);
        if (unit >= 0xd800 && unit < 0xdc00) {
                assert_true(line.size - i > 2 && line.data[i] == '\\' && line.data[i + 1] == 'u');
                low = split_hex(line, i + 2);
                assert_in_range(low, 0xdc00, 0xdfff);
                unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                i += 6;
        }
        buffer_append(text, bytes, put_character(bytes, unit));
        return i;
}

/* Reads the value at `i`; returns where it ends. */
static inline size_t split_value(Buffer *text, Bytes line, size_t i) {
        if (i < line.size && line.data[i] == '"') {
                for (i++; assert_true(i < line.size), line.data[i] != '"';)
                        if (line.data[i] == '\\')
                                i = split_escape(text, line, i);
                        else
                                buffer_append_char(text, line.data[i++]);
                return i + 1;
        }
        for (; i < line.size && line.data[i] != ' '; i++) {
                assert_true(isalnum((unsigned char) line.data[i]) || strchr("_@%+:,./-", line.data[i]));
                buffer_append_char(text, line.data[i]);
        }
        return i;
}

/* `line` must outlive it. To be ended by split_done(). */
static inline void split(Split *s, Bytes line) {
        size_t i = 0, size;

        *s = (Split){};
        assert_printable(line);
        while (i < line.size && split_key(line, i) == 0)
                i++;
        s->message = (Bytes){ line.data, i };

        /* No value is larger than what it is read from. */
        assert_int_equal(buffer_reserve(&s->text, line.size), 0);
        while (i < line.size) {
                size_t start = s->text.size;
                Assignment *pair = &s->pairs[s->n];

                assert_true(s->n++ < SPLIT_PAIRS_MAX);
                size = split_key(line, i);
                assert_true(size > 0);
                pair->name = (Bytes){ line.data + i + 1, size - 2 };
                i = split_value(&s->text, line, i + size);
                pair->value = (Bytes){ s->text.data + start, s->text.size - start };
        }
}

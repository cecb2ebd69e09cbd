/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * A sequence of bytes that it does not own. It may contain NUL, and does not end with it. Unset: data is
 * NULL.
 */
typedef struct Bytes {
        const char *data;
        size_t size;
} Bytes;

#define BYTES_NULL ((Bytes){})
#define BYTES_LITERAL(s) ((Bytes){ .data = (s), .size = sizeof(s) - 1 })

static inline bool bytes_is_set(Bytes b) {
        return b.data;
}

static inline Bytes bytes_of_string(const char *s) {
        return (Bytes){ .data = s, .size = s ? strlen(s) : 0 };
}

static inline bool bytes_equal(Bytes a, Bytes b) {
        return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util/bytes.h"

/*
 * A sequence of bytes that grows when something is appended. When there is no memory, it keeps its contents
 * and ignores all further appends. So formatters don't check each append; their caller checks buffer_error()
 * once before it uses the contents.
 */
typedef struct Buffer {
        char *data;
        size_t size;
        size_t allocated;
        bool failed;
} Buffer;

#define BUFFER_NULL ((Buffer){})

/* Frees the memory, and makes the buffer an empty one. */
void buffer_done(Buffer *buffer);

/*
 * Reserves memory for `extra` more bytes, so that data[size] to data[size + extra - 1] may be written.
 * Returns 0 or -ENOMEM, which buffer_error() returns from then on, too.
 */
int buffer_reserve(Buffer *buffer, size_t extra);

/* Appends the decimal digits of `value`. */
void buffer_append_u64(Buffer *buffer, uint64_t value);
void buffer_append_i64(Buffer *buffer, int64_t value);

/* Returns 0, or -ENOMEM when there was no memory for an append since the last buffer_clear(). */
static inline int buffer_error(const Buffer *buffer) {
        return buffer->failed ? -ENOMEM : 0;
}

/* Empties the buffer and resets the error. The memory is kept for the next use. */
static inline void buffer_clear(Buffer *buffer) {
        buffer->size = 0;
        buffer->failed = false;
}

/* Empties the buffer, and frees its memory if that is more than `keep` bytes. */
static inline void buffer_shrink(Buffer *buffer, size_t keep) {
        if (buffer->allocated > keep)
                buffer_done(buffer);
        else
                buffer_clear(buffer);
}

/* Sets the size to a smaller one, which removes what was appended since then. */
static inline void buffer_truncate(Buffer *buffer, size_t size) {
        if (size < buffer->size)
                buffer->size = size;
}

static inline void buffer_append(Buffer *buffer, const void *data, size_t size) {
        if (buffer->allocated - buffer->size < size && buffer_reserve(buffer, size) < 0)
                return;
        if (size > 0)
                memcpy(buffer->data + buffer->size, data, size);
        buffer->size += size;
}

static inline void buffer_append_char(Buffer *buffer, char c) {
        buffer_append(buffer, &c, 1);
}

static inline void buffer_append_bytes(Buffer *buffer, Bytes bytes) {
        buffer_append(buffer, bytes.data, bytes.size);
}

/* `s` is NUL-terminated. */
static inline void buffer_append_string(Buffer *buffer, const char *s) {
        buffer_append(buffer, s, strlen(s));
}

/* Returns the bytes from the offset `start` on. They are valid until the next append. */
static inline Bytes buffer_since(const Buffer *buffer, size_t start) {
        return (Bytes){ .data = buffer->data + start, .size = buffer->size - start };
}

static inline Bytes buffer_bytes(const Buffer *buffer) {
        return (Bytes){ .data = buffer->data, .size = buffer->size };
}

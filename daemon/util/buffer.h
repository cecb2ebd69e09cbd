/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util/bytes.h"

/*
 * A growing run of bytes that formatters append to. When memory runs out it keeps what it has, ignores
 * what is appended from then on, and remembers: formatters need no check at each append, their caller makes
 * one with buffer_error() before the contents are used.
 */
typedef struct Buffer {
        char *data;
        size_t size;
        size_t allocated;
        bool failed;
} Buffer;

#define BUFFER_NULL ((Buffer){})

void buffer_done(Buffer *buffer);

/* Makes room for `extra` more bytes, so that data[size..size+extra) may be written. 0 or -ENOMEM, which the
 * buffer remembers, too. */
int buffer_reserve(Buffer *buffer, size_t extra);

/* Appends the decimal digits of `value`. */
void buffer_append_u64(Buffer *buffer, uint64_t value);
void buffer_append_i64(Buffer *buffer, int64_t value);

/* 0, or -ENOMEM when an append since the last buffer_clear() found no memory. */
static inline int buffer_error(const Buffer *buffer) {
        return buffer->failed ? -ENOMEM : 0;
}

/* Empties it and forgets a failure; the memory stays for the next use. */
static inline void buffer_clear(Buffer *buffer) {
        buffer->size = 0;
        buffer->failed = false;
}

/* Empties it, and gives the memory back when that is more than `keep` bytes. */
static inline void buffer_shrink(Buffer *buffer, size_t keep) {
        if (buffer->allocated > keep)
                buffer_done(buffer);
        else
                buffer_clear(buffer);
}

/* Goes back to an earlier size, to undo what was appended since. */
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

/* What was appended since the buffer had `start` bytes. */
static inline Bytes buffer_since(const Buffer *buffer, size_t start) {
        return (Bytes){ .data = buffer->data + start, .size = buffer->size - start };
}

static inline Bytes buffer_bytes(const Buffer *buffer) {
        return (Bytes){ .data = buffer->data, .size = buffer->size };
}

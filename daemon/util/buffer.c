/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "util/buffer.h"

#include <stdlib.h>
#include <string.h>

void buffer_done(Buffer *buffer) {
        free(buffer->data);
        *buffer = BUFFER_NULL;
}

int buffer_reserve(Buffer *buffer, size_t extra) {
        size_t need, allocated;
        char *data;

        if (buffer->failed)
                return -ENOMEM;
        if (buffer->allocated - buffer->size >= extra)
                return 0;

        if (__builtin_add_overflow(buffer->size, extra, &need) || need > SIZE_MAX / 2)
                goto fail;
        allocated = buffer->allocated > 0 ? buffer->allocated : 256;
        while (allocated < need)
                allocated *= 2;

        data = realloc(buffer->data, allocated);
        if (!data)
                goto fail;
        buffer->data = data;
        buffer->allocated = allocated;
        return 0;

fail:
        buffer->failed = true;
        return -ENOMEM;
}

/* Writes two digits at a time, which halves the divisions, because a record has a dozen numbers. */
void buffer_append_u64(Buffer *buffer, uint64_t value) {
        static const char pairs[] =
                "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                "8081828384858687888990919293949596979899";
        char digits[20];
        size_t i = sizeof(digits);

        while (value >= 100) {
                i -= 2;
                memcpy(digits + i, pairs + value % 100 * 2, 2);
                value /= 100;
        }
        if (value >= 10) {
                i -= 2;
                memcpy(digits + i, pairs + value * 2, 2);
        } else
                digits[--i] = (char) ('0' + value);

        buffer_append(buffer, digits + i, sizeof(digits) - i);
}

void buffer_append_i64(Buffer *buffer, int64_t value) {
        if (value < 0)
                buffer_append_char(buffer, '-');
        buffer_append_u64(buffer, value < 0 ? -(uint64_t) value : (uint64_t) value);
}

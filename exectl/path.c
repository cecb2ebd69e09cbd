/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "path.h"

#include <string.h>

/* Appends the components of `path` to the path that begins at `start`. */
static void append_components(Buffer *buffer, size_t start, Bytes path) {
        while (path.size > 0) {
                const char *slash = memchr(path.data, '/', path.size);
                Bytes part = { .data = path.data, .size = slash ? (size_t) (slash - path.data) : path.size };
                size_t skip = slash ? part.size + 1 : part.size;

                path.data += skip;
                path.size -= skip;
                if (part.size == 0 || bytes_equal(part, BYTES_LITERAL(".")))
                        continue;
                if (bytes_equal(part, BYTES_LITERAL(".."))) {
                        size_t end = buffer->size;

                        while (end > start && buffer->data[--end] != '/')
                                ;
                        buffer_truncate(buffer, end);
                        continue;
                }
                buffer_append_char(buffer, '/');
                buffer_append_bytes(buffer, part);
        }
}

bool path_append(Buffer *buffer, Bytes cwd, Bytes name) {
        size_t start = buffer->size;

        if (name.size == 0 || (!path_is_absolute(name) && !path_is_absolute(cwd)))
                return false;
        if (!path_is_absolute(name))
                append_components(buffer, start, cwd);
        append_components(buffer, start, name);
        if (buffer->size == start)
                buffer_append_char(buffer, '/');
        return true;
}

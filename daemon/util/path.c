/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "util/path.h"

#include <string.h>

bool path_next(Bytes *path, Bytes *ret) {
        while (path->size > 0) {
                const char *slash = memchr(path->data, '/', path->size);
                Bytes component = { path->data, slash ? (size_t) (slash - path->data) : path->size };
                size_t used = component.size + (slash ? 1 : 0);

                *path = (Bytes){ path->data + used, path->size - used };
                if (component.size == 0 || bytes_equal(component, BYTES_LITERAL(".")))
                        continue;
                *ret = component;
                return true;
        }
        return false;
}

void path_append_components(Buffer *buffer, size_t floor, Bytes path) {
        Bytes component;

        while (path_next(&path, &component)) {
                if (!bytes_equal(component, BYTES_LITERAL(".."))) {
                        buffer_append_char(buffer, '/');
                        buffer_append_bytes(buffer, component);
                        continue;
                }
                while (buffer->size > floor && buffer->data[--buffer->size] != '/')
                        ;
        }
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "filter/script.h"

#include <errno.h>
#include <string.h>

/* A path whose beginning was cut off begins with this. */
#define CUT_FRONT "..."

/* Appends the components of `path`. ".." removes the last one, but nothing of the first `floor` bytes. */
static void append_components(Buffer *out, size_t floor, Bytes path) {
        for (size_t i = 0, end; i < path.size; i = end + 1) {
                const char *component = path.data + i, *slash = memchr(component, '/', path.size - i);

                end = slash ? (size_t) (slash - path.data) : path.size;
                if (end == i || bytes_equal((Bytes){ component, end - i }, BYTES_LITERAL(".")))
                        continue;
                if (bytes_equal((Bytes){ component, end - i }, BYTES_LITERAL(".."))) {
                        while (out->size > floor && out->data[--out->size] != '/')
                                ;
                        continue;
                }
                buffer_append_char(out, '/');
                buffer_append(out, component, end - i);
        }
}

int script_path(const Event *event, Buffer *storage, Bytes *ret) {
        Bytes filename = event->filename, cwd = event->cwd;
        size_t floor = 0;

        if ((!(event->flags & EXEC_FLAG_SCRIPT) && event->error == 0) || !bytes_is_set(filename) ||
                filename.size == 0)
                return 0;
        if (event->flags & EXEC_FLAG_FD) {
                *ret = filename;
                return 0;
        }

        if (filename.data[0] != '/') {
                if (!bytes_is_set(cwd))
                        return 0;
                if (cwd.size >= strlen(CUT_FRONT) && memcmp(cwd.data, CUT_FRONT, strlen(CUT_FRONT)) == 0) {
                        floor = strlen(CUT_FRONT);
                        buffer_append(storage, cwd.data, floor);
                        cwd = (Bytes){ cwd.data + floor, cwd.size - floor };
                }
                append_components(storage, floor, cwd);
        }
        append_components(storage, floor, filename);
        if (storage->size == 0)
                buffer_append_char(storage, '/');
        if (buffer_error(storage) < 0)
                return -ENOMEM;

        *ret = buffer_bytes(storage);
        return 0;
}

bool script_path_is_sure(const Event *event) {
        Bytes path = event->filename;
        bool below = false; /* the root, or a working directory, whose path has no links */

        for (size_t i = 0, end; i < path.size; i = end + 1) {
                const char *slash = memchr(path.data + i, '/', path.size - i);
                Bytes component;

                end = slash ? (size_t) (slash - path.data) : path.size;
                component = (Bytes){ path.data + i, end - i };
                if (!bytes_equal(component, BYTES_LITERAL("..")))
                        below = below || (end > i && !bytes_equal(component, BYTES_LITERAL(".")));
                else if (below)
                        return false;
        }
        return true;
}

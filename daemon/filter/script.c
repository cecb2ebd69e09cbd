/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "filter/script.h"

#include <errno.h>
#include <string.h>

#include "util/path.h"

/* A path whose beginning was cut off begins with this. */
#define CUT_FRONT "..."

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
                path_append_components(storage, floor, cwd);
        }
        path_append_components(storage, floor, filename);
        if (storage->size == 0)
                buffer_append_char(storage, '/');
        if (buffer_error(storage) < 0)
                return -ENOMEM;

        *ret = buffer_bytes(storage);
        return 0;
}

bool script_path_is_sure(const Event *event) {
        Bytes path = event->filename, component;
        bool below = false; /* the root, or a working directory, whose path has no links */

        while (path_next(&path, &component)) {
                if (!bytes_equal(component, BYTES_LITERAL("..")))
                        below = true;
                else if (below)
                        return false;
        }
        return true;
}

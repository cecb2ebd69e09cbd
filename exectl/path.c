/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "path.h"

#include "util/path.h"

bool path_append(Buffer *buffer, Bytes cwd, Bytes name) {
        size_t start = buffer->size;

        if (name.size == 0 || (!path_is_absolute(name) && !path_is_absolute(cwd)))
                return false;
        if (!path_is_absolute(name))
                path_append_components(buffer, start, cwd);
        path_append_components(buffer, start, name);
        if (buffer->size == start)
                buffer_append_char(buffer, '/');
        return true;
}

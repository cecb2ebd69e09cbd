/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "event/lineage.h"

bool lineage_next(Bytes *lineage, Bytes *ret_name, uint64_t *ret_parent) {
        const char *end = lineage->size > 0 ? memchr(lineage->data, '\0', lineage->size) : NULL;
        size_t name_size, step_size;

        if (!end)
                return false;
        name_size = (size_t) (end - lineage->data);
        step_size = name_size + 1 + sizeof(*ret_parent);
        if (name_size == 0 || step_size > lineage->size || memchr(lineage->data, '/', name_size))
                return false;

        *ret_name = (Bytes){ lineage->data, name_size };
        memcpy(ret_parent, end + 1, sizeof(*ret_parent));
        *lineage = (Bytes){ lineage->data + step_size, lineage->size - step_size };
        return true;
}

bool lineage_is_whole(Bytes lineage) {
        uint64_t parent;
        Bytes name;

        while (lineage_next(&lineage, &name, &parent))
                ;
        return lineage.size == 0;
}

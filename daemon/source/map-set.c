/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/map-set.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static const char *const kind_names[_MAP_KIND_MAX] = {
        [MAP_EVENTS] = "events",
        [MAP_FAILURES] = "failures",
        [MAP_LOGS] = "logs",
        [MAP_COUNTERS] = "counters",
        [MAP_CPUS] = "cpus",
        [MAP_DESKS] = "desks",
        [MAP_MAKERS] = "makers",
        [MAP_LIMITS] = "limits",
        [MAP_SEQUENCE] = "sequence",
};

const char *map_kind_to_string(MapKind kind) {
        assert((size_t) kind < _MAP_KIND_MAX);
        return kind_names[kind];
}

MapKind map_kind_from_string(const char *name) {
        for (MapKind kind = 0; kind < _MAP_KIND_MAX; kind++)
                if (strcmp(kind_names[kind], name) == 0)
                        return kind;
        return _MAP_KIND_INVALID;
}

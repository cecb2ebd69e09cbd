/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <errno.h>

/*
 * The maps that a set of programs hands over to the next one. Other maps, such as the slots, belong to one
 * object only.
 */
typedef enum MapKind {
        MAP_EVENTS,
        MAP_FAILURES,
        MAP_LOGS,
        MAP_COUNTERS,
        MAP_CPUS,
        MAP_DESKS,
        MAP_MAKERS,
        MAP_LIMITS,
        MAP_SEQUENCE, /* up to ABI 4 only: how many numbers were used */
        _MAP_KIND_MAX,
        _MAP_KIND_INVALID = -EINVAL,
} MapKind;

/*
 * Convert between kinds and the names that the maps have in the objects, such as "events". The second returns
 * _MAP_KIND_INVALID for any other name.
 */
const char *map_kind_to_string(MapKind kind);
MapKind map_kind_from_string(const char *name);

/* Descriptors of maps, -EBADF for those that do not exist. A MapSet does not own them. */
typedef struct MapSet {
        int fds[_MAP_KIND_MAX];
} MapSet;

#define MAP_SET_NULL ((MapSet){ .fds = { [0 ... _MAP_KIND_MAX - 1] = -EBADF } })

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <errno.h>

/*
 * The maps that one set of programs hands on to the next; the slots and what else is private to an object it
 * does not.
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
        MAP_SEQUENCE, /* up to ABI 4 only: how many numbers were taken */
        _MAP_KIND_MAX,
        _MAP_KIND_INVALID = -EINVAL,
} MapKind;

/* "events", "logs", ...: the names that they have in the objects. */
const char *map_kind_to_string(MapKind kind);
MapKind map_kind_from_string(const char *name);

/* Descriptors of somebody else's; -EBADF: there is none. */
typedef struct MapSet {
        int fds[_MAP_KIND_MAX];
} MapSet;

#define MAP_SET_NULL ((MapSet){ .fds = { [0 ... _MAP_KIND_MAX - 1] = -EBADF } })

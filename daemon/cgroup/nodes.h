/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the files of the tree share: its nodes, and the table in which they are found by id. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgroup/place.h"
#include "cgroup/run.h"
#include "util/buffer.h"

/* A unit, which all the nodes at and below its cgroup share. */
typedef struct CgroupUnit {
        uint64_t id; /* of the cgroup at which it begins, as far as that can be seen */
        uint64_t looked_usec; /* when its invocation id was last asked for, CLOCK_MONOTONIC */
        uint32_t n_nodes;
        uint32_t n_named; /* of these, with a name of their own */
        bool exact; /* `id` is the unit's own cgroup, and not one inside of it */
        char invocation[CGROUP_INVOCATION_SIZE]; /* empty: not known */
} CgroupUnit;

enum {
        NODE_ROOT = 1 << 0, /* the name is a whole path */
        NODE_SLICES = 1 << 1, /* nothing but slices up to here: a unit may follow inside of it */
        NODE_WAITING = 1 << 2, /* the way up was not known when it was added */
        NODE_MERGED = 1 << 3, /* stands for a cgroup whose name and parent are not kept */
        NODE_HIDDEN = 1 << 4, /* the last walk that saw it could not look inside */
        NODE_GONE = 1 << 5, /* in the queue of those that are gone */
        NODE_REPLACED = 1 << 6, /* ... and not in the table any more: another has its id */
};

typedef struct CgroupNode {
        uint64_t id;
        uint64_t parent; /* its id */
        struct CgroupNode *next; /* in its bucket */
        struct CgroupNode *next_gone;
        CgroupUnit *unit; /* NULL: it belongs to none */
        union {
                uint64_t walk; /* the last that saw it, or during which it was made */
                uint64_t until; /* gone: the position up to which records may refer to it */
        };
        uint16_t depth; /* below a root, or below where the way up ends */
        uint16_t name_size;
        uint8_t flags;
        char name[];
} CgroupNode;

/* Places that were put together last. A cgroup has one slot that it can be in. */
#define PLACES 64
typedef struct CgroupSlot {
        const CgroupNode *node; /* NULL: the slot is free */
        Buffer text; /* what `place` points into */
        CgroupPlace place;
} CgroupSlot;

typedef struct CgroupTree {
        CgroupNode **buckets;
        unsigned bits; /* there are 2^bits buckets */
        size_t n_nodes; /* in all, also those that were replaced */
        size_t n_waiting;
        CgroupNode *oldest, *newest; /* of those that are gone */
        size_t n_gone;
        uint64_t refused;
        uint64_t walk; /* counts them */
        uint64_t walk_root; /* the cgroup at which it began */
        size_t sweep_at; /* the next bucket */
        CgroupSlot slots[PLACES];
        CgroupReadInvocation read;
        void *read_userdata;
} CgroupTree;

/* Where the pointer to the node is; to NULL when there is none of this id. */
static inline CgroupNode **cgroup_nodes_find(const CgroupTree *tree, uint64_t id) {
        CgroupNode **link = tree->buckets + ((id * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - tree->bits));

        while (*link && (*link)->id != id)
                link = &(*link)->next;
        return link;
}

/* The slot for this id. */
static inline size_t cgroup_slot_of(uint64_t id) {
        return (size_t) ((id * UINT64_C(0x9e3779b97f4a7c15)) >> 58);
}
_Static_assert(PLACES == 1 << (64 - 58), "the bits above are the slots' number");

/* Forgets all the places that were put together: a name or a parent is another. */
void cgroup_places_clear(CgroupTree *tree);
void cgroup_places_done(CgroupTree *tree);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The nodes of the tree, and the hash table in which they are found by id. Private to the files of the tree.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgroup/place.h"
#include "cgroup/run.h"
#include "util/buffer.h"

/* A unit, which all the nodes at and below its cgroup share. */
typedef struct CgroupUnit {
        uint64_t id; /* of its outermost visible cgroup */
        uint64_t looked_usec; /* when its invocation id was last read, CLOCK_MONOTONIC; 0: never */
        uint32_t n_nodes;
        uint32_t n_named; /* how many of these have names of their own */
        bool exact; /* `id` is the unit's own cgroup, and not one inside of it */
        char invocation[CGROUP_INVOCATION_SIZE]; /* empty when unknown */
} CgroupUnit;

enum {
        NODE_ROOT = 1 << 0, /* the name is a whole path */
        NODE_SLICES = 1 << 1, /* it and all its ancestors are slices, so there may be units inside of it */
        NODE_WAITING = 1 << 2, /* its path was unknown when it was added */
        NODE_MERGED = 1 << 3, /* the name and the parent of the cgroup are not stored */
        NODE_HIDDEN = 1 << 4, /* the last walk that saw it could not read its directory */
        NODE_GONE = 1 << 5, /* removed, and in the queue of those that are */
        NODE_REPLACED = 1 << 6, /* removed, and not in the table any more, because another node has its id */
};

typedef struct CgroupNode {
        uint64_t id;
        uint64_t parent; /* the id of the parent */
        struct CgroupNode *next; /* in its bucket */
        struct CgroupNode *next_gone;
        CgroupUnit *unit; /* NULL when it belongs to none */
        union {
                uint64_t walk; /* the last walk that saw it, or during which it was created */
                uint64_t until; /* with NODE_GONE: the position up to which records may refer to it */
        };
        uint16_t depth; /* below a root, or below its outermost known ancestor */
        uint16_t name_size;
        uint8_t flags;
        char name[];
} CgroupNode;

/* How many places are cached. The id of a cgroup selects the slot that its place can be in. */
#define PLACES 64
typedef struct CgroupSlot {
        const CgroupNode *node; /* NULL when the slot is free */
        Buffer text; /* has the texts of `place` */
        CgroupPlace place;
} CgroupSlot;

typedef struct CgroupTree {
        CgroupNode **buckets;
        unsigned bits; /* there are 2^bits buckets */
        size_t n_nodes; /* all of them, including those that were replaced */
        size_t n_waiting;
        CgroupNode *oldest, *newest; /* the ends of the queue of removed cgroups */
        size_t n_gone;
        uint64_t refused;
        uint64_t walk; /* the number of the last walk */
        uint64_t walk_root; /* the cgroup at which it began */
        size_t sweep_at; /* the bucket that is checked next */
        CgroupSlot slots[PLACES];
        CgroupReadInvocation read;
        void *read_userdata;
} CgroupTree;

/* Returns the address of the pointer to the node. The pointer is NULL when no node has this id. */
static inline CgroupNode **cgroup_nodes_find(const CgroupTree *tree, uint64_t id) {
        CgroupNode **link = tree->buckets + ((id * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - tree->bits));

        while (*link && (*link)->id != id)
                link = &(*link)->next;
        return link;
}

/* Returns the index of the slot for this id. */
static inline size_t cgroup_slot_of(uint64_t id) {
        return (size_t) ((id * UINT64_C(0x9e3779b97f4a7c15)) >> 58);
}
_Static_assert(PLACES == 1 << (64 - 58), "the bits above are the slots' number");

/* Empties the cache of places. Needed when a name or a parent has changed. */
void cgroup_places_clear(CgroupTree *tree);

/* Frees the memory of the cache. */
void cgroup_places_done(CgroupTree *tree);

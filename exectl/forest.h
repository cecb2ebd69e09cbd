/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "output.h"
#include "string-set.h"

/*
 * The processes and their parents. Each node has a content, which is text or JSON that the caller writes.
 */

#define FOREST_NONE UINT32_MAX

typedef struct ForestNode {
        uint32_t parent; /* the node of the process that forked it, or FOREST_NONE */
        uint32_t first_child, last_child, next;
        bool known; /* it has a record; otherwise it is known from its children only */
        bool wanted; /* forest_walk() with `wanted_only` visits it and its descendants */
        Style style;
        Buffer content;
} ForestNode;

typedef struct Forest {
        StringSet keys; /* the number of a key is the index of its node */
        ForestNode *node;
        size_t n, allocated;
} Forest;

void forest_done(Forest *forest);

/* Returns the node with this key, which is created if necessary; or FOREST_NONE when there is no memory. */
uint32_t forest_node(Forest *forest, Bytes key);

/*
 * Frees the unused memory of a node's content. With a million nodes, that would be most of the memory.
 */
void forest_trim(ForestNode *node);

/* Sets the parent of a node. forest_link() cuts circles. */
static inline void forest_set_parent(Forest *forest, uint32_t node, uint32_t parent) {
        forest->node[node].parent = parent;
}

/* Makes the lists of children, in the order of the nodes. Call it once, after all nodes were added. */
void forest_link(Forest *forest);

/*
 * Called for each node that is visited, before its children. `depth` is 0 for a root, and `last` says that no
 * sibling follows. Returns 0, 1 to stop the walk, or a negative errno.
 */
typedef int (*ForestVisit)(void *data, uint32_t node, unsigned depth, bool last);

/*
 * Visits all nodes, or only the wanted ones and their descendants. Returns their number, or a negative errno.
 */
int forest_walk(const Forest *forest, bool wanted_only, ForestVisit visit, void *data);

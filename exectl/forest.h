/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "output.h"
#include "string-set.h"

/*
 * Processes and who made whom. Each has what is to be printed of it, which whoever adds it writes: text, or
 * JSON.
 */

#define FOREST_NONE UINT32_MAX

typedef struct ForestNode {
        uint32_t parent; /* the node that made it, or FOREST_NONE */
        uint32_t first_child, last_child, next;
        bool known; /* it has a record; else only its children tell of it */
        bool wanted; /* its tree is to be printed, with forest_print(..., true, ...) */
        Style style;
        Buffer content;
} ForestNode;

typedef struct Forest {
        StringSet keys; /* the number of a key is that of its node */
        ForestNode *node;
        size_t n, allocated;
} Forest;

void forest_done(Forest *forest);

/* The node with that key, which is made if it is not there. FOREST_NONE when memory runs out. */
uint32_t forest_node(Forest *forest, Bytes key);

/*
 * Gives back the room behind a node's content: of a million nodes, each with some, that is most of the
 * memory.
 */
void forest_trim(ForestNode *node);

/* Says who made a node. What leads in a circle is left out by forest_link(). */
static inline void forest_set_parent(Forest *forest, uint32_t node, uint32_t parent) {
        forest->node[node].parent = parent;
}

/* Makes lists of children of it all, in the order of the nodes. To be called once, when all are there. */
void forest_link(Forest *forest);

/*
 * Called for each node that is printed, each before its children: `depth` is 0 for the roots, `last` whether
 * no sibling follows. Returns 0, 1 to stop, or a negative errno.
 */
typedef int (*ForestVisit)(void *data, uint32_t node, unsigned depth, bool last);

/* Visits all, or only the wanted ones and what is below them. Returns how many, or a negative errno. */
int forest_walk(const Forest *forest, bool wanted_only, ForestVisit visit, void *data);

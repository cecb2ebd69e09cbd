/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "forest.h"

#include <errno.h>
#include <stdlib.h>

#include "util/cleanup.h"

void forest_done(Forest *forest) {
        for (size_t i = 0; i < forest->n; i++)
                buffer_done(&forest->node[i].content);
        free(forest->node);
        string_set_done(&forest->keys);
        *forest = (Forest){};
}

uint32_t forest_node(Forest *forest, Bytes key) {
        uint32_t number = string_set_add(&forest->keys, key);

        if (number == STRING_SET_NONE || number < forest->n)
                return number;
        if (forest->n == forest->allocated) {
                size_t n = forest->allocated ? 2 * forest->allocated : 64;
                ForestNode *grown = reallocarray(forest->node, n, sizeof(*grown));

                if (!grown)
                        return FOREST_NONE;
                forest->node = grown;
                forest->allocated = n;
        }
        forest->node[forest->n++] = (ForestNode){
                .parent = FOREST_NONE,
                .first_child = FOREST_NONE,
                .last_child = FOREST_NONE,
                .next = FOREST_NONE,
        };
        return number;
}

void forest_trim(ForestNode *node) {
        Buffer *content = &node->content;
        char *data;

        if (content->size == 0 || content->size == content->allocated)
                return;
        data = realloc(content->data, content->size);
        if (!data)
                return;
        content->data = data;
        content->allocated = content->size;
}

/* Cuts each circle once: goes up from each node, and marks all nodes on the way with the first one. */
static int cut_circles(Forest *forest) {
        _cleanup_free_ uint32_t *mark = malloc((forest->n + 1) * sizeof(*mark));

        if (!mark)
                return -ENOMEM;
        for (size_t i = 0; i < forest->n; i++)
                mark[i] = FOREST_NONE;
        for (uint32_t i = 0; i < forest->n; i++) {
                uint32_t node = i;

                while (mark[node] == FOREST_NONE) {
                        uint32_t parent = forest->node[node].parent;

                        mark[node] = i;
                        if (parent == FOREST_NONE)
                                break;
                        if (mark[parent] == i) {
                                forest->node[node].parent = FOREST_NONE;
                                break;
                        }
                        node = parent;
                }
        }
        return 0;
}

void forest_link(Forest *forest) {
        if (cut_circles(forest) < 0)
                return;
        for (uint32_t i = 0; i < forest->n; i++) {
                uint32_t parent = forest->node[i].parent;
                ForestNode *above;

                if (parent == FOREST_NONE)
                        continue;
                above = &forest->node[parent];
                if (above->first_child == FOREST_NONE)
                        above->first_child = i;
                else
                        forest->node[above->last_child].next = i;
                above->last_child = i;
        }
}

/* A node on the path from a root to the current node of the walk. */
typedef struct Step {
        uint32_t node;
        bool printed;
        unsigned depth; /* among those that are printed */
} Step;

typedef struct Walk {
        const Forest *forest;
        bool wanted_only;
        ForestVisit visit;
        void *data;
        Step *step;
        size_t n, allocated;
        int count;
} Walk;

/* Goes down to a node: visits it, and adds it to the path. */
static int enter(Walk *walk, uint32_t node) {
        const Step *above = walk->n > 0 ? &walk->step[walk->n - 1] : NULL;
        const ForestNode *n = &walk->forest->node[node];
        Step step = {
                .node = node,
                .printed = (above && above->printed) || !walk->wanted_only || n->wanted,
                .depth = above && above->printed ? above->depth + 1 : 0,
        };
        int r = 0;

        if (walk->n == walk->allocated) {
                size_t more = walk->allocated ? 2 * walk->allocated : 64;
                Step *grown = reallocarray(walk->step, more, sizeof(*grown));

                if (!grown)
                        return -ENOMEM;
                walk->step = grown;
                walk->allocated = more;
        }
        walk->step[walk->n++] = step;
        if (step.printed) {
                r = walk->visit(walk->data, node, step.depth, n->next == FOREST_NONE);
                walk->count++;
        }
        return r;
}

static int walk_tree(Walk *walk, uint32_t root) {
        int r = enter(walk, root);

        while (r == 0 && walk->n > 0) {
                uint32_t next = walk->forest->node[walk->step[walk->n - 1].node].first_child;

                /* Up until there is a sibling. */
                while (next == FOREST_NONE && walk->n > 0) {
                        next = walk->n > 1 ? walk->forest->node[walk->step[walk->n - 1].node].next
                                           : FOREST_NONE;
                        walk->n--;
                }
                if (next == FOREST_NONE)
                        break;
                r = enter(walk, next);
        }
        walk->n = 0;
        return r;
}

int forest_walk(const Forest *forest, bool wanted_only, ForestVisit visit, void *data) {
        Walk walk = {
                .forest = forest,
                .wanted_only = wanted_only,
                .visit = visit,
                .data = data,
        };
        int r = 0;

        for (uint32_t i = 0; i < forest->n && r == 0; i++)
                if (forest->node[i].parent == FOREST_NONE)
                        r = walk_tree(&walk, i);
        free(walk.step);
        return r < 0 ? r : walk.count;
}

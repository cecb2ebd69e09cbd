/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Finds the place of a cgroup: builds its path from its name and those of its ancestors, and parses it. The
 * last places are cached, so that almost every record finds its place by one comparison.
 */

#include <errno.h>
#include <time.h>

#include "cgroup/nodes.h"
#include "cgroup/tree.h"

/* The end of a path that was cut. */
#define CUT BYTES_LITERAL("/...")

/* The most nodes on a path: CGROUP_DEPTH_MAX below a root, and as many below one that had to wait. */
#define WAY_MAX (2 * CGROUP_DEPTH_MAX + 2)

/*
 * After how long the invocation id is read again. If it is unknown, it is read in about each drain. If it is
 * known, the unit may have been restarted in the same cgroup.
 */
#define LOOK_UNKNOWN_USEC (2ULL * 1000)
#define LOOK_KNOWN_USEC (100ULL * 1000)

void cgroup_places_clear(CgroupTree *tree) {
        for (size_t i = 0; i < PLACES; i++)
                tree->slots[i].node = NULL;
}

void cgroup_places_done(CgroupTree *tree) {
        for (size_t i = 0; i < PLACES; i++)
                buffer_done(&tree->slots[i].text);
}

typedef struct Way {
        const CgroupNode *nodes[WAY_MAX]; /* from the cgroup upwards; the last one is a root */
        size_t n;
        size_t size; /* of the whole path */
} Way;

/* Returns the path of a root without slashes at its end. */
static Bytes prefix_of(const CgroupNode *root) {
        Bytes prefix = { root->name, root->name_size };

        while (prefix.size > 0 && prefix.data[prefix.size - 1] == '/')
                prefix.size--;
        return prefix;
}

/* Collects the nodes from this one up to a root. Returns false when an ancestor is unknown. */
static bool find_way(const CgroupTree *tree, const CgroupNode *node, Way *ret) {
        for (ret->n = 0, ret->size = 0; node && ret->n < WAY_MAX;
                node = *cgroup_nodes_find(tree, node->parent)) {
                ret->nodes[ret->n++] = node;
                if (node->flags & NODE_ROOT) {
                        ret->size += prefix_of(node).size;
                        return true;
                }
                ret->size += 1 + node->name_size;
        }
        return false;
}

static void write_path(const Way *way, Buffer *text) {
        const size_t most = way->size < CGROUP_PATH_MAX ? way->size : CGROUP_PATH_MAX - 1 - CUT.size;
        Bytes prefix = prefix_of(way->nodes[way->n - 1]);

        buffer_append_bytes(text, prefix);
        for (size_t i = way->n - 1; i-- > 0;) {
                const CgroupNode *node = way->nodes[i];

                if (text->size + 1 + node->name_size > most) {
                        buffer_append_bytes(text, CUT);
                        return;
                }
                buffer_append_char(text, '/');
                buffer_append(text, node->name, node->name_size);
        }
        if (text->size == 0)
                buffer_append_char(text, '/');
}

static int read_place(const CgroupTree *tree, const CgroupNode *node, Buffer *text, CgroupPlace *ret) {
        Way way;
        size_t size;

        if (!find_way(tree, node, &way))
                return 0;
        buffer_clear(text);
        /* The text must not move. The unescaped name of a machine is written after the path. */
        size = (way.size < CGROUP_PATH_MAX ? way.size : CGROUP_PATH_MAX + CUT.size) +
                prefix_of(way.nodes[way.n - 1]).size;
        if (buffer_reserve(text, size + 1 + CGROUP_MACHINE_MAX) < 0)
                return -ENOMEM;
        write_path(&way, text);
        cgroup_path_parse(buffer_bytes(text), text->data + text->size, ret);
        return 1;
}

static uint64_t now_usec(void) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
        return (uint64_t) ts.tv_sec * 1000000 + (uint64_t) ts.tv_nsec / 1000;
}

static Bytes invocation_of(const CgroupTree *tree, CgroupUnit *unit, const CgroupPlace *place) {
        const uint64_t now = now_usec();
        Bytes path = place->path;

        if (unit->looked_usec == 0 ||
                now - unit->looked_usec >= (unit->invocation[0] ? LOOK_KNOWN_USEC : LOOK_UNKNOWN_USEC)) {
                path.size = (size_t) (place->unit.data + place->unit.size - path.data);
                unit->looked_usec = now;
                /* If the cgroup was removed, the id that was read before is still valid. */
                (void) tree->read(tree->read_userdata, place->unit, unit->id, path, unit->invocation);
        }
        return unit->invocation[0] ? (Bytes){ unit->invocation, CGROUP_INVOCATION_SIZE - 1 } : BYTES_NULL;
}

int cgroup_tree_find(CgroupTree *tree, uint64_t id, CgroupPlace *ret) {
        CgroupSlot *slot = tree->slots + cgroup_slot_of(id);

        if (!slot->node || slot->node->id != id) {
                const CgroupNode *node = *cgroup_nodes_find(tree, id);

                int r;

                slot->node = NULL;
                if (!node)
                        return 0;
                r = read_place(tree, node, &slot->text, &slot->place);
                if (r <= 0)
                        return r;
                slot->node = node;
        }
        *ret = slot->place;
        if (tree->read && slot->node->unit && slot->node->unit->exact && bytes_is_set(ret->unit))
                ret->invocation_id = invocation_of(tree, slot->node->unit, ret);
        return 1;
}

void cgroup_tree_visit(CgroupTree *tree, CgroupVisit visit, void *userdata) {
        Buffer text = BUFFER_NULL;

        for (size_t i = 0; i < (size_t) 1 << tree->bits; i++)
                for (const CgroupNode *node = tree->buckets[i]; node; node = node->next) {
                        CgroupPlace place;

                        if (!(node->flags & NODE_GONE) && read_place(tree, node, &text, &place) > 0)
                                visit(userdata, node->id, &place);
                }
        buffer_done(&text);
}

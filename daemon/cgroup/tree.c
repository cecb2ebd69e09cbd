/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Adds and removes nodes. A node refers to its parent by id, so that either of the two can be added or
 * removed first. A cgroup with an unknown ancestor has no path. The depths that are assigned here bound all
 * loops over ancestors.
 */

#include "cgroup/tree.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/nodes.h"

#define BUCKET_BITS_MIN 8

/* The name of a node that has no name of its own. */
#define MERGED_NAME BYTES_LITERAL("...")

int cgroup_tree_new(CgroupTree **ret) {
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = calloc(1, sizeof(*tree));

        if (!tree)
                return -ENOMEM;
        tree->bits = BUCKET_BITS_MIN;
        tree->buckets = calloc((size_t) 1 << tree->bits, sizeof(*tree->buckets));
        if (!tree->buckets)
                return -ENOMEM;
        *ret = TAKE_PTR(tree);
        return 0;
}

static CgroupNode *node_free(CgroupTree *tree, CgroupNode *node) {
        CgroupUnit *unit = node->unit;

        if (unit) {
                unit->n_nodes--;
                unit->n_named -= !(node->flags & NODE_MERGED);
                if (unit->n_nodes == 0)
                        free(unit);
        }
        tree->n_nodes--;
        tree->n_waiting -= (node->flags & NODE_WAITING) != 0;
        free(node);
        return NULL;
}

CgroupTree *cgroup_tree_free(CgroupTree *tree) {
        if (!tree)
                return NULL;
        for (CgroupNode *node = tree->oldest, *next; node; node = next) {
                next = node->next_gone;
                if (node->flags & NODE_REPLACED)
                        (void) node_free(tree, node);
        }
        for (size_t i = 0; tree->buckets && i < (size_t) 1 << tree->bits; i++)
                for (CgroupNode *node = tree->buckets[i], *next; node; node = next) {
                        next = node->next;
                        (void) node_free(tree, node);
                }
        cgroup_places_done(tree);
        free(tree->buckets);
        free(tree);
        return NULL;
}

/* Doubles the number of buckets. If there is no memory, the table only becomes slower. */
static void grow(CgroupTree *tree) {
        CgroupNode **old = tree->buckets, **buckets = calloc((size_t) 2 << tree->bits, sizeof(*buckets));
        size_t n = (size_t) 1 << tree->bits;

        if (!buckets)
                return;
        tree->buckets = buckets;
        tree->bits++;
        tree->sweep_at *= 2; /* the nodes of bucket N are now in the buckets 2 N and 2 N + 1 */
        for (size_t i = 0; i < n; i++)
                for (CgroupNode *node = old[i], *next; node; node = next) {
                        CgroupNode **link = cgroup_nodes_find(tree, node->id);

                        next = node->next;
                        node->next = NULL;
                        *link = node;
                }
        free(old);
}

/*
 * Removes the node that *link points to from the table, and frees it unless it is in the queue of removed
 * cgroups.
 */
static void take_out(CgroupTree *tree, CgroupNode **link) {
        CgroupNode *node = *link;
        CgroupSlot *slot = tree->slots + cgroup_slot_of(node->id);

        if (slot->node == node)
                slot->node = NULL;
        *link = node->next;
        if (node->flags & NODE_GONE)
                node->flags |= NODE_REPLACED;
        else
                (void) node_free(tree, node);
}

static void put_in(CgroupTree *tree, CgroupNode *node) {
        CgroupNode **link = cgroup_nodes_find(tree, node->id);

        if (*link)
                take_out(tree, link);
        else if (tree->n_nodes > (size_t) 1 << tree->bits)
                grow(tree);
        link = cgroup_nodes_find(tree, node->id);
        node->next = *link; /* NULL, because the bucket has no node of this id now */
        *link = node;
}

/* Creates a node that is not in the table yet. Returns 0, -ENOSPC or -ENOMEM. */
static int node_new(CgroupTree *tree, const CgroupNode *head, Bytes name, CgroupNode **ret) {
        CgroupNode *node;

        if (tree->n_nodes >= CGROUP_NODES_MAX) {
                tree->refused++;
                return -ENOSPC;
        }
        node = malloc(offsetof(CgroupNode, name) + name.size);
        if (!node)
                return -ENOMEM;
        memcpy(node, head, offsetof(CgroupNode, name));
        node->walk = tree->walk;
        node->name_size = (uint16_t) name.size;
        memcpy(node->name, name.data, name.size);
        if (node->unit) {
                node->unit->n_nodes++;
                node->unit->n_named += !(node->flags & NODE_MERGED);
        }
        tree->n_nodes++;
        tree->n_waiting += (node->flags & NODE_WAITING) != 0;
        *ret = node;
        return 0;
}

/*
 * Replaces the flags and the unit of the parent in *flags and *unit by those of its child `name`. Returns 0
 * or -ENOMEM.
 */
static int enter(uint64_t id, Bytes name, uint8_t *flags, CgroupUnit **unit) {
        CgroupNameKind kind = CGROUP_NAME_OTHER;

        if (*flags & NODE_SLICES)
                kind = cgroup_name_kind(name);
        *flags = kind == CGROUP_NAME_SLICE ? NODE_SLICES : 0;
        if (*unit)
                (*unit)->exact = (*unit)->exact && (*unit)->id != id;
        if (kind != CGROUP_NAME_UNIT)
                return 0;
        *unit = calloc(1, sizeof(**unit));
        if (!*unit)
                return -ENOMEM;
        (*unit)->id = id;
        (*unit)->exact = true;
        return 0;
}

static void unit_drop_unused(CgroupUnit *unit) {
        if (unit && unit->n_nodes == 0)
                free(unit);
}

static bool is_same(const CgroupNode *node, uint64_t parent, Bytes name, uint8_t root) {
        return !(node->flags & (NODE_GONE | NODE_WAITING)) && (node->flags & NODE_ROOT) == root &&
                (node->parent == parent || (node->flags & NODE_MERGED)) &&
                ((node->flags & NODE_MERGED) || bytes_equal((Bytes){ node->name, node->name_size }, name));
}

int cgroup_tree_root(CgroupTree *tree, uint64_t id, Bytes path) {
        CgroupNode head = { .id = id, .flags = NODE_ROOT | NODE_SLICES },
                   *node = *cgroup_nodes_find(tree, id);
        Bytes rest = path;
        int r = 0;

        if (path.size == 0 || path.size >= PATH_MAX || path.data[0] != '/')
                return -EINVAL;
        if (node && is_same(node, 0, path, NODE_ROOT)) {
                node->walk = tree->walk;
                return 0;
        }
        while (r >= 0 && rest.size > 0) {
                const char *slash = memchr(rest.data, '/', rest.size);
                Bytes name = { rest.data, slash ? (size_t) (slash - rest.data) : rest.size };

                if (name.size > 0) {
                        uint8_t flags = head.flags;

                        r = enter(id, name, &flags, &head.unit);
                        head.flags = NODE_ROOT | flags;
                }
                rest = slash ? (Bytes){ slash + 1, rest.size - name.size - 1 } : BYTES_NULL;
        }
        if (r >= 0)
                r = node_new(tree, &head, path, &node);
        if (r < 0) {
                unit_drop_unused(head.unit);
                return r;
        }
        put_in(tree, node);
        cgroup_places_clear(tree);
        return 0;
}

/*
 * Turns the new node into a child "...", of the unit's cgroup if the unit has too many names, of the same
 * parent as its own parent if that is such a child, and of its own parent otherwise.
 */
static void merge(const CgroupTree *tree, const CgroupNode *parent, CgroupNode *head, Bytes *name) {
        const CgroupNode *below = parent;

        if (parent->flags & NODE_MERGED)
                head->parent = parent->parent;
        else if (head->unit && head->unit->n_named >= CGROUP_NAMED_MAX)
                head->parent = head->unit->id;
        else
                head->parent = parent->id;
        if (head->parent != parent->id)
                below = *cgroup_nodes_find(tree, head->parent);
        head->depth = below ? below->depth + 1 : 1;
        head->flags = NODE_MERGED;
        *name = MERGED_NAME;
}

static bool is_to_be_merged(const CgroupNode *parent, const CgroupNode *head) {
        return (parent->flags & NODE_MERGED) || head->depth > CGROUP_DEPTH_MAX ||
                (head->unit && head->unit->n_named >= CGROUP_NAMED_MAX);
}

/* Fills in the members of a new node that depend on its parent. Returns 0, -ENOSPC or -ENOMEM. */
static int inherit(CgroupTree *tree, const CgroupNode *parent, CgroupNode *head, Bytes *name) {
        if (!parent || (parent->flags & NODE_WAITING)) {
                if (tree->n_waiting >= CGROUP_WAITING_MAX) {
                        tree->refused++;
                        return -ENOSPC;
                }
                head->flags = NODE_WAITING;
                head->depth = parent ? parent->depth + 1 : 1;
                return head->depth > CGROUP_DEPTH_MAX ? -ENOSPC : 0;
        }
        head->depth = parent->depth + 1;
        head->unit = parent->unit;
        head->flags = parent->flags & NODE_SLICES;
        if (is_to_be_merged(parent, head)) {
                merge(tree, parent, head, name);
                return 0;
        }
        if (head->unit) {
                head->flags = 0;
                return 0;
        }
        return enter(head->id, *name, &head->flags, &head->unit);
}

static bool is_name(Bytes name) {
        return name.size > 0 && name.size <= NAME_MAX && !memchr(name.data, '/', name.size) &&
                !memchr(name.data, '\0', name.size);
}

int cgroup_tree_made(CgroupTree *tree, uint64_t id, uint64_t parent_id, Bytes name) {
        CgroupNode head = { .id = id, .parent = parent_id }, *node = *cgroup_nodes_find(tree, id);
        bool known = node;
        int r;

        if (!is_name(name) || id == parent_id)
                return -EINVAL;
        if (node && (node->flags & (NODE_ROOT | NODE_GONE)) == NODE_ROOT)
                return 0; /* its whole path is known already */
        if (node && is_same(node, parent_id, name, 0)) {
                node->walk = tree->walk;
                return 0;
        }
        r = inherit(tree, *cgroup_nodes_find(tree, parent_id), &head, &name);
        if (r >= 0)
                r = node_new(tree, &head, name, &node);
        if (r < 0) {
                unit_drop_unused(head.unit);
                return r;
        }
        put_in(tree, node);
        if (known) /* the paths of the cgroups inside of it may have changed */
                cgroup_places_clear(tree);
        return 1;
}

void cgroup_tree_gone(CgroupTree *tree, uint64_t id, uint64_t until) {
        CgroupNode *node = *cgroup_nodes_find(tree, id);

        if (!node || (node->flags & NODE_GONE))
                return;
        node->flags |= NODE_GONE;
        node->until = until;
        *(tree->newest ? &tree->newest->next_gone : &tree->oldest) = node;
        tree->newest = node;
        tree->n_gone++;
}

void cgroup_tree_release(CgroupTree *tree, uint64_t position) {
        while (tree->n_gone > CGROUP_GONE_MAX && tree->oldest->until <= position) {
                CgroupNode *node = tree->oldest;

                tree->oldest = node->next_gone;
                if (!tree->oldest)
                        tree->newest = NULL;
                tree->n_gone--;
                node->flags &= (uint8_t) ~NODE_GONE;
                if (node->flags & NODE_REPLACED)
                        (void) node_free(tree, node);
                else
                        take_out(tree, cgroup_nodes_find(tree, node->id));
        }
}

void cgroup_tree_read_invocations(CgroupTree *tree, CgroupReadInvocation read, void *userdata) {
        tree->read = read;
        tree->read_userdata = userdata;
}

size_t cgroup_tree_size(const CgroupTree *tree) {
        return tree->n_nodes;
}

uint64_t cgroup_tree_refused(const CgroupTree *tree) {
        return tree->refused;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Compares the tree with a walk. */

#include "cgroup/nodes.h"
#include "cgroup/tree.h"

/* About how many nodes one call of cgroup_tree_sweep() checks, which takes about a millisecond. */
#define SWEEP_NODES 4096

void cgroup_tree_walk_begin(CgroupTree *tree, uint64_t root) {
        tree->walk++;
        tree->walk_root = root;
        tree->sweep_at = 0;
}

int cgroup_tree_seen(CgroupTree *tree, uint64_t id, uint64_t parent, Bytes name) {
        int r = cgroup_tree_made(tree, id, parent, name);
        CgroupNode *node = *cgroup_nodes_find(tree, id);

        if (node)
                node->flags &= (uint8_t) ~NODE_HIDDEN;
        return r;
}

void cgroup_tree_hidden(CgroupTree *tree, uint64_t id) {
        CgroupNode *node = *cgroup_nodes_find(tree, id);

        /* The cgroups below a merged one are children of the same parent as that. */
        if (node && (node->flags & NODE_MERGED)) {
                node->flags |= NODE_HIDDEN;
                node = *cgroup_nodes_find(tree, node->parent);
        }
        if (node)
                node->flags |= NODE_HIDDEN;
}

/* Returns true when the walk would have seen the cgroup if it existed. */
static bool was_to_be_seen(const CgroupTree *tree, const CgroupNode *node) {
        for (unsigned i = 0; i <= 2 * CGROUP_DEPTH_MAX; i++) {
                if (node->id == tree->walk_root)
                        return i > 0;
                if (i > 0 && (node->flags & NODE_HIDDEN) && !(node->flags & NODE_GONE) &&
                        node->walk == tree->walk)
                        return false;
                if (node->flags & NODE_ROOT)
                        return false;
                node = *cgroup_nodes_find(tree, node->parent);
                if (!node) /* the walk has not found the ancestor, so it does not exist */
                        return true;
        }
        return true;
}

bool cgroup_tree_sweep(CgroupTree *tree, uint64_t until, CgroupGone gone, void *userdata) {
        size_t n = 0;

        for (; tree->sweep_at < (size_t) 1 << tree->bits; tree->sweep_at++) {
                if (n > SWEEP_NODES)
                        return true;
                n++;
                for (CgroupNode *node = tree->buckets[tree->sweep_at]; node; node = node->next) {
                        n++;
                        if ((node->flags & NODE_GONE) || node->walk == tree->walk ||
                                !was_to_be_seen(tree, node))
                                continue;
                        cgroup_tree_gone(tree, node->id, until);
                        if (gone)
                                gone(userdata, node->id);
                }
        }
        return false;
}

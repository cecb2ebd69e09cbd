/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Trees of cgroups, and what tests ask of them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cgroup/tree.h"
#include "cgroup/walk.h"
#include "text.h"

#define ROOT 1 /* the id of the hierarchy's root, as new_tree() makes it */

static inline CgroupTree *new_tree(void) {
        CgroupTree *tree = NULL;

        assert_int_equal(cgroup_tree_new(&tree), 0);
        assert_int_equal(cgroup_tree_root(tree, ROOT, BYTES_LITERAL("/")), 0);
        return tree;
}

/* A cgroup that is new. The tree's own copy of its name is what counts. */
static inline void made(CgroupTree *tree, uint64_t id, uint64_t parent, const char *name) {
        char copy[256];

        strcpy(copy, name);
        assert_int_equal(cgroup_tree_made(tree, id, parent, bytes_of_string(copy)), 1);
        memset(copy, 'x', sizeof(copy));
}

static inline bool knows(CgroupTree *tree, uint64_t id) {
        CgroupPlace place;

        return cgroup_tree_find(tree, id, &place);
}

/* NULL: it is not known. */
static inline void assert_path(CgroupTree *tree, uint64_t id, const char *path) {
        CgroupPlace place;

        assert_int_equal(cgroup_tree_find(tree, id, &place), path != NULL);
        if (path)
                assert_bytes_equal(place.path, bytes_of_string(path));
}

/* Lets all that is gone be forgotten, but for ids that nobody uses. */
static inline void forget_gone(CgroupTree *tree) {
        for (uint64_t id = UINT64_MAX; id > UINT64_MAX - CGROUP_GONE_MAX; id--) {
                assert_int_equal(cgroup_tree_made(tree, id, ROOT, BYTES_LITERAL("x")), 1);
                cgroup_tree_gone(tree, id, 0);
        }
        cgroup_tree_release(tree, UINT64_MAX);
}

static inline int case_seen(void *userdata, uint64_t id, uint64_t parent, Bytes name) {
        int r = cgroup_tree_seen(userdata, id, parent, name);

        return r < 0 ? r : 0;
}

static inline void case_hidden(void *userdata, uint64_t id) {
        cgroup_tree_hidden(userdata, id);
}

/* A whole walk below the directory, whose path is `path`, in steps that are as small as can be. */
static inline int walk_all(CgroupTree *tree, int fd, const char *path) {
        _cleanup_(cgroup_walk_freep) CgroupWalk *walk = NULL;
        uint64_t root;
        int r;

        r = cgroup_walk_new(fd, case_seen, case_hidden, tree, &walk, &root);
        if (r < 0)
                return r;
        cgroup_tree_walk_begin(tree, root);
        assert_int_equal(cgroup_tree_root(tree, root, bytes_of_string(path)), 0);
        while ((r = cgroup_walk_step(walk, 0)) > 0)
                ;
        while (r >= 0 && cgroup_tree_sweep(tree, 0, NULL, NULL))
                ;
        return r;
}

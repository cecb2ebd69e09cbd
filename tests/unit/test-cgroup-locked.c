/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Directories that their owner locks, and a walk without the right to look into them all the same. */

#include "cgroup-directory.h"

/* Walks as somebody who has no rights but his own. */
static int walk_as_nobody(Tree *t) {
        int r;

        assert_int_equal(seteuid(65534), 0);
        r = walk_all(t->tree, t->fd, "/");
        assert_int_equal(seteuid(0), 0);
        return r;
}

/* A user who locks a directory hides what is in it from a walk, but not from what was told of it. */
static void test_unreadable(void **state) {
        Tree *t = *state;
        uint64_t locked = make(t, "locked"), inside = make(t, "locked/inside"),
                 deep = make(t, "locked/inside/deep"), plain = make(t, "plain"), gone = make(t, "plain/gone");

        if (geteuid() != 0)
                skip();
        assert_int_equal(walk_all(t->tree, t->fd, "/"), 0);
        assert_int_equal(unlinkat(t->fd, "plain/gone", AT_REMOVEDIR), 0);
        assert_int_equal(fchmodat(t->fd, "locked", 0, 0), 0);
        assert_int_equal(walk_as_nobody(t), 0);
        forget_gone(t->tree);
        assert_path(t->tree, locked, "/locked");
        assert_path(t->tree, deep, "/locked/inside/deep");
        assert_path(t->tree, plain, "/plain");
        assert_path(t->tree, gone, NULL);

        /* Unlocked, and without what was in it. */
        assert_int_equal(fchmodat(t->fd, "locked", 0755, 0), 0);
        assert_int_equal(unlinkat(t->fd, "locked/inside/deep", AT_REMOVEDIR), 0);
        assert_int_equal(walk_as_nobody(t), 0);
        forget_gone(t->tree);
        assert_path(t->tree, inside, "/locked/inside");
        assert_path(t->tree, deep, NULL);
}

static int lock_when_inside(void *userdata, uint64_t id, uint64_t parent, Bytes name) {
        const Tree *t = userdata;
        int r = cgroup_tree_seen(t->tree, id, parent, name);

        if (bytes_equal(name, BYTES_LITERAL("deeper"))) {
                assert_int_equal(fchmodat(t->fd, "b/locked/inside", 0, 0), 0);
                assert_int_equal(fchmodat(t->fd, "b/locked", 0, 0), 0);
        }
        return r < 0 ? r : 0;
}

static void hide_in_tree(void *userdata, uint64_t id) {
        const Tree *t = userdata;

        cgroup_tree_hidden(t->tree, id);
}

/*
 * ... and one that is locked while the walk is inside keeps it from nothing else, and hides what it has not
 * seen.
 */
static void test_locked_meanwhile(void **state) {
        static const char *const owned[] = { "b", "b/locked", "b/locked/inside" };
        _cleanup_(cgroup_walk_freep) CgroupWalk *walk = NULL;
        Tree *t = *state;
        uint64_t before = make(t, "a/x"), deeper = make(t, "b/locked/inside/deeper"),
                 deepest = make(t, "b/locked/inside/deeper/deepest"), beside = make(t, "b/y/z"),
                 behind = make(t, "c/x"), root;
        int r;

        if (geteuid() != 0)
                skip();
        assert_int_equal(walk_all(t->tree, t->fd, "/"), 0);
        for (size_t i = 0; i < ELEMENTSOF(owned); i++)
                assert_int_equal(fchownat(t->fd, owned[i], 65534, 65534, 0), 0);
        assert_int_equal(seteuid(65534), 0);
        assert_int_equal(cgroup_walk_new(t->fd, lock_when_inside, hide_in_tree, t, &walk, &root), 0);
        cgroup_tree_walk_begin(t->tree, root);
        assert_int_equal(cgroup_tree_root(t->tree, root, BYTES_LITERAL("/")), 0);
        while ((r = cgroup_walk_step(walk, 0)) > 0)
                ;
        assert_int_equal(seteuid(0), 0);
        assert_int_equal(fchmodat(t->fd, "b/locked", 0700, 0), 0);
        assert_int_equal(fchmodat(t->fd, "b/locked/inside", 0700, 0), 0);
        assert_int_equal(r, 0);
        while (cgroup_tree_sweep(t->tree, 0, NULL, NULL))
                ;
        forget_gone(t->tree);
        assert_path(t->tree, before, "/a/x");
        assert_path(t->tree, deeper, "/b/locked/inside/deeper");
        assert_path(t->tree, deepest, "/b/locked/inside/deeper/deepest");
        assert_path(t->tree, beside, "/b/y/z");
        assert_path(t->tree, behind, "/c/x");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                TREE_TEST(test_unreadable),
                TREE_TEST(test_locked_meanwhile),
        };

        return cmocka_run_group_tests_name("cgroup-locked", tests, NULL, NULL);
}

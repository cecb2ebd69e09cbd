/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Cgroups that are told of by their lineage. */

#include "cgroup-case.h"

#include <errno.h>

#include "lineage.h"

/*
 * Names in the order of a path, of cgroups numbered from `first`, in the cgroup `base`; the last one is new.
 */
static int learn(CgroupTree *tree, uint64_t first, uint64_t base, size_t n, const char *const names[]) {
        _cleanup_(buffer_done) Buffer lineage = BUFFER_NULL;

        for (size_t i = n; i > 0; i--)
                lineage_step(&lineage, names[i - 1], i > 1 ? first + i - 2 : base);
        return cgroup_tree_learn(tree, first + n - 1, buffer_bytes(&lineage));
}

static void test_learn(void **state) {
        static const char *const names[] = { "a.slice", "a-b.slice", "c.service", "d" };
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = new_tree();
        CgroupPlace place;

        (void) state;
        assert_int_equal(learn(tree, 100, ROOT, 4, names), 1);
        assert_path(tree, 103, "/a.slice/a-b.slice/c.service/d");
        assert_true(cgroup_tree_find(tree, 103, &place));
        assert_bytes_equal(place.unit, BYTES_LITERAL("c.service"));
        assert_path(tree, 102, "/a.slice/a-b.slice/c.service");
        assert_int_equal(learn(tree, 100, ROOT, 4, names), 0);

        /* The nearest that is known counts, also when it is gone. */
        made(tree, 301, ROOT, "other");
        cgroup_tree_gone(tree, 301, 0);
        assert_int_equal(learn(tree, 300, ROOT, 4, names), 1);
        assert_path(tree, 303, "/other/c.service/d");

        /* One that waits is none. */
        made(tree, 401, 400, "waits");
        assert_int_equal(learn(tree, 400, ROOT, 4, names), 1);
        assert_path(tree, 403, "/a.slice/a-b.slice/c.service/d");
}

/* What lies outside of a cgroup namespace, whose root is cgroup 50. */
static void test_learn_outside(void **state) {
        static const char *const names[] = { "system.slice", "x.service", "y" };
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = NULL;
        CgroupPlace place;

        (void) state;
        assert_int_equal(cgroup_tree_new(&tree), 0);
        assert_int_equal(cgroup_tree_root(tree, 50, BYTES_LITERAL("/")), 0);
        assert_int_equal(learn(tree, 100, 1, 3, names), -ENOENT);
        assert_false(knows(tree, 102));
        assert_int_equal(cgroup_tree_learn(tree, 1, BYTES_NULL), -ENOENT);
        assert_int_equal(cgroup_tree_size(tree), 1);

        assert_int_equal(learn(tree, 49, 1, 3, names), 1);
        assert_path(tree, 51, "/y");
        assert_true(cgroup_tree_find(tree, 51, &place));
        assert_false(bytes_is_set(place.unit));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_learn),
                cmocka_unit_test(test_learn_outside),
        };

        return cmocka_run_group_tests_name("cgroup-learn", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the tree keeps of cgroups that somebody makes to fill it: long paths, deep ones, many of them. */

#include "cgroup-case.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>

/* What is kept of a path: all of it, or as many components as leave room for "/...". */
static void shorten(char *path) {
        if (strlen(path) < CGROUP_PATH_MAX)
                return;
        while (strlen(path) + strlen("/...") >= CGROUP_PATH_MAX)
                *strrchr(path, '/') = '\0';
        strcat(path, "/...");
}

static void test_long_path(void **state) {
        static const size_t sizes[] = { 16, 17, 18, 64, 100, 254, 255 };
        static const uint64_t first = 10;

        (void) state;
        for (size_t s = 0; s < ELEMENTSOF(sizes); s++) {
                _cleanup_(cgroup_tree_freep) CgroupTree *tree = new_tree();
                char path[CGROUP_PATH_MAX + 1000] = "/u.slice/long.service", expected[sizeof(path)],
                                            name[256] = "";

                memset(name, 'n', sizes[s]);
                made(tree, 2, ROOT, "u.slice");
                made(tree, first, 2, "long.service");
                for (uint64_t id = first + 1;
                        strlen(path) + 1 + sizes[s] < sizeof(path) && id < first + CGROUP_DEPTH_MAX - 1;
                        id++) {
                        CgroupPlace place;

                        strcat(strcat(path, "/"), name);
                        shorten(strcpy(expected, path));
                        made(tree, id, id - 1, name);
                        assert_path(tree, id, expected);
                        assert_true(cgroup_tree_find(tree, id, &place));
                        assert_bytes_equal(place.unit, BYTES_LITERAL("long.service"));
                }
                assert_true(strlen(path) >= CGROUP_PATH_MAX);
        }
}

/* Below a certain depth all count as children of the one there. */
static void test_deep(void **state) {
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = new_tree();
        char path[4096] = "/a.service";
        CgroupPlace place;

        (void) state;
        made(tree, 2, ROOT, "a.service");
        for (uint64_t depth = 2; depth <= CGROUP_DEPTH_MAX; depth++) {
                made(tree, depth + 1, depth, "d");
                strcat(path, "/d");
        }
        assert_path(tree, CGROUP_DEPTH_MAX + 1, path);
        strcat(path, "/...");
        for (uint64_t id = CGROUP_DEPTH_MAX + 2; id < 3000; id++)
                made(tree, id, id - 1, "e");
        assert_path(tree, CGROUP_DEPTH_MAX + 2, path);
        assert_path(tree, 2999, path);
        assert_true(cgroup_tree_find(tree, 2999, &place));
        assert_bytes_equal(place.unit, BYTES_LITERAL("a.service"));
        assert_int_equal(cgroup_tree_refused(tree), 0);
}

/* Without a way up the same: whoever follows it has no more to do. */
static void test_deep_waiting(void **state) {
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = new_tree();

        (void) state;
        for (uint64_t id = 3; id < 3 + CGROUP_DEPTH_MAX; id++)
                made(tree, id, id - 1, "w");
        assert_int_equal(
                cgroup_tree_made(tree, 3 + CGROUP_DEPTH_MAX, 2 + CGROUP_DEPTH_MAX, BYTES_LITERAL("w")),
                -ENOSPC);
        made(tree, 2, ROOT, "a");
        assert_true(knows(tree, 2 + CGROUP_DEPTH_MAX));
}

static void test_many_in_a_unit(void **state) {
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = new_tree();
        const uint64_t first = 100, n = CGROUP_NAMED_MAX + 1000;
        CgroupPlace place;
        char name[16];

        (void) state;
        made(tree, 2, ROOT, "user.slice");
        made(tree, 3, 2, "user@1.service");
        made(tree, 4, 3, "app.slice");
        for (uint64_t i = 0; i < n; i++) {
                (void) snprintf(name, sizeof(name), "n%llu", (unsigned long long) i);
                made(tree, first + i, 4, name);
        }
        assert_path(tree, first, "/user.slice/user@1.service/app.slice/n0");
        assert_path(tree, first + n - 1, "/user.slice/user@1.service/...");
        assert_true(cgroup_tree_find(tree, first + n - 1, &place));
        assert_bytes_equal(place.unit, BYTES_LITERAL("user@1.service"));
        made(tree, 10, first + n - 1, "below");
        assert_path(tree, 10, "/user.slice/user@1.service/...");

        /* Other units have theirs, and when those that are gone are forgotten there is room again. */
        made(tree, 5, ROOT, "other.service");
        made(tree, 6, 5, "x");
        assert_path(tree, 6, "/other.service/x");
        for (uint64_t i = 0; i < n; i++)
                cgroup_tree_gone(tree, first + i, 0);
        cgroup_tree_gone(tree, 10, 0);
        cgroup_tree_release(tree, 0);
        made(tree, 11, 4, "again");
        assert_path(tree, 11, "/user.slice/user@1.service/app.slice/again");
        assert_int_equal(cgroup_tree_refused(tree), 0);
}

static void test_too_many(void **state) {
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = new_tree();
        uint64_t id = 2;

        (void) state;
        while (cgroup_tree_size(tree) < CGROUP_NODES_MAX)
                made(tree, id++, ROOT, "x");
        assert_int_equal(cgroup_tree_made(tree, id, ROOT, BYTES_LITERAL("x")), -ENOSPC);
        assert_int_equal(cgroup_tree_made(tree, id, ROOT, BYTES_LITERAL("x.service")), -ENOSPC);
        assert_int_equal(cgroup_tree_refused(tree), 2);
        assert_false(knows(tree, id));
        assert_path(tree, id - 1, "/x");
        for (uint64_t i = 2; i < 2 + CGROUP_GONE_MAX + 1; i++)
                cgroup_tree_gone(tree, i, 0);
        cgroup_tree_release(tree, 0);
        made(tree, id, ROOT, "y");
}

/* Bytes of the heap that 100,000 cgroups take, each 15 levels of 250-byte names deep. */
static size_t heap_of_deep(const char *top) {
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = NULL;
        size_t before = mallinfo2().uordblks, size;
        char name[251];
        uint64_t id = 3;

        tree = new_tree();
        made(tree, 2, ROOT, top);
        while (id < 100000) {
                uint64_t parent = 2;

                for (int level = 0; level < 15; level++, id++) {
                        (void) snprintf(name, sizeof(name), "%0250llu", (unsigned long long) id);
                        made(tree, id, parent, name);
                        parent = id;
                }
        }
        size = mallinfo2().uordblks - before;
        print_message("%s: %zu bytes for each of 100000\n", top, size / 100000);
        return size / 100000;
}

static void test_heap(void **state) {
        (void) state;
        if (mallinfo2().uordblks == 0)
                skip(); /* under the sanitizers */
        assert_true(heap_of_deep("no-unit") <= 340); /* the name and 90 bytes */
        assert_true(heap_of_deep("a.service") <= 145);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_long_path),
                cmocka_unit_test(test_deep),
                cmocka_unit_test(test_deep_waiting),
                cmocka_unit_test(test_many_in_a_unit),
                cmocka_unit_test(test_too_many),
                cmocka_unit_test(test_heap),
        };

        return cmocka_run_group_tests_name("cgroup-bounds", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The tree of cgroups: what is known of which, for how long, and at what price. */

#include "cgroup-case.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>

#include "failing-memory.h"

static void test_find(void **state) {
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = new_tree();
        CgroupPlace place = { .unit = BYTES_LITERAL("untouched") };

        (void) state;
        assert_false(cgroup_tree_find(tree, 0, &place));
        assert_bytes_equal(place.unit, BYTES_LITERAL("untouched"));
        assert_true(cgroup_tree_find(tree, ROOT, &place));
        assert_bytes_equal(place.path, BYTES_LITERAL("/"));
        assert_false(bytes_is_set(place.unit));

        made(tree, 2, ROOT, "user.slice");
        made(tree, 3, 2, "user-1.slice");
        made(tree, 4, 3, "user@1.service");
        made(tree, 5, 4, "app.slice");
        made(tree, 6, 5, "a.service");
        made(tree, 7, 6, "docker-x");
        made(tree, UINT64_MAX, 3, "session-2.scope");
        made(tree, 0, ROOT, "machine.slice");
        made(tree, 8, 0, "machine-a\\x2db.scope");

        for (int i = 0; i < 2; i++) { /* put together, and kept */
                assert_true(cgroup_tree_find(tree, 7, &place));
                assert_bytes_equal(place.path,
                        BYTES_LITERAL(
                                "/user.slice/user-1.slice/user@1.service/app.slice/a.service/docker-x"));
                assert_bytes_equal(place.unit, BYTES_LITERAL("user@1.service"));
                assert_bytes_equal(place.user_unit, BYTES_LITERAL("a.service"));
                assert_bytes_equal(place.slice, BYTES_LITERAL("user-1.slice"));
                assert_false(bytes_is_set(place.session));
                assert_true(cgroup_tree_find(tree, UINT64_MAX, &place));
                assert_bytes_equal(place.session, BYTES_LITERAL("2"));
                assert_true(cgroup_tree_find(tree, 8, &place));
                assert_bytes_equal(place.unit, BYTES_LITERAL("machine-a\\x2db.scope"));
                assert_bytes_equal(place.container, BYTES_LITERAL("a-b"));
        }
        assert_path(tree, 0, "/machine.slice");
        assert_false(knows(tree, 9));
}

static void test_root(void **state) {
        static const char *const refused[] = { "", "a", "../a" };
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = new_tree();
        char path[PATH_MAX + 1] = "/";

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(refused); i++)
                assert_int_equal(cgroup_tree_root(tree, 9, bytes_of_string(refused[i])), -EINVAL);
        memset(path + 1, 'x', PATH_MAX - 1);
        assert_int_equal(cgroup_tree_root(tree, 9, bytes_of_string(path)), -EINVAL);

        assert_int_equal(cgroup_tree_root(tree, 9, BYTES_LITERAL("/a.slice/b.slice/")), 0);
        made(tree, 10, 9, "c.service");
        assert_path(tree, 10, "/a.slice/b.slice/c.service");
        /* Its parent, told of later, changes nothing; another path does. */
        assert_int_equal(cgroup_tree_made(tree, 9, ROOT, BYTES_LITERAL("x")), 0);
        assert_path(tree, 10, "/a.slice/b.slice/c.service");
        assert_int_equal(cgroup_tree_root(tree, 9, BYTES_LITERAL("/d")), 0);
        assert_path(tree, 10, "/d/c.service");
}

static void test_made(void **state) {
        static const Bytes names[] = { BYTES_LITERAL(""), BYTES_LITERAL("a/b"), BYTES_LITERAL("a\0b") };
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = new_tree();
        char name[NAME_MAX + 2] = "";

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                assert_int_equal(cgroup_tree_made(tree, 5, ROOT, names[i]), -EINVAL);
        memset(name, 'n', NAME_MAX + 1);
        assert_int_equal(cgroup_tree_made(tree, 5, ROOT, bytes_of_string(name)), -EINVAL);
        assert_int_equal(cgroup_tree_made(tree, 5, 5, BYTES_LITERAL("x")), -EINVAL);
        assert_false(knows(tree, 5));
        name[NAME_MAX] = '\0';
        made(tree, 5, ROOT, name);

        /* Told again, and told otherwise. */
        assert_int_equal(cgroup_tree_made(tree, 5, ROOT, bytes_of_string(name)), 0);
        made(tree, 6, 5, "below");
        made(tree, 5, ROOT, "b.service");
        assert_path(tree, 5, "/b.service");
        assert_int_equal(cgroup_tree_size(tree), 3);
}

/* One whose parent is not known waits for it. */
static void test_waiting(void **state) {
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = new_tree();
        CgroupPlace place;

        (void) state;
        made(tree, 12, 11, "b.service");
        made(tree, 13, 12, "c");
        assert_path(tree, 12, NULL);
        assert_path(tree, 13, NULL);
        made(tree, 11, ROOT, "a.slice");
        assert_path(tree, 13, "/a.slice/b.service/c");
        assert_true(cgroup_tree_find(tree, 13, &place));
        assert_bytes_equal(place.unit, BYTES_LITERAL("b.service"));

        /* A circle is no way up. */
        made(tree, 20, 22, "x");
        made(tree, 21, 20, "y");
        made(tree, 22, 21, "z");
        assert_path(tree, 22, NULL);

        /* A limited number does. */
        for (uint64_t i = 0; i < CGROUP_WAITING_MAX - 5; i++)
                made(tree, 1000 + i, 999, "w");
        assert_int_equal(cgroup_tree_refused(tree), 0);
        assert_int_equal(cgroup_tree_made(tree, 999999, 999, BYTES_LITERAL("w")), -ENOSPC);
        assert_int_equal(cgroup_tree_refused(tree), 1);
        made(tree, 999, ROOT, "known");
        assert_path(tree, 1000, "/known/w");
        assert_int_equal(cgroup_tree_seen(tree, 1000, 999, BYTES_LITERAL("w")), 1);
        made(tree, 999999, 998, "w");
}

/* Cgroup `id` is "/uID.service". */
static void made_unit(CgroupTree *tree, uint64_t id) {
        char name[64];

        (void) snprintf(name, sizeof(name), "u%llu.service", (unsigned long long) id);
        made(tree, id, ROOT, name);
}

static void assert_unit(CgroupTree *tree, uint64_t id) {
        char unit[64];
        CgroupPlace place;

        (void) snprintf(unit, sizeof(unit), "u%llu.service", (unsigned long long) id);
        assert_true(cgroup_tree_find(tree, id, &place));
        assert_bytes_equal(place.unit, bytes_of_string(unit));
}

/*
 * Those that are gone are known until all that may refer to them was delivered, and the last of them for
 * longer.
 */
static void test_gone(void **state) {
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = new_tree();
        const uint64_t n = CGROUP_GONE_MAX + 100, first = 10;

        (void) state;
        for (uint64_t id = first; id < first + n; id++)
                made_unit(tree, id);
        cgroup_tree_gone(tree, 999999, 5); /* never was */
        for (uint64_t id = first; id < first + n; id++) {
                cgroup_tree_gone(tree, id, id);
                cgroup_tree_gone(tree, id, id + 1000000); /* is gone once */
        }
        cgroup_tree_release(tree, first - 1);
        for (uint64_t id = first; id < first + n; id++)
                assert_unit(tree, id);
        cgroup_tree_release(tree, first + 49);
        for (uint64_t id = first; id < first + n; id++)
                assert_int_equal(knows(tree, id), id >= first + 50);
        cgroup_tree_release(tree, UINT64_MAX);
        for (uint64_t id = first; id < first + n; id++)
                assert_int_equal(knows(tree, id), id >= first + 100);
}

/*
 * A record that is read again makes a cgroup again: then it is not gone, wherever it stood among those that
 * are.
 */
static void test_made_again(void **state) {
        static const uint64_t again[] = { 10, CGROUP_GONE_MAX / 2, CGROUP_GONE_MAX + 9 };
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = new_tree();

        (void) state;
        for (uint64_t id = 10; id < 10 + CGROUP_GONE_MAX; id++)
                made_unit(tree, id);
        for (uint64_t id = 10; id < 10 + CGROUP_GONE_MAX; id++)
                cgroup_tree_gone(tree, id, 1);
        for (size_t i = 0; i < ELEMENTSOF(again); i++)
                made_unit(tree, again[i]);
        forget_gone(tree);
        for (uint64_t id = 10; id < 10 + CGROUP_GONE_MAX; id++)
                assert_int_equal(knows(tree, id), id == again[0] || id == again[1] || id == again[2]);
        assert_unit(tree, again[0]);
        assert_int_equal(cgroup_tree_size(tree), 1 + ELEMENTSOF(again) + CGROUP_GONE_MAX);
}

/* Bytes that are allocated; 0 under the sanitizers, which see a leak themselves. */
static size_t allocated(void) {
        return mallinfo2().uordblks;
}

static void test_many_come_and_go(void **state) {
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = new_tree();
        const uint64_t stay = 3000, first = 10000, last = first + 100000;
        size_t before = 0;

        (void) state;
        for (uint64_t id = 2; id <= stay; id++)
                made_unit(tree, id);
        for (uint64_t id = first; id <= last; id++) {
                made_unit(tree, id);
                assert_unit(tree, id);
                cgroup_tree_gone(tree, id, id);
                assert_unit(tree, id);
                cgroup_tree_release(tree, id);
                if (id >= first + CGROUP_GONE_MAX)
                        assert_false(knows(tree, id - CGROUP_GONE_MAX));
                if (id == first + 10000)
                        before = allocated();
        }
        assert_true(allocated() < before + 65536);
        for (uint64_t id = 2; id <= stay; id++)
                assert_unit(tree, id);
}

/* Ids as the kernel gives them, with steps between them, and as it might. */
static void test_many_at_once(void **state) {
        static const uint64_t steps[] = { 2, 64, UINT64_C(1) << 32, UINT64_C(0x100000001) };

        (void) state;
        for (size_t s = 0; s < ELEMENTSOF(steps); s++) {
                _cleanup_(cgroup_tree_freep) CgroupTree *tree = new_tree();

                for (uint64_t i = 1; i <= 20000; i++)
                        made_unit(tree, i * steps[s]);
                for (uint64_t i = 1; i <= 20000; i++)
                        assert_unit(tree, i * steps[s]);
                assert_false(knows(tree, 20001 * steps[s]));
                for (uint64_t i = 1; i <= 20000; i++)
                        cgroup_tree_gone(tree, i * steps[s], i);
                cgroup_tree_release(tree, 20000);
                for (uint64_t i = 1; i <= 20000; i++)
                        assert_int_equal(knows(tree, i * steps[s]), i > 20000 - CGROUP_GONE_MAX);
        }
}

static void count_unit(void *userdata, uint64_t id, const CgroupPlace *place) {
        uint64_t *sum = userdata;

        if (id == ROOT)
                return;
        assert_true(bytes_is_set(place->unit));
        *sum += id;
}

static void test_visit(void **state) {
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = new_tree();
        uint64_t sum = 0;

        (void) state;
        cgroup_tree_visit(tree, count_unit, &sum);
        assert_int_equal(sum, 0);
        for (uint64_t id = 2; id <= 1000; id++)
                made_unit(tree, id);
        made(tree, 5000, 4999, "waits.service");
        cgroup_tree_gone(tree, 400, 0);
        cgroup_tree_visit(tree, count_unit, &sum);
        assert_int_equal(sum, 1000 * 1001 / 2 - 1 - 400);
}

static void test_no_memory(void **state) {
        CgroupTree *tree = NULL;
        CgroupPlace place;

        (void) state;
        for (size_t n = 0;; n++) {
                int r;

                memory_fail_after(n);
                r = cgroup_tree_new(&tree);
                if (!memory_restore()) {
                        assert_int_equal(r, 0);
                        break;
                }
                assert_int_equal(r, -ENOMEM);
                assert_null(tree);
        }
        for (size_t n = 0; n < 2; n++) {
                memory_fail_after(0);
                assert_int_equal(cgroup_tree_root(tree, ROOT, BYTES_LITERAL("/a.service")), -ENOMEM);
                assert_true(memory_restore());
        }
        assert_int_equal(cgroup_tree_root(tree, ROOT, BYTES_LITERAL("/")), 0);
        made_unit(tree, 2);
        for (size_t n = 0; n < 2; n++) { /* for the unit, and for the node */
                memory_fail_after(n);
                assert_int_equal(cgroup_tree_made(tree, 3, ROOT, BYTES_LITERAL("u3.service")), -ENOMEM);
                memory_fail_after(n);
                assert_int_equal(cgroup_tree_made(tree, 2, ROOT, BYTES_LITERAL("o.service")), -ENOMEM);
                assert_true(memory_restore());
        }
        memory_fail_after(0);
        assert_int_equal(cgroup_tree_find(tree, 2, &place), -ENOMEM);
        assert_true(memory_restore());
        assert_unit(tree, 2);
        assert_false(knows(tree, 3));

        /* A table that can't grow is slower, and complete. */
        for (uint64_t id = 3; id <= 5000; id++) {
                memory_fail_after(2);
                made_unit(tree, id);
                (void) memory_restore();
        }
        for (uint64_t id = 2; id <= 5000; id++)
                assert_unit(tree, id);
        tree = cgroup_tree_free(tree);
        assert_null(tree);
        assert_null(cgroup_tree_free(NULL));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_find),
                cmocka_unit_test(test_root),
                cmocka_unit_test(test_made),
                cmocka_unit_test(test_waiting),
                cmocka_unit_test(test_gone),
                cmocka_unit_test(test_made_again),
                cmocka_unit_test(test_many_come_and_go),
                cmocka_unit_test(test_many_at_once),
                cmocka_unit_test(test_visit),
                cmocka_unit_test(test_no_memory),
        };

        return cmocka_run_group_tests_name("cgroup-tree", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Paths of cgroups, put together from what is known and what is told. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "cgroup/tree.h"
#include "lineage.h"
#include "text.h"

static CgroupCache *cache_new(void) {
        CgroupCache *cache = NULL;

        assert_int_equal(cgroup_cache_new(&cache), 0);
        return cache;
}

static void add(CgroupCache *cache, uint64_t id, const char *path) {
        assert_int_equal(cgroup_cache_add(cache, id, bytes_of_string(path)), 0);
}

static bool knows(const CgroupCache *cache, uint64_t id) {
        CgroupPlace place;

        return cgroup_cache_find(cache, id, &place);
}

/* Names in the order of a path, of cgroups numbered from `first`, in the cgroup `base`; the last one is new. */
static int learn(CgroupCache *cache, uint64_t first, uint64_t base, size_t n, const char *const names[]) {
        _cleanup_(buffer_done) Buffer lineage = BUFFER_NULL;

        for (size_t i = n; i > 0; i--)
                lineage_step(&lineage, names[i - 1], i > 1 ? first + i - 2 : base);
        return cgroup_cache_learn(cache, first + n - 1, buffer_bytes(&lineage));
}

static void assert_path(const CgroupCache *cache, uint64_t id, const char *path) {
        CgroupPlace place;

        assert_true(cgroup_cache_find(cache, id, &place));
        assert_bytes_equal(place.path, bytes_of_string(path));
}

static void test_learn(void **state) {
        static const char *const names[] = { "a.slice", "a-b.slice", "c.service", "d" };
        _cleanup_(cgroup_cache_freep) CgroupCache *cache = cache_new();
        CgroupPlace place;

        (void) state;
        add(cache, 1, "/");
        assert_int_equal(learn(cache, 100, 1, 4, names), 0);
        assert_path(cache, 103, "/a.slice/a-b.slice/c.service/d");
        assert_true(cgroup_cache_find(cache, 103, &place));
        assert_bytes_equal(place.unit, BYTES_LITERAL("c.service"));
        assert_false(knows(cache, 102));
        assert_int_equal(learn(cache, 200, 1, 1, names), 0);
        assert_path(cache, 200, "/a.slice");

        /* The nearest that is known counts, also when it is gone, but not one that has no path. */
        add(cache, 301, "/other");
        cgroup_cache_remove(cache, 301);
        assert_int_equal(learn(cache, 300, 1, 4, names), 0);
        assert_path(cache, 303, "/other/c.service/d");
        add(cache, 401, "");
        assert_int_equal(learn(cache, 400, 1, 4, names), 0);
        assert_path(cache, 403, "/a.slice/a-b.slice/c.service/d");

        /* Again, and with a place of its own. */
        assert_int_equal(learn(cache, 303, 1, 1, names), 0);
        assert_path(cache, 303, "/a.slice");
}

/* What lies outside of a cgroup namespace, whose root is cgroup 50. */
static void test_learn_outside(void **state) {
        static const char *const names[] = { "system.slice", "x.service", "y" };
        _cleanup_(cgroup_cache_freep) CgroupCache *cache = cache_new();
        CgroupPlace place;

        (void) state;
        add(cache, 50, "/");
        assert_int_equal(learn(cache, 100, 1, 3, names), -ENOENT);
        assert_false(knows(cache, 102));
        assert_int_equal(cgroup_cache_learn(cache, 1, BYTES_NULL), -ENOENT);

        assert_int_equal(learn(cache, 49, 1, 3, names), 0);
        assert_path(cache, 51, "/y");
        assert_true(cgroup_cache_find(cache, 51, &place));
        assert_false(bytes_is_set(place.unit));
}

/* What is kept of a path: all of it, or as many components as leave room for "/...". */
static void shorten(char *path) {
        if (strlen(path) < CGROUP_PATH_MAX)
                return;
        while (strlen(path) + strlen("/...") >= CGROUP_PATH_MAX)
                *strrchr(path, '/') = '\0';
        strcat(path, "/...");
}

/* However long it is, the front of a path is kept, and with it the unit; and in whichever way it is told. */
static void test_long_path(void **state) {
        static const size_t sizes[] = { 1, 2, 3, 64, 100, 254, 255 };
        static const uint64_t unit = 2, first = 10, whole = 5, at_once = 6;

        (void) state;
        for (size_t s = 0; s < ELEMENTSOF(sizes); s++) {
                _cleanup_(cgroup_cache_freep) CgroupCache *cache = cache_new();
                char path[CGROUP_PATH_MAX + 1000] = "/u.slice/long.service", expected[sizeof(path)],
                                            name[256] = "";
                _cleanup_(buffer_done) Buffer lineage = BUFFER_NULL;

                memset(name, 'n', sizes[s]);
                add(cache, unit, path);
                for (uint64_t id = first; strlen(path) + 1 + sizes[s] < sizeof(path); id++) {
                        const char *const names[] = { name };
                        CgroupPlace place;

                        strcat(strcat(path, "/"), name);
                        shorten(strcpy(expected, path));
                        assert_int_equal(learn(cache, id, id > first ? id - 1 : unit, 1, names), 0);
                        assert_path(cache, id, expected);
                        assert_true(cgroup_cache_find(cache, id, &place));
                        assert_bytes_equal(place.unit, BYTES_LITERAL("long.service"));

                        assert_int_equal(cgroup_cache_add(cache, whole, bytes_of_string(path)), 0);
                        assert_path(cache, whole, expected);
                        lineage_step(&lineage, name, 0); /* of parents that nobody knows */
                }
                memcpy(lineage.data + lineage.size - sizeof(unit), &unit, sizeof(unit));
                assert_int_equal(cgroup_cache_learn(cache, at_once, buffer_bytes(&lineage)), 0);
                assert_path(cache, at_once, expected);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_learn),
                cmocka_unit_test(test_learn_outside),
                cmocka_unit_test(test_long_path),
        };

        return cmocka_run_group_tests_name("cgroup-learn", tests, NULL, NULL);
}

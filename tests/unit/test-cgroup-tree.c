/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The cache of cgroups: what is known of which, for how long, and at what price. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "cgroup/tree.h"
#include "failing-memory.h"
#include "text.h"

static CgroupCache *cache_new(void) {
        CgroupCache *cache = NULL;

        assert_int_equal(cgroup_cache_new(&cache), 0);
        return cache;
}

static void add(CgroupCache *cache, uint64_t id, const char *path) {
        char copy[256];

        /* The cache's own copy is what counts. */
        strcpy(copy, path);
        assert_int_equal(cgroup_cache_add(cache, id, bytes_of_string(copy)), 0);
        memset(copy, 'x', sizeof(copy));
}

/* Cgroup `id` is "/system.slice/uID.service". */
static void add_unit(CgroupCache *cache, uint64_t id) {
        char path[64];

        (void) snprintf(path, sizeof(path), "/system.slice/u%llu.service", (unsigned long long) id);
        add(cache, id, path);
}

static bool knows(const CgroupCache *cache, uint64_t id) {
        CgroupPlace place;

        return cgroup_cache_find(cache, id, &place);
}

static void assert_unit(const CgroupCache *cache, uint64_t id) {
        char unit[64];
        CgroupPlace place;

        (void) snprintf(unit, sizeof(unit), "u%llu.service", (unsigned long long) id);
        assert_true(cgroup_cache_find(cache, id, &place));
        assert_bytes_equal(place.unit, bytes_of_string(unit));
}

static void count_unit(void *userdata, uint64_t id, const CgroupPlace *place) {
        uint64_t *sum = userdata;

        assert_true(bytes_is_set(place->unit));
        *sum += id;
}

static void test_visit(void **state) {
        _cleanup_(cgroup_cache_freep) CgroupCache *cache = cache_new();
        uint64_t sum = 0;

        (void) state;
        cgroup_cache_visit(cache, count_unit, &sum);
        assert_int_equal(sum, 0);
        for (uint64_t id = 1; id <= 1000; id++)
                add_unit(cache, id);
        cgroup_cache_remove(cache, 400);
        cgroup_cache_visit(cache, count_unit, &sum);
        assert_int_equal(sum, 1000 * 1001 / 2 - 400);
}

static void test_find(void **state) {
        _cleanup_(cgroup_cache_freep) CgroupCache *cache = cache_new();
        CgroupPlace place = { .unit = BYTES_LITERAL("untouched") };

        (void) state;
        assert_false(cgroup_cache_find(cache, 0, &place));
        assert_bytes_equal(place.unit, BYTES_LITERAL("untouched"));

        add(cache, 7, "/user.slice/user-1.slice/user@1.service/app.slice/a.service/docker-x");
        add(cache, UINT64_MAX, "/user.slice/user-1.slice/session-2.scope");
        add(cache, 0, "/machine.slice/machine-a\\x2db.scope");
        add(cache, 1, "/");
        add(cache, 2, "");

        assert_true(cgroup_cache_find(cache, 7, &place));
        assert_bytes_equal(place.path,
                BYTES_LITERAL("/user.slice/user-1.slice/user@1.service/app.slice/a.service/docker-x"));
        assert_bytes_equal(place.unit, BYTES_LITERAL("user@1.service"));
        assert_bytes_equal(place.user_unit, BYTES_LITERAL("a.service"));
        assert_bytes_equal(place.slice, BYTES_LITERAL("user-1.slice"));
        assert_false(bytes_is_set(place.session));

        assert_true(cgroup_cache_find(cache, UINT64_MAX, &place));
        assert_bytes_equal(place.session, BYTES_LITERAL("2"));
        assert_false(bytes_is_set(place.user_unit));

        assert_true(cgroup_cache_find(cache, 0, &place));
        assert_bytes_equal(place.unit, BYTES_LITERAL("machine-a\\x2db.scope"));
        assert_bytes_equal(place.container, BYTES_LITERAL("a-b"));

        assert_true(cgroup_cache_find(cache, 1, &place));
        assert_bytes_equal(place.path, BYTES_LITERAL("/"));
        assert_false(bytes_is_set(place.unit));
        assert_true(cgroup_cache_find(cache, 2, &place));
        assert_false(bytes_is_set(place.path));
        assert_false(knows(cache, 3));
}

static void test_replace(void **state) {
        _cleanup_(cgroup_cache_freep) CgroupCache *cache = cache_new();
        CgroupPlace place;

        (void) state;
        add(cache, 5, "/a.service");
        add(cache, 5, "/b.service");
        assert_true(cgroup_cache_find(cache, 5, &place));
        assert_bytes_equal(place.unit, BYTES_LITERAL("b.service"));

        /* Also with what it is known by itself. */
        assert_int_equal(cgroup_cache_add(cache, 5, place.path), 0);
        assert_true(cgroup_cache_find(cache, 5, &place));
        assert_bytes_equal(place.path, BYTES_LITERAL("/b.service"));
}

static void remove_range(CgroupCache *cache, uint64_t first, uint64_t last) {
        for (uint64_t id = first; id <= last; id++)
                cgroup_cache_remove(cache, id);
}

/* Those that are gone are forgotten in the order in which they went. */
static void test_gone(void **state) {
        _cleanup_(cgroup_cache_freep) CgroupCache *cache = cache_new();

        (void) state;
        for (uint64_t id = 1; id <= CGROUP_GONE_MAX + 10; id++)
                add_unit(cache, id);
        cgroup_cache_remove(cache, 2);
        cgroup_cache_remove(cache, 2); /* is gone once */
        cgroup_cache_remove(cache, 1);
        cgroup_cache_remove(cache, 1000000); /* never was */
        remove_range(cache, 3, CGROUP_GONE_MAX);
        for (uint64_t id = 1; id <= CGROUP_GONE_MAX + 10; id++)
                assert_unit(cache, id);

        cgroup_cache_remove(cache, CGROUP_GONE_MAX + 1);
        assert_false(knows(cache, 2));
        assert_unit(cache, 1);
        cgroup_cache_remove(cache, CGROUP_GONE_MAX + 2);
        assert_false(knows(cache, 1));
        assert_unit(cache, 3);
        assert_unit(cache, CGROUP_GONE_MAX + 2);
        assert_unit(cache, CGROUP_GONE_MAX + 10);
}

/* A record that is read again makes a cgroup again: then it is not gone, wherever it stood among those that are. */
static void test_made_again(void **state) {
        static const uint64_t again[] = { 1, CGROUP_GONE_MAX / 2, CGROUP_GONE_MAX };
        _cleanup_(cgroup_cache_freep) CgroupCache *cache = cache_new();
        const uint64_t others = 10 * CGROUP_GONE_MAX;

        (void) state;
        for (uint64_t id = 1; id <= CGROUP_GONE_MAX; id++)
                add_unit(cache, id);
        remove_range(cache, 1, CGROUP_GONE_MAX);
        for (size_t i = 0; i < ELEMENTSOF(again); i++)
                add_unit(cache, again[i]);

        for (uint64_t id = others; id < others + ELEMENTSOF(again); id++) {
                add_unit(cache, id);
                cgroup_cache_remove(cache, id);
        }
        for (uint64_t id = 1; id <= CGROUP_GONE_MAX; id++)
                assert_unit(cache, id);

        for (uint64_t id = others; id < others + CGROUP_GONE_MAX; id++) {
                add_unit(cache, id);
                cgroup_cache_remove(cache, id);
        }
        for (uint64_t id = 1; id <= CGROUP_GONE_MAX; id++)
                assert_int_equal(knows(cache, id), id == again[0] || id == again[1] || id == again[2]);
}

/* Bytes that are allocated; 0 under the sanitizers, which see a leak themselves. */
static size_t allocated(void) {
        return mallinfo2().uordblks;
}

static void test_many_come_and_go(void **state) {
        _cleanup_(cgroup_cache_freep) CgroupCache *cache = cache_new();
        const uint64_t stay = 3000, first = 10000, last = first + 100000;
        size_t before = 0;

        (void) state;
        for (uint64_t id = 1; id <= stay; id++)
                add_unit(cache, id);
        for (uint64_t id = first; id <= last; id++) {
                add_unit(cache, id);
                assert_unit(cache, id);
                cgroup_cache_remove(cache, id);
                assert_unit(cache, id);
                if (id >= first + CGROUP_GONE_MAX)
                        assert_false(knows(cache, id - CGROUP_GONE_MAX));
                if (id == first + 10000)
                        before = allocated();
        }
        assert_true(allocated() < before + 65536);
        for (uint64_t id = 1; id <= stay; id++)
                assert_unit(cache, id);
}

/* Ids as the kernel gives them, with steps between them, and as it might. */
static void test_many_at_once(void **state) {
        static const uint64_t steps[] = { 1, 64, UINT64_C(1) << 32, UINT64_C(0x100000001) };

        (void) state;
        for (size_t s = 0; s < ELEMENTSOF(steps); s++) {
                _cleanup_(cgroup_cache_freep) CgroupCache *cache = cache_new();

                for (uint64_t i = 1; i <= 20000; i++)
                        add_unit(cache, i * steps[s]);
                for (uint64_t i = 1; i <= 20000; i++)
                        assert_unit(cache, i * steps[s]);
                assert_false(knows(cache, 20001 * steps[s]));
                for (uint64_t i = 1; i <= 20000; i++)
                        cgroup_cache_remove(cache, i * steps[s]);
                for (uint64_t i = 1; i <= 20000; i++)
                        assert_int_equal(knows(cache, i * steps[s]), i > 20000 - CGROUP_GONE_MAX);
        }
}

static void test_no_memory(void **state) {
        CgroupCache *cache = NULL;

        (void) state;
        for (size_t n = 0;; n++) {
                int r;

                memory_fail_after(n);
                r = cgroup_cache_new(&cache);
                if (!memory_restore()) {
                        assert_int_equal(r, 0);
                        break;
                }
                assert_int_equal(r, -ENOMEM);
                assert_null(cache);
        }

        add_unit(cache, 1);
        memory_fail_after(0);
        assert_int_equal(cgroup_cache_add(cache, 2, BYTES_LITERAL("/u2.service")), -ENOMEM);
        memory_fail_after(0);
        assert_int_equal(cgroup_cache_add(cache, 1, BYTES_LITERAL("/other.service")), -ENOMEM);
        assert_true(memory_restore());
        assert_unit(cache, 1);
        assert_false(knows(cache, 2));

        /* A table that can't grow is slower, and complete. */
        for (uint64_t id = 1; id <= 5000; id++) {
                memory_fail_after(1);
                add_unit(cache, id);
                (void) memory_restore();
        }
        for (uint64_t id = 1; id <= 5000; id++)
                assert_unit(cache, id);
        cache = cgroup_cache_free(cache);
        assert_null(cache);
        assert_null(cgroup_cache_free(NULL));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_find),
                cmocka_unit_test(test_replace),
                cmocka_unit_test(test_gone),
                cmocka_unit_test(test_made_again),
                cmocka_unit_test(test_many_come_and_go),
                cmocka_unit_test(test_many_at_once),
                cmocka_unit_test(test_visit),
                cmocka_unit_test(test_no_memory),
        };

        return cmocka_run_group_tests_name("cgroup-tree", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing-memory.h"
#include "files/cache.h"

#define FOR_EVER UINT64_MAX
#define PATH BYTES_LITERAL("/usr/bin/a")

static int setup(void **state) {
        BuildIdCache *cache = NULL;

        assert_int_equal(build_id_cache_new(&cache), 0);
        *state = cache;
        return 0;
}

static int teardown(void **state) {
        assert_null(build_id_cache_free(*state));
        return 0;
}

static FileIdentity file_of(uint64_t inode) {
        return (FileIdentity){
                .inode = inode, .ctime_ns = 1700000000000000001, .device = 8 << 20 | 1, .known = true
        };
}

static BuildId id_of(uint64_t number) {
        BuildId id = { .size = sizeof(number) };

        memcpy(id.bytes, &number, sizeof(number));
        return id;
}

static void put(BuildIdCache *cache, FileIdentity file, uint64_t number) {
        BuildId id = id_of(number);

        build_id_cache_put(cache, &file, PATH, false, FOR_EVER, &id);
}

/* The number under which it was put, 0 for none. */
static uint64_t find_at(BuildIdCache *cache, FileIdentity file, Bytes path, uint64_t now) {
        const BuildId *id = build_id_cache_find(cache, &file, path, now);
        uint64_t number;

        if (!id)
                return 0;
        assert_int_equal(id->size, sizeof(number));
        memcpy(&number, id->bytes, sizeof(number));
        return number;
}

static uint64_t find(BuildIdCache *cache, FileIdentity file) {
        return find_at(cache, file, PATH, 1);
}

/* Each part of the identity tells files apart, the path does not. */
static void test_identity(void **state) {
        FileIdentity file = file_of(1), other;

        assert_int_equal(find(*state, file), 0);
        put(*state, file, 10);
        assert_int_equal(find(*state, file), 10);
        assert_int_equal(find_at(*state, file, BYTES_LITERAL("/other"), 1), 10);
        assert_int_equal(find_at(*state, file, BYTES_NULL, 1), 10);

        other = file;
        other.inode++;
        assert_int_equal(find(*state, other), 0);
        other = file;
        other.device++;
        assert_int_equal(find(*state, other), 0);
        other = file;
        other.ctime_ns++;
        assert_int_equal(find(*state, other), 0);
        other = file;
        other.known = false;
        assert_int_equal(find(*state, other), 0);

        put(*state, file, 11);
        assert_int_equal(find(*state, file), 11);
}

static void test_of_path(void **state) {
        FileIdentity file = file_of(1);
        BuildId a = id_of(1), b = id_of(2);

        build_id_cache_put(*state, &file, BYTES_LITERAL("/a"), true, FOR_EVER, &a);
        assert_int_equal(find_at(*state, file, BYTES_LITERAL("/a"), 1), 1);
        assert_int_equal(find_at(*state, file, BYTES_LITERAL("/b"), 1), 0);
        assert_int_equal(find_at(*state, file, BYTES_NULL, 1), 0);
        build_id_cache_put(*state, &file, BYTES_LITERAL("/b"), true, FOR_EVER, &b);
        assert_int_equal(find_at(*state, file, BYTES_LITERAL("/a"), 1), 1);
        assert_int_equal(find_at(*state, file, BYTES_LITERAL("/b"), 1), 2);
}

static void test_none_is_kept(void **state) {
        const BuildId none = {};
        FileIdentity file = file_of(1);
        const BuildId *id;

        build_id_cache_put(*state, &file, PATH, false, FOR_EVER, &none);
        id = build_id_cache_find(*state, &file, PATH, 1);
        assert_non_null(id);
        assert_int_equal(id->size, 0);
}

static void test_time(void **state) {
        FileIdentity file = file_of(1);
        BuildId id = id_of(3);

        build_id_cache_put(*state, &file, PATH, false, 100, &id);
        assert_int_equal(find_at(*state, file, PATH, 99), 3);
        assert_int_equal(find_at(*state, file, PATH, 100), 0);
        put(*state, file, 4);
        assert_int_equal(find_at(*state, file, PATH, UINT64_MAX - 1), 4);
}

/* What is used stays while any number of others come by; of those most of the last ones are there. */
static void test_bound(void **state) {
        const uint64_t n = 100000;
        size_t kept = 0, late = 0;

        put(*state, file_of(1), 1);
        for (uint64_t i = 2; i < n; i++) {
                put(*state, file_of(i), i);
                assert_int_equal(find(*state, file_of(1)), 1);
                assert_int_equal(find(*state, file_of(i)), i);
        }
        for (uint64_t i = 2; i < n; i++) {
                uint64_t found = find(*state, file_of(i));

                assert_true(found == 0 || found == i);
                kept += found != 0;
                late += found != 0 && i >= n - BUILD_ID_CACHE_SIZE / 2;
        }
        assert_in_range(kept, BUILD_ID_CACHE_SIZE / 2, BUILD_ID_CACHE_SIZE);
        assert_true(late > BUILD_ID_CACHE_SIZE / 2 * 9 / 10);
}

static void test_memory(void **state) {
        BuildIdCache *cache = NULL;

        (void) state;
        memory_fail_after(0);
        assert_int_equal(build_id_cache_new(&cache), -ENOMEM);
        assert_true(memory_restore());
        assert_null(cache);
        assert_null(build_id_cache_free(NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_identity),
                TEST(test_of_path),
                TEST(test_none_is_kept),
                TEST(test_time),
                TEST(test_bound),
                cmocka_unit_test(test_memory),
        };

        return cmocka_run_group_tests_name("files-cache", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Paths of cgroups, whose ends anybody may choose, and the cache of them. An input is a sequence of orders: a byte whose
 * lower half is the cgroup and whose upper half says what happens to it (made, gone), and the path of one that is made.
 */

#include <ctype.h>

#include "enrich/cgroup.h"
#include "fuzz.h"

#define CGROUPS 16

typedef struct Known {
        char *path; /* NULL: was never made */
        size_t size;
} Known;

/* The name is a unit's, and of one of these types. */
static void assert_unit(Bytes unit, const char *const types[]) {
        const char *dot = memrchr(unit.data, '.', unit.size);
        bool known = false;

        assert_non_null(dot);
        assert_true(unit.size <= 255 && dot > unit.data);
        for (size_t i = 0; types[i]; i++)
                known = known ||
                        bytes_equal((Bytes){ dot + 1, (size_t) (unit.data + unit.size - dot - 1) },
                                bytes_of_string(types[i]));
        assert_true(known);
        for (size_t i = 0; i < unit.size; i++)
                assert_true(isalnum((unsigned char) unit.data[i]) ||
                        (unit.data[i] && strchr(":-_.\\@", unit.data[i])));
}

/* A part of the path, a constant or in the storage: `text` is a part of one. */
static void assert_within(Bytes text, Bytes path) {
        if (bytes_is_set(text) && text.size > 0)
                assert_non_null(memmem(path.data, path.size, text.data, text.size));
}

static void check_place(const CgroupPlace *place, Bytes path) {
        static const char *const slices[] = { "slice", NULL };
        static const char *const others[] = { "service", "scope", "socket", "mount", "swap", "automount",
                "device", "path", "target", "timer", NULL };

        if (path.size == 0 || path.data[0] != '/') {
                assert_null(place->path.data);
                assert_null(place->unit.data);
                assert_null(place->container.data);
                return;
        }
        assert_same(place->path, path);
        assert_within(place->unit, path);
        assert_within(place->user_unit, path);
        assert_within(place->session, path);
        if (bytes_is_set(place->unit)) {
                assert_unit(place->unit, others);
                assert_true(bytes_is_set(place->slice));
        }
        if (bytes_is_set(place->user_unit)) {
                assert_unit(place->user_unit, others);
                assert_true(bytes_is_set(place->unit));
        }
        if (bytes_is_set(place->slice) && !bytes_equal(place->slice, BYTES_LITERAL("-.slice"))) {
                assert_unit(place->slice, slices);
                assert_within(place->slice, path);
        }
        for (size_t i = 0; i < place->session.size; i++)
                assert_true(isalnum((unsigned char) place->session.data[i]));
        if (bytes_is_set(place->container)) {
                assert_true(place->container.size > 0);
                if (!memchr(path.data, '\\', path.size))
                        assert_within(place->container, path);
                assert_null(memchr(place->container.data, '/', place->container.size));
        }
}

static void check_path(Bytes path) {
        _cleanup_free_ char *copy = copy_of(path), *storage = malloc(CGROUP_MACHINE_MAX);
        bool escapes = path.size > 0 && memchr(path.data, '\\', path.size);
        CgroupPlace place;

        assert_non_null(storage);
        cgroup_path_parse((Bytes){ copy, path.size }, escapes ? storage : NULL, &place);
        check_place(&place, path);
}

static void check_cache(const CgroupCache *cache, const Known known[static CGROUPS]) {
        for (uint64_t id = 0; id < CGROUPS; id++) {
                Bytes path = { known[id].path, known[id].size };
                CgroupPlace place;

                assert_int_equal(cgroup_cache_find(cache, id, &place), known[id].path != NULL);
                if (known[id].path)
                        check_place(&place, path);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(cgroup_cache_freep) CgroupCache *cache = NULL;
        Known known[CGROUPS] = {};
        Input input = { data, size };

        assert_int_equal(cgroup_cache_new(&cache), 0);
        while (input.size > 0) {
                uint64_t order = input_number(&input, 1), id = order % CGROUPS;
                Bytes path;

                if (order >= 0xc0) { /* gone; it is known for a while yet */
                        cgroup_cache_remove(cache, id);
                        continue;
                }
                path = input_long_text(&input);
                check_path(path);
                assert_int_equal(cgroup_cache_add(cache, id, path), 0);
                free(known[id].path);
                known[id] = (Known){ copy_of(path), path.size };
        }
        check_cache(cache, known);
        for (size_t i = 0; i < CGROUPS; i++)
                free(known[i].path);
        return 0;
}

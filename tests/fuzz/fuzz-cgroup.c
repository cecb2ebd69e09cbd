/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Paths of cgroups, whose ends anybody may choose, and the cache of them, which puts them together. An input is a sequence of
 * orders: a byte whose lower half is the cgroup and whose upper half says what happens to it, and what that needs: a path, or
 * how many steps of a lineage, and for each a name and the byte of the parent.
 */

#include <ctype.h>
#include <errno.h>

#include "cgroup/tree.h"
#include "fuzz.h"
#include "util/buffer.h"

#define CGROUPS 16
#define STEPS_MAX 6

/* A cgroup that was made at some time. */
typedef struct Known {
        Buffer path;
        bool made;
        bool cut;
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
                CgroupPlace place;

                assert_int_equal(cgroup_cache_find(cache, id, &place), known[id].made);
                if (known[id].made)
                        check_place(&place, buffer_bytes(&known[id].path));
        }
}

/* A path that is too long keeps what components fit. Takes `path`. */
static void know(Known *known, Buffer *path, bool cut) {
        if (!cut && path->size >= CGROUP_PATH_MAX) {
                size_t end = CGROUP_PATH_MAX - sizeof("/...");

                while (end > 0 && path->data[end] != '/')
                        end--;
                path->size = path->data[end] == '/' ? end : CGROUP_PATH_MAX - sizeof("/...");
                buffer_append_string(path, "/...");
                cut = true;
        }
        assert_int_equal(buffer_error(path), 0);
        buffer_done(&known->path);
        *known = (Known){ .path = *path, .made = true, .cut = cut };
        *path = BUFFER_NULL;
}

static void add(CgroupCache *cache, uint64_t id, Known *known, Input *input) {
        Bytes path = input_long_text(input);
        Buffer copy = BUFFER_NULL;

        check_path(path);
        assert_int_equal(cgroup_cache_add(cache, id, path), 0);
        buffer_append_bytes(&copy, path);
        know(known, &copy, false);
}

/* The names of a lineage, from the cgroup upwards, and the ids of their parents. */
typedef struct Steps {
        Bytes names[STEPS_MAX];
        uint64_t parents[STEPS_MAX];
        size_t n;
} Steps;

/* Appends the steps as a record has them. */
static void take_steps(Steps *steps, Input *input, Buffer *ret) {
        size_t n = 1 + (size_t) input_number(input, 1) % STEPS_MAX;

        assert_int_equal(
                buffer_reserve(ret, STEPS_MAX * (256 + 9)), 0); /* so that the names stay where they are */
        for (steps->n = 0; steps->n < n; steps->n++) {
                size_t start = ret->size;

                buffer_append_bytes(ret, input_text(input));
                for (size_t i = start; i < ret->size; i++)
                        if (ret->data[i] == '/' || ret->data[i] == '\0')
                                ret->data[i] = '_';
                if (ret->size == start)
                        buffer_append_char(ret, 'x');
                steps->names[steps->n] = buffer_since(ret, start);
                steps->parents[steps->n] = input_number(input, 1) % CGROUPS;
                buffer_append_char(ret, '\0');
                buffer_append(ret, &steps->parents[steps->n], sizeof(uint64_t));
        }
}

static void learn(CgroupCache *cache, uint64_t id, Known known[static CGROUPS], Input *input) {
        _cleanup_(buffer_done) Buffer lineage = BUFFER_NULL, path = BUFFER_NULL;
        _cleanup_free_ char *copy = NULL;
        const Known *ancestor = NULL;
        Steps steps;
        size_t n = 0;
        int r;

        take_steps(&steps, input, &lineage);
        copy = copy_of(buffer_bytes(&lineage));
        r = cgroup_cache_learn(cache, id, (Bytes){ copy, lineage.size });
        while (n < steps.n && !ancestor) {
                const Known *parent = &known[steps.parents[n++]];

                if (parent->made && parent->path.size > 0 && parent->path.data[0] == '/')
                        ancestor = parent;
        }
        assert_int_equal(r, ancestor ? 0 : -ENOENT);
        if (!ancestor)
                return;

        if (ancestor->path.size > 1)
                buffer_append_bytes(&path, buffer_bytes(&ancestor->path));
        for (; n > 0 && !ancestor->cut; n--) {
                buffer_append_char(&path, '/');
                buffer_append_bytes(&path, steps.names[n - 1]);
        }
        know(&known[id], &path, ancestor->cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(cgroup_cache_freep) CgroupCache *cache = NULL;
        Known known[CGROUPS] = {};
        Input input = { data, size };

        assert_int_equal(cgroup_cache_new(&cache), 0);
        while (input.size > 0) {
                uint64_t order = input_number(&input, 1), id = order % CGROUPS;

                if (order >= 0xc0) /* gone; it is known for a while yet */
                        cgroup_cache_remove(cache, id);
                else if (order >= 0x80)
                        learn(cache, id, known, &input);
                else
                        add(cache, id, &known[id], &input);
        }
        check_cache(cache, known);
        for (size_t i = 0; i < CGROUPS; i++)
                buffer_done(&known[i].path);
        return 0;
}

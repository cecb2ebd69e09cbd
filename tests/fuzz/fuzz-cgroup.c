/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Paths of cgroups, whose ends anybody may choose, and the tree, which puts them together, against a model
 * that does the same as plainly as can be. An input is a sequence of orders: a byte whose lower half is the
 * cgroup and whose upper half says what happens to it, and what that needs: a path, a name and the byte of
 * the parent, or the bytes of a walk.
 */

#include <ctype.h>
#include <errno.h>

#include "cgroup/tree.h"
#include "fuzz.h"
#include "util/buffer.h"

#define CGROUPS 16
#define DEPTH_MAX 200 /* less than that at which the tree merges */

/* A cgroup as the model knows it. */
typedef struct Known {
        bool known, gone, root;
        uint64_t parent;
        unsigned depth;
        size_t size;
        char text[4096]; /* the name, or the path of a root */
} Known;

typedef struct Model {
        Known cgroups[CGROUPS];
        size_t n_gone; /* how often one went */
        bool seen[CGROUPS], hidden[CGROUPS];
} Model;

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

/* The path, at the end of the buffer. False: it is not known. */
static bool model_path(const Model *m, uint64_t id, Buffer *ret) {
        Bytes names[CGROUPS + 1];
        size_t n = 0;
        const Known *k;

        for (;; id = k->parent) {
                k = &m->cgroups[id];
                if (!k->known || n > CGROUPS)
                        return false;
                names[n++] = (Bytes){ k->text, k->size };
                if (k->root)
                        break;
        }
        buffer_append_bytes(ret, names[n - 1]);
        while (ret->size > 0 && ret->data[ret->size - 1] == '/')
                buffer_truncate(ret, ret->size - 1);
        while (--n > 0) {
                buffer_append_char(ret, '/');
                buffer_append_bytes(ret, names[n - 1]);
        }
        if (ret->size == 0)
                buffer_append_char(ret, '/');
        if (ret->size >= CGROUP_PATH_MAX) {
                size_t end = CGROUP_PATH_MAX - sizeof("/...");

                while (end > 0 && ret->data[end] != '/')
                        end--;
                buffer_truncate(ret, end);
                buffer_append_string(ret, "/...");
        }
        return true;
}

static void check_tree(CgroupTree *tree, const Model *m) {
        for (uint64_t id = 0; id < CGROUPS; id++) {
                _cleanup_(buffer_done) Buffer path = BUFFER_NULL;
                bool known = model_path(m, id, &path);
                CgroupPlace place;

                assert_int_equal(cgroup_tree_find(tree, id, &place), known);
                if (known)
                        check_place(&place, buffer_bytes(&path));
        }
}

/* Whether `id` lies in `parent`, or would not be found again if it did. */
static bool is_circle(const Model *m, uint64_t id, uint64_t parent) {
        for (size_t i = 0; i <= CGROUPS; i++) {
                if (parent == id)
                        return true;
                if (!m->cgroups[parent].known || m->cgroups[parent].root)
                        return false;
                parent = m->cgroups[parent].parent;
        }
        return true;
}

static unsigned depth_below(const Model *m, uint64_t parent) {
        return m->cgroups[parent].known ? m->cgroups[parent].depth + 1 : 1;
}

static void know(Model *m, uint64_t id, Bytes text, uint64_t parent, bool root) {
        Known *k = &m->cgroups[id];

        *k = (Known){ .known = true, .root = root, .parent = parent, .size = text.size };
        k->depth = root ? 0 : depth_below(m, parent);
        memcpy(k->text, text.data, text.size);
}

static void add_root(CgroupTree *tree, Model *m, uint64_t id, Input *input) {
        Bytes path = input_long_text(input);
        bool valid = path.size > 0 && path.size < 1024 && path.data[0] == '/';
        _cleanup_free_ char *copy = copy_of(path);

        check_path(path);
        if (path.size >= 1024)
                return;
        assert_int_equal(cgroup_tree_root(tree, id, (Bytes){ copy, path.size }), valid ? 0 : -EINVAL);
        if (valid)
                know(m, id, path, 0, true);
}

static bool is_name(Bytes name) {
        return name.size > 0 && !memchr(name.data, '/', name.size) && !memchr(name.data, 0, name.size);
}

static void model_made(Model *m, uint64_t id, uint64_t parent, Bytes name) {
        const Known *k = &m->cgroups[id];

        if (!k->known || !k->root || k->gone)
                know(m, id, name, parent, false);
}

static void make(CgroupTree *tree, Model *m, uint64_t id, Input *input) {
        Bytes name = input_text(input);
        uint64_t parent = input_number(input, 1) % CGROUPS;
        _cleanup_free_ char *copy = copy_of(name);
        int r;

        if (is_circle(m, id, parent) || depth_below(m, parent) > DEPTH_MAX)
                return;
        r = cgroup_tree_made(tree, id, parent, (Bytes){ copy, name.size });
        if (!is_name(name)) {
                assert_int_equal(r, -EINVAL);
                return;
        }
        assert_true(r == 0 || r == 1);
        model_made(m, id, parent, name);
}

static void model_gone(Model *m, uint64_t id) {
        m->n_gone += m->cgroups[id].known && !m->cgroups[id].gone;
        m->cgroups[id].gone = m->cgroups[id].known;
}

/* Whether the walk below `root` comes by the cgroup: its parent is the root, or was come by. */
static bool is_in_reach(const Model *m, uint64_t id, uint64_t root) {
        const Known *k = &m->cgroups[id];

        return id != root && k->known && !k->gone && !k->root && (k->parent == root || m->seen[k->parent]);
}

/* Whether it is missed by a walk that did not come by. */
static bool is_missed(const Model *m, uint64_t id, uint64_t root) {
        for (size_t i = 0; i <= CGROUPS; i++) {
                const Known *k = &m->cgroups[id];

                if (id == root)
                        return i > 0;
                if (!k->known)
                        return true;
                if (k->root || (i > 0 && m->seen[id] && m->hidden[id]))
                        return false;
                id = k->parent;
        }
        return true;
}

/* A walk that comes by some of what it could see, and can't look into some of that. */
static void walk(CgroupTree *tree, Model *m, uint64_t root, Input *input) {
        uint64_t see = input_number(input, 2), hide = input_number(input, 2);
        bool missed[CGROUPS], more = true;

        memset(m->seen, 0, sizeof(m->seen));
        cgroup_tree_walk_begin(tree, root);
        while (more) {
                more = false;
                for (uint64_t id = 0; id < CGROUPS; id++) {
                        const Known *k = &m->cgroups[id];

                        if (m->seen[id] || !(see >> id & 1) || !is_in_reach(m, id, root))
                                continue;
                        more = m->seen[id] = true;
                        assert_true(cgroup_tree_seen(tree, id, k->parent, (Bytes){ k->text, k->size }) >= 0);
                        m->hidden[id] = hide >> id & 1;
                        if (m->hidden[id])
                                cgroup_tree_hidden(tree, id);
                }
        }
        while (cgroup_tree_sweep(tree, 0, NULL, NULL))
                ;
        for (uint64_t id = 0; id < CGROUPS; id++)
                missed[id] = !m->seen[id] && is_missed(m, id, root);
        for (uint64_t id = 0; id < CGROUPS; id++)
                if (missed[id])
                        model_gone(m, id);
}

static void count(void *userdata, uint64_t id, const CgroupPlace *place) {
        Model *m = userdata;

        assert_true(id < CGROUPS && m->cgroups[id].known && !m->cgroups[id].gone);
        assert_true(bytes_is_set(place->path));
        assert_false(m->seen[id]);
        m->seen[id] = true;
}

/* Each that is there, once. */
static void check_visit(CgroupTree *tree, Model *m) {
        memset(m->seen, 0, sizeof(m->seen));
        cgroup_tree_visit(tree, count, m);
        for (uint64_t id = 0; id < CGROUPS; id++) {
                _cleanup_(buffer_done) Buffer path = BUFFER_NULL;

                assert_int_equal(m->seen[id], !m->cgroups[id].gone && model_path(m, id, &path));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = NULL;
        _cleanup_free_ Model *m = calloc(1, sizeof(*m));
        Input input = { data, size };

        assert_non_null(m);
        assert_int_equal(cgroup_tree_new(&tree), 0);
        while (input.size > 0 && m->n_gone + CGROUPS < CGROUP_GONE_MAX) {
                uint64_t order = input_number(&input, 1), id = order % CGROUPS;

                if (order >= 0xe0) {
                        cgroup_tree_gone(tree, id, 0);
                        cgroup_tree_release(tree, 0); /* they are known for a while yet */
                        model_gone(m, id);
                } else if (order >= 0xc0)
                        walk(tree, m, id, &input);
                else if (order >= 0x20)
                        make(tree, m, id, &input);
                else
                        add_root(tree, m, id, &input);
                if (order % 3 == 0)
                        check_tree(tree, m);
        }
        check_tree(tree, m);
        check_visit(tree, m);
        return 0;
}

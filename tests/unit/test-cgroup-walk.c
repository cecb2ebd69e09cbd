/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Cgroups that are found by walking directories, in steps, such as a test has made. */

#include "cgroup-directory.h"

static void test_walk(void **state) {
        Tree *t = *state;
        uint64_t ssh = make(t, "system.slice/ssh.service");
        uint64_t a = make(t, "a"), dots = make(t, "a/.../x"), bytes = make(t, "a/\xff b");
        struct stat st;

        assert_int_equal(symlinkat("/usr", t->fd, "a/link"), 0);
        assert_int_equal(close(openat(t->fd, "a/cgroup.procs", O_CREAT | O_WRONLY | O_CLOEXEC, 0600)), 0);

        for (int i = 0; i < 2; i++) { /* the descriptor has no position that the first walk would use up */
                assert_int_equal(walk_all(t->tree, t->fd, "/"), 0);
                assert_path(t->tree, number_of(t->fd, ""), "/");
                assert_path(t->tree, ssh, "/system.slice/ssh.service");
                assert_path(t->tree, a, "/a");
                assert_path(t->tree, dots, "/a/.../x");
                assert_path(t->tree, bytes, "/a/\xff b");
        }
        assert_false(knows(t->tree, number_of(t->fd, "a/cgroup.procs")));
        assert_false(knows(t->tree, number_of(t->fd, "a/link")));
        assert_int_equal(stat("/usr", &st), 0);
        assert_false(knows(t->tree, st.st_ino));
}

static void test_part_of_the_hierarchy(void **state) {
        Tree *t = *state;
        uint64_t id = make(t, "c/d");

        assert_int_equal(walk_all(t->tree, t->fd, "/a.slice/b"), 0);
        assert_path(t->tree, number_of(t->fd, ""), "/a.slice/b");
        assert_path(t->tree, id, "/a.slice/b/c/d");
}

/* Many in one directory, which is read in pieces. */
static void test_wide(void **state) {
        enum {
                N = 1000
        };
        Tree *t = *state;
        uint64_t ids[N];
        char name[32];

        for (int i = 0; i < N; i++) {
                (void) snprintf(name, sizeof(name), "w/%d/below", i);
                ids[i] = make(t, name);
        }
        assert_int_equal(walk_all(t->tree, t->fd, "/"), 0);
        for (int i = 0; i < N; i++) {
                (void) snprintf(name, sizeof(name), "/w/%d/below", i);
                assert_path(t->tree, ids[i], name);
        }
        assert_int_equal(cgroup_tree_size(t->tree), 3 + 2 * N);
}

/* What was gone and is there, and what waited for its parent. */
static void test_walk_adds_what_is_missing(void **state) {
        Tree *t = *state;
        uint64_t parent = make(t, "p.service"), waits = make(t, "p.service/waits"), again = make(t, "again");
        CgroupPlace place;

        made(t->tree, waits, parent, "waits");
        made(t->tree, again, ROOT, "again");
        cgroup_tree_gone(t->tree, again, 0);
        assert_path(t->tree, waits, NULL);
        assert_int_equal(walk_all(t->tree, t->fd, "/"), 0);
        forget_gone(t->tree);
        assert_true(cgroup_tree_find(t->tree, waits, &place));
        assert_bytes_equal(place.unit, BYTES_LITERAL("p.service"));
        assert_path(t->tree, again, "/again");
}

static void test_walk_forgets(void **state) {
        Tree *t = *state;
        uint64_t stays = make(t, "stays"), goes = make(t, "goes"), other = make(t, "other");
        const uint64_t never = UINT64_C(1) << 60;

        assert_int_equal(walk_all(t->tree, t->fd, "/a.slice"), 0);
        (void) make(t, "new");
        assert_int_equal(unlinkat(t->fd, "goes", AT_REMOVEDIR), 0);
        assert_int_equal(unlinkat(t->fd, "other", AT_REMOVEDIR), 0);
        assert_int_equal(renameat(t->fd, "new", t->fd, "other"), 0);
        made(t->tree, never, stays, "below");
        made(t->tree, never + 1, never + 2, "waits");
        made(t->tree, never + 3, ROOT, "elsewhere");

        /* They are known for a while yet, as if their end had been told. */
        assert_int_equal(walk_all(t->tree, t->fd, "/a.slice"), 0);
        assert_path(t->tree, goes, "/a.slice/goes");
        forget_gone(t->tree);
        assert_path(t->tree, stays, "/a.slice/stays");
        assert_false(knows(t->tree, goes));
        assert_false(knows(t->tree, other));
        assert_false(knows(t->tree, never));
        assert_path(t->tree, never + 3, "/elsewhere"); /* not where the walk was */
        made(t->tree, never + 2, ROOT, "late");
        assert_false(knows(t->tree, never + 1));
}

static void note_gone(void *userdata, uint64_t id) {
        *(uint64_t *) userdata += id;
}

/* What happens while a walk is on its way. */
static void test_meanwhile(void **state) {
        Tree *t = *state;
        _cleanup_(cgroup_walk_freep) CgroupWalk *walk = NULL;
        uint64_t a = make(t, "a"), b = make(t, "b"), root, told = 0;
        const uint64_t never = UINT64_C(1) << 60;

        made(t->tree, never, a, "before");
        assert_int_equal(cgroup_walk_new(t->fd, case_seen, case_hidden, t->tree, &walk, &root), 0);
        cgroup_tree_walk_begin(t->tree, root);
        assert_int_equal(cgroup_tree_root(t->tree, root, BYTES_LITERAL("/r")), 0);
        made(t->tree, never + 1, root, "early");
        while (cgroup_walk_step(walk, 0) > 0)
                made(t->tree, never + 2 + cgroup_tree_size(t->tree), root, "meanwhile");
        made(t->tree, never + 1000, root, "late");
        cgroup_tree_gone(t->tree, b, 0);

        while (cgroup_tree_sweep(t->tree, 7, note_gone, &told))
                ;
        assert_true(told == never);
        forget_gone(t->tree);
        assert_path(t->tree, a, "/r/a");
        assert_path(t->tree, b, NULL);
        assert_path(t->tree, never, NULL);
        assert_path(t->tree, never + 1, "/r/early");
        assert_path(t->tree, never + 1000, "/r/late");
}

/* Of what a walk misses there may be records that are not read yet. */
static void test_swept_and_unread(void **state) {
        Tree *t = *state;
        const uint64_t never = UINT64_C(1) << 60;
        uint64_t root = number_of(t->fd, "");

        assert_int_equal(walk_all(t->tree, t->fd, "/"), 0);
        made(t->tree, never, root, "x");
        cgroup_tree_walk_begin(t->tree, root);
        assert_int_equal(cgroup_tree_root(t->tree, root, BYTES_LITERAL("/")), 0);
        while (cgroup_tree_sweep(t->tree, 500, NULL, NULL))
                ;
        for (uint64_t id = 10; id < 10 + CGROUP_GONE_MAX; id++) {
                made(t->tree, id, root, "y");
                cgroup_tree_gone(t->tree, id, 0);
        }
        cgroup_tree_release(t->tree, 499);
        assert_path(t->tree, never, "/x");
        cgroup_tree_release(t->tree, 500);
        assert_path(t->tree, never, NULL);
}

static int descend(int fd, const char *name) {
        int next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        assert_true(next >= 0);
        assert_int_equal(close(fd), 0);
        return next;
}

/*
 * Deeper than a process has descriptors, and than a path reaches; and something beside it, which is as near
 * as before.
 */
static void test_deep(void **state) {
        enum {
                DEPTH = 1500
        };
        Tree *t = *state;
        char path[3 * CGROUP_DEPTH_MAX + 64] = "/u.service";
        uint64_t beside = make(t, "u.service/beside"), last = 0, whole = 0;
        int fd = descend(dup(t->fd), "u.service");

        for (int i = 2; i <= DEPTH; i++) {
                assert_int_equal(mkdirat(fd, "dd", 0755), 0);
                fd = descend(fd, "dd");
                last = number_of(fd, "");
                if (i == CGROUP_DEPTH_MAX)
                        whole = last;
                if (i <= CGROUP_DEPTH_MAX)
                        strcat(path, "/dd");
        }
        for (int i = 0; i < 2; i++) {
                assert_int_equal(walk_all(t->tree, t->fd, "/"), 0);
                forget_gone(t->tree);
                assert_path(t->tree, whole, path);
                assert_path(t->tree, beside, "/u.service/beside");
                assert_true(knows(t->tree, last));
        }
        strcat(path, "/...");
        assert_path(t->tree, last, path);

        for (int i = 2; i <= DEPTH; i++) {
                fd = descend(fd, "..");
                assert_int_equal(unlinkat(fd, "dd", AT_REMOVEDIR), 0);
        }
        assert_int_equal(close(fd), 0);
}

typedef struct Visitor {
        const Tree *tree;
        unsigned n;
        int result;
} Visitor;

/* The cgroup goes away as soon as it is found. */
static int visit(void *userdata, uint64_t id, uint64_t parent, Bytes name) {
        Visitor *v = userdata;

        (void) id;
        assert_true(parent == number_of(v->tree->fd, ""));
        assert_int_equal(unlinkat(v->tree->fd, name.data, AT_REMOVEDIR), 0);
        v->n++;
        return v->n > 2 ? v->result : 0;
}

static int visit_all(const Tree *t, Visitor *v) {
        _cleanup_(cgroup_walk_freep) CgroupWalk *walk = NULL;
        uint64_t root;
        int r;

        assert_int_equal(cgroup_walk_new(t->fd, visit, case_hidden, v, &walk, &root), 0);
        while ((r = cgroup_walk_step(walk, 0)) > 0)
                ;
        return r;
}

static void test_going_away(void **state) {
        static const char *const names[] = { "a", "b", "c", "d" };
        Tree *t = *state;
        Visitor v = { .tree = t };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                (void) make(t, names[i]);
        assert_int_equal(visit_all(t, &v), 0);
        assert_int_equal(v.n, 4);

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                (void) make(t, names[i]);
        v = (Visitor){ .tree = t, .result = -ENOMEM };
        assert_int_equal(visit_all(t, &v), -ENOMEM);
        assert_int_equal(v.n, 3);
}

static void test_no_directory(void **state) {
        Tree *t = *state;
        int fd = openat(t->fd, "file", O_CREAT | O_RDONLY | O_CLOEXEC, 0600);

        assert_true(fd >= 0);
        assert_int_equal(walk_all(t->tree, fd, "/"), -ENOTDIR);
        assert_int_equal(close(fd), 0);
        assert_int_equal(walk_all(t->tree, -EBADF, "/"), -EBADF);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                TREE_TEST(test_walk),
                TREE_TEST(test_part_of_the_hierarchy),
                TREE_TEST(test_wide),
                TREE_TEST(test_walk_adds_what_is_missing),
                TREE_TEST(test_walk_forgets),
                TREE_TEST(test_meanwhile),
                TREE_TEST(test_swept_and_unread),
                TREE_TEST(test_deep),
                TREE_TEST(test_going_away),
                TREE_TEST(test_no_directory),
        };

        return cmocka_run_group_tests_name("cgroup-walk", tests, NULL, NULL);
}

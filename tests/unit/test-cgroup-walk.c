/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Cgroups that are found by walking directories: such that a test has made, and the kernel's own. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup/tree.h"
#include "cgroup/walk.h"
#include "text.h"

/* A directory of its own for each test. */
typedef struct Tree {
        char path[sizeof("/tmp/test-cgroup-XXXXXX")];
        int fd;
        CgroupCache *cache;
} Tree;

static int setup(void **state) {
        Tree *t = calloc(1, sizeof(*t));

        assert_non_null(t);
        strcpy(t->path, "/tmp/test-cgroup-XXXXXX");
        assert_non_null(mkdtemp(t->path));
        assert_int_equal(chmod(t->path, 0755), 0);
        t->fd = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(t->fd >= 0);
        assert_int_equal(cgroup_cache_new(&t->cache), 0);
        *state = t;
        return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        (void) st;
        (void) type;
        (void) ftw;
        return remove(path);
}

static int teardown(void **state) {
        Tree *t = *state;

        cgroup_cache_free(t->cache);
        assert_int_equal(close(t->fd), 0);
        assert_int_equal(nftw(t->path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
        free(t);
        return 0;
}

/* Makes it with all that it is in; its number. */
static uint64_t make(const Tree *t, const char *path) {
        char copy[PATH_MAX];
        struct stat st;

        strcpy(copy, path);
        for (char *slash = strchr(copy, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                if (mkdirat(t->fd, copy, 0755) < 0)
                        assert_int_equal(errno, EEXIST);
                *slash = '/';
        }
        assert_int_equal(mkdirat(t->fd, copy, 0755), 0);
        assert_int_equal(fstatat(t->fd, copy, &st, 0), 0);
        return st.st_ino;
}

static uint64_t root_id(const Tree *t) {
        struct stat st;

        assert_int_equal(fstat(t->fd, &st), 0);
        return st.st_ino;
}

static void assert_known(const CgroupCache *cache, uint64_t id, const char *path) {
        CgroupPlace place;

        assert_true(cgroup_cache_find(cache, id, &place));
        assert_bytes_equal(place.path, bytes_of_string(path));
}

/* Pushes out all that is gone. */
static void forget_gone(CgroupCache *cache) {
        for (uint64_t id = UINT64_MAX; id > UINT64_MAX - CGROUP_GONE_MAX; id--) {
                assert_int_equal(cgroup_cache_add(cache, id, BYTES_LITERAL("/x")), 0);
                cgroup_cache_remove(cache, id);
        }
}

static void test_walk(void **state) {
        Tree *t = *state;
        uint64_t ssh = make(t, "system.slice/ssh.service");
        uint64_t a = make(t, "a"), dots = make(t, "a/.../x"), bytes = make(t, "a/\xff b");
        CgroupPlace place;
        struct stat st;

        assert_int_equal(symlinkat("/usr", t->fd, "a/link"), 0);
        assert_int_equal(close(openat(t->fd, "a/cgroup.procs", O_CREAT | O_WRONLY | O_CLOEXEC, 0600)), 0);

        for (int i = 0; i < 2; i++) { /* the descriptor has no position that the first walk would use up */
                assert_int_equal(cgroup_cache_walk(t->cache, t->fd, "/"), 0);
                assert_known(t->cache, root_id(t), "/");
                assert_known(t->cache, ssh, "/system.slice/ssh.service");
                assert_known(t->cache, a, "/a");
                assert_known(t->cache, dots, "/a/.../x");
                assert_known(t->cache, bytes, "/a/\xff b");
        }
        assert_int_equal(fstatat(t->fd, "a/cgroup.procs", &st, 0), 0);
        assert_false(cgroup_cache_find(t->cache, st.st_ino, &place));
        assert_int_equal(fstatat(t->fd, "a/link", &st, AT_SYMLINK_NOFOLLOW), 0);
        assert_false(cgroup_cache_find(t->cache, st.st_ino, &place));
        assert_int_equal(stat("/usr", &st), 0);
        assert_false(cgroup_cache_find(t->cache, st.st_ino, &place));
}

static void test_part_of_the_hierarchy(void **state) {
        Tree *t = *state;
        uint64_t id = make(t, "c/d");

        assert_int_equal(cgroup_cache_walk(t->cache, t->fd, "/a.slice/b"), 0);
        assert_known(t->cache, root_id(t), "/a.slice/b");
        assert_known(t->cache, id, "/a.slice/b/c/d");
}

/* What the kernel side told of stays as it was told. */
static void test_walk_adds_what_is_missing(void **state) {
        Tree *t = *state;
        uint64_t told = make(t, "told"), found = make(t, "found"), again = make(t, "again");

        assert_int_equal(cgroup_cache_add(t->cache, told, BYTES_LITERAL("/namespace/told")), 0);
        assert_int_equal(cgroup_cache_add(t->cache, again, BYTES_LITERAL("/again")), 0);
        cgroup_cache_remove(t->cache, again);
        assert_int_equal(cgroup_cache_walk(t->cache, t->fd, "/"), 0);
        forget_gone(t->cache);
        assert_known(t->cache, told, "/namespace/told");
        assert_known(t->cache, found, "/found");
        assert_known(t->cache, again, "/again");
}

static void test_walk_forgets(void **state) {
        static const Bytes elsewhere[] = {
                BYTES_LITERAL("/"),
                BYTES_LITERAL("/b"),
                BYTES_LITERAL("/a.slice"),
                BYTES_LITERAL("/a.slicex/y"),
                BYTES_LITERAL("/a.slice/../gone"),
                BYTES_LITERAL("/a.slice//gone"),
                BYTES_LITERAL("/a.slice/gone\0"),
                BYTES_LITERAL("gone"),
                BYTES_LITERAL(""),
        };
        Tree *t = *state;
        uint64_t stays = make(t, "stays"), goes = make(t, "goes"), other = make(t, "other");
        const uint64_t never = UINT64_C(1) << 60;
        CgroupPlace place;

        assert_int_equal(cgroup_cache_walk(t->cache, t->fd, "/a.slice"), 0);
        (void) make(t, "new");
        assert_int_equal(unlinkat(t->fd, "goes", AT_REMOVEDIR), 0);
        assert_int_equal(unlinkat(t->fd, "other", AT_REMOVEDIR), 0);
        assert_int_equal(renameat(t->fd, "new", t->fd, "other"), 0);
        assert_int_equal(cgroup_cache_add(t->cache, never, BYTES_LITERAL("/a.slice/stays/below")), 0);
        for (size_t i = 0; i < ELEMENTSOF(elsewhere); i++)
                assert_int_equal(cgroup_cache_add(t->cache, never + 1 + i, elsewhere[i]), 0);

        /* It is known for a while yet, as if its end had been told. */
        assert_int_equal(cgroup_cache_walk(t->cache, t->fd, "/a.slice"), 0);
        assert_known(t->cache, goes, "/a.slice/goes");
        forget_gone(t->cache);
        assert_known(t->cache, stays, "/a.slice/stays");
        assert_false(cgroup_cache_find(t->cache, goes, &place));
        assert_false(cgroup_cache_find(t->cache, other, &place));
        assert_false(cgroup_cache_find(t->cache, never, &place));
        for (size_t i = 0; i < ELEMENTSOF(elsewhere); i++)
                assert_true(cgroup_cache_find(t->cache, never + 1 + i, &place));
}

static int descend(int fd, const char *name) {
        int next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        assert_true(next >= 0);
        assert_int_equal(close(fd), 0);
        return next;
}

/* Deeper than a process has descriptors, and than a path reaches. Of the path the front is kept. */
static void test_deep(void **state) {
        enum {
                DEPTH = 1500
        };
        Tree *t = *state;
        char path[3 * DEPTH + 1] = "/u.service";
        struct stat st, whole = {};
        int fd = dup(t->fd);

        assert_true(fd >= 0);
        assert_int_equal(mkdirat(fd, "u.service", 0755), 0);
        fd = descend(fd, "u.service");
        for (int i = 0; i < DEPTH; i++) {
                assert_int_equal(mkdirat(fd, "dd", 0755), 0);
                fd = descend(fd, "dd");
                assert_int_equal(fstat(fd, &st), 0);
                if (strlen(path) + 3 < CGROUP_PATH_MAX) {
                        strcat(path, "/dd");
                        whole = st;
                }
        }

        assert_int_equal(cgroup_cache_walk(t->cache, t->fd, "/"), 0);
        assert_known(t->cache, whole.st_ino, path);
        while (strlen(path) + 4 >= CGROUP_PATH_MAX)
                *strrchr(path, '/') = '\0';
        strcat(path, "/...");
        assert_known(t->cache, st.st_ino, path);

        /* It is there, and not to be taken for one that is gone because of its path. */
        assert_int_equal(cgroup_cache_walk(t->cache, t->fd, "/"), 0);
        forget_gone(t->cache);
        assert_known(t->cache, st.st_ino, path);

        for (int i = 0; i < DEPTH; i++) {
                fd = descend(fd, "..");
                assert_int_equal(unlinkat(fd, "dd", AT_REMOVEDIR), 0);
        }
        assert_int_equal(unlinkat(t->fd, "u.service", AT_REMOVEDIR), 0);
        assert_int_equal(close(fd), 0);
}

typedef struct Visitor {
        const Tree *tree;
        unsigned n;
        int result;
} Visitor;

/* The cgroup goes away as soon as it is found. */
static int visit(void *userdata, uint64_t id, Bytes path) {
        Visitor *v = userdata;
        char relative[PATH_MAX];

        (void) id;
        (void) snprintf(relative, sizeof(relative), "%.*s", (int) path.size - 1, path.data + 1);
        if (path.size > 1)
                assert_int_equal(unlinkat(v->tree->fd, relative, AT_REMOVEDIR), 0);
        v->n++;
        return v->n > 2 ? v->result : 0;
}

static void test_going_away(void **state) {
        static const char *const names[] = { "a", "b", "c", "d" };
        Tree *t = *state;
        Visitor v = { .tree = t };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                (void) make(t, names[i]);
        assert_int_equal(cgroup_tree_walk(t->fd, "/", visit, &v), 0);
        assert_int_equal(v.n, 5);

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                (void) make(t, names[i]);
        v = (Visitor){ .tree = t, .result = -ENOMEM };
        assert_int_equal(cgroup_tree_walk(t->fd, "/", visit, &v), -ENOMEM);
        assert_int_equal(v.n, 3);
}

static void test_no_directory(void **state) {
        Tree *t = *state;
        int fd = openat(t->fd, "file", O_CREAT | O_RDONLY | O_CLOEXEC, 0600);

        assert_true(fd >= 0);
        assert_int_equal(cgroup_cache_walk(t->cache, fd, "/"), -ENOTDIR);
        assert_int_equal(close(fd), 0);
        assert_int_equal(cgroup_cache_walk(t->cache, -EBADF, "/"), -EBADF);
}

/* A user who locks a directory hides what is in it from a walk, but not from what was told of it. */
static void test_unreadable(void **state) {
        Tree *t = *state;
        uint64_t locked = make(t, "locked"), inside = make(t, "locked/inside"), plain = make(t, "plain");
        bool privileged = geteuid() == 0;

        assert_int_equal(cgroup_cache_add(t->cache, inside, BYTES_LITERAL("/locked/inside")), 0);
        assert_int_equal(fchmodat(t->fd, "locked", 0, 0), 0);
        if (privileged)
                assert_int_equal(seteuid(65534), 0);
        assert_int_equal(cgroup_cache_walk(t->cache, t->fd, "/"), 0);
        if (privileged)
                assert_int_equal(seteuid(0), 0);
        assert_int_equal(fchmodat(t->fd, "locked", 0700, 0), 0);

        forget_gone(t->cache);
        assert_known(t->cache, locked, "/locked");
        assert_known(t->cache, inside, "/locked/inside");
        assert_known(t->cache, plain, "/plain");
}

static int lock_when_inside(void *userdata, uint64_t id, Bytes path) {
        const Tree *t = userdata;

        if (bytes_equal(path, BYTES_LITERAL("/b/locked/inside/deeper"))) {
                assert_int_equal(fchmodat(t->fd, "b/locked/inside", 0, 0), 0);
                assert_int_equal(fchmodat(t->fd, "b/locked", 0, 0), 0);
        }
        return cgroup_cache_add(t->cache, id, path);
}

/* ... and one that is locked while the walk is inside keeps it from nothing else. */
static void test_locked_meanwhile(void **state) {
        static const char *const owned[] = { "b", "b/locked", "b/locked/inside" };
        Tree *t = *state;
        uint64_t before = make(t, "a/x"), deeper = make(t, "b/locked/inside/deeper"),
                 beside = make(t, "b/y/z"), behind = make(t, "c/x");
        int r;

        if (geteuid() != 0)
                skip();
        for (size_t i = 0; i < ELEMENTSOF(owned); i++)
                assert_int_equal(fchownat(t->fd, owned[i], 65534, 65534, 0), 0);
        assert_int_equal(seteuid(65534), 0);
        r = cgroup_tree_walk(t->fd, "/", lock_when_inside, t);
        assert_int_equal(seteuid(0), 0);
        assert_int_equal(fchmodat(t->fd, "b/locked", 0700, 0), 0);
        assert_int_equal(fchmodat(t->fd, "b/locked/inside", 0700, 0), 0);

        assert_int_equal(r, 0);
        assert_known(t->cache, before, "/a/x");
        assert_known(t->cache, deeper, "/b/locked/inside/deeper");
        assert_known(t->cache, beside, "/b/y/z");
        assert_known(t->cache, behind, "/c/x");
}

#define TREE_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TREE_TEST(test_walk),
                TREE_TEST(test_part_of_the_hierarchy),
                TREE_TEST(test_walk_adds_what_is_missing),
                TREE_TEST(test_walk_forgets),
                TREE_TEST(test_deep),
                TREE_TEST(test_going_away),
                TREE_TEST(test_no_directory),
                TREE_TEST(test_unreadable),
                TREE_TEST(test_locked_meanwhile),
        };

        return cmocka_run_group_tests_name("cgroup-walk", tests, NULL, NULL);
}

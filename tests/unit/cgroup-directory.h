/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A directory of its own for each test, with cgroups in it as a walk sees them, and a tree. */

#include "cgroup-case.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory of its own for each test. */
typedef struct Tree {
        char path[sizeof("/tmp/test-cgroup-XXXXXX")];
        int fd;
        CgroupTree *tree;
} Tree;

static inline int setup(void **state) {
        Tree *t = calloc(1, sizeof(*t));

        assert_non_null(t);
        strcpy(t->path, "/tmp/test-cgroup-XXXXXX");
        assert_non_null(mkdtemp(t->path));
        assert_int_equal(chmod(t->path, 0755), 0);
        t->fd = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(t->fd >= 0);
        assert_int_equal(cgroup_tree_new(&t->tree), 0);
        assert_int_equal(cgroup_tree_root(t->tree, ROOT, BYTES_LITERAL("/")), 0);
        *state = t;
        return 0;
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        (void) st;
        (void) type;
        (void) ftw;
        return remove(path);
}

static inline int teardown(void **state) {
        Tree *t = *state;

        cgroup_tree_free(t->tree);
        assert_int_equal(close(t->fd), 0);
        assert_int_equal(nftw(t->path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
        free(t);
        return 0;
}

/* Makes it with all that it is in; its number. */
static inline uint64_t make(const Tree *t, const char *path) {
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

static inline uint64_t number_of(int fd, const char *name) {
        struct stat st;

        assert_int_equal(fstatat(fd, name, &st, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW), 0);
        return st.st_ino;
}

#define TREE_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

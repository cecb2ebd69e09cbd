/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Invocation ids of units: where they are read, which ones are taken, and when the tree asks. */

#include "cgroup-case.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "cgroup/invocation.h"

#define ID_A "0123456789abcdef0123456789abcdef"
#define ID_B "fedcba9876543210fedcba9876543210"

static const char *const odd[] = { "", "0123456789abcdef0123456789abcde", ID_A "0",
        "0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef 123456789abcdef",
        "../../../../../../../etc/passwd/" };

static void test_attributes(void **state) {
        char directory[] = "/tmp/test-invocation-XXXXXX", path[64], id[CGROUP_INVOCATION_SIZE] = "untouched";
        struct stat st;
        int fd;

        (void) state;
        assert_non_null(mkdtemp(directory));
        (void) snprintf(path, sizeof(path), "%s/u.service", directory);
        assert_int_equal(mkdir(path, 0755), 0);
        assert_int_equal(stat(path, &st), 0);
        fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_false(cgroup_invocation_read(fd, "/", st.st_ino, BYTES_LITERAL("/u.service"), id));
        if (setxattr(path, "user.invocation_id", ID_A, 32, 0) < 0) {
                assert_int_equal(errno, EOPNOTSUPP);
                assert_int_equal(rmdir(path) | rmdir(directory) | close(fd), 0);
                skip();
        }

        for (size_t i = 0; i < ELEMENTSOF(odd); i++) {
                assert_int_equal(setxattr(path, "user.invocation_id", odd[i], strlen(odd[i]), 0), 0);
                assert_false(cgroup_invocation_read(fd, "/", st.st_ino, BYTES_LITERAL("/u.service"), id));
        }
        assert_string_equal(id, "untouched");
        assert_int_equal(setxattr(path, "user.invocation_id", ID_A, 32, 0), 0);
        assert_false(cgroup_invocation_read(fd, "/", st.st_ino + 1, BYTES_LITERAL("/u.service"), id));
        assert_false(cgroup_invocation_read(fd, "/a", st.st_ino, BYTES_LITERAL("/u.service"), id));
        assert_false(cgroup_invocation_read(fd, "/", st.st_ino, BYTES_LITERAL("//u.service"), id));
        assert_string_equal(id, "untouched");
        assert_true(cgroup_invocation_read(fd, "/", st.st_ino, BYTES_LITERAL("/u.service"), id));
        assert_string_equal(id, ID_A);

        /* Below a part of the hierarchy, and the directory itself; and systemd's own goes first. */
        assert_int_equal(close(fd), 0);
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        strcpy(id, "untouched");
        assert_true(cgroup_invocation_read(fd, "/a/u.service", st.st_ino, BYTES_LITERAL("/a/u.service"), id));
        assert_string_equal(id, ID_A);
        if (geteuid() == 0) {
                assert_int_equal(setxattr(path, "trusted.invocation_id", ID_B, 32, 0), 0);
                assert_true(cgroup_invocation_read(
                        fd, "/a/u.service", st.st_ino, BYTES_LITERAL("/a/u.service"), id));
                assert_string_equal(id, ID_B);
        }
        assert_int_equal(rmdir(path) | rmdir(directory) | close(fd), 0);
}

static void test_exported(void **state) {
        char directory[] = "/tmp/test-invocation-XXXXXX", path[96], id[CGROUP_INVOCATION_SIZE] = "untouched";

        (void) state;
        assert_non_null(mkdtemp(directory));
        (void) snprintf(path, sizeof(path), "%s/invocation:a.scope", directory);
        assert_false(cgroup_invocation_exported(directory, BYTES_LITERAL("a.scope"), id));
        for (size_t i = 1; i < ELEMENTSOF(odd); i++) {
                assert_int_equal(symlink(odd[i], path), 0);
                assert_false(cgroup_invocation_exported(directory, BYTES_LITERAL("a.scope"), id));
                assert_int_equal(unlink(path), 0);
        }
        assert_string_equal(id, "untouched");
        assert_int_equal(symlink(ID_A, path), 0);
        assert_false(cgroup_invocation_exported(directory, BYTES_LITERAL("a.scop"), id));
        assert_true(cgroup_invocation_exported(directory, (Bytes){ "a.scope.x", strlen("a.scope") }, id));
        assert_string_equal(id, ID_A);
        assert_int_equal(unlink(path) | rmdir(directory), 0);
}

/* What the tree asks for. */
typedef struct Asked {
        unsigned n;
        uint64_t id;
        char path[256], unit[64];
        const char *answer;
} Asked;

static bool answer(
        void *userdata, Bytes unit, uint64_t id, Bytes path, char ret[static CGROUP_INVOCATION_SIZE]) {
        Asked *a = userdata;

        a->n++;
        a->id = id;
        (void) snprintf(a->path, sizeof(a->path), "%.*s", (int) path.size, path.data);
        (void) snprintf(a->unit, sizeof(a->unit), "%.*s", (int) unit.size, unit.data);
        if (a->answer)
                strcpy(ret, a->answer);
        return a->answer;
}

static void assert_invocation(CgroupTree *tree, uint64_t id, const char *expected) {
        CgroupPlace place;

        assert_int_equal(cgroup_tree_find(tree, id, &place), 1);
        assert_bytes_equal(place.invocation_id, bytes_of_string(expected));
}

/* Asks until the answer is taken, which it is after a while. */
static void wait_invocation(CgroupTree *tree, uint64_t id, const char *expected) {
        const time_t end = time(NULL) + 10;
        CgroupPlace place;

        do
                assert_int_equal(cgroup_tree_find(tree, id, &place), 1);
        while (!bytes_equal(place.invocation_id, bytes_of_string(expected)) && time(NULL) < end);
        assert_bytes_equal(place.invocation_id, bytes_of_string(expected));
}

static void test_tree(void **state) {
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = new_tree();
        Asked asked = {};

        (void) state;
        cgroup_tree_read_invocations(tree, answer, &asked);
        made(tree, 2, ROOT, "a.slice");
        made(tree, 3, 2, "_u.service");
        made(tree, 4, 3, "x.service");
        made(tree, 5, 4, "y");
        assert_invocation(tree, ROOT, NULL);
        assert_invocation(tree, 2, NULL);
        assert_int_equal(asked.n, 0);

        assert_invocation(tree, 5, NULL);
        assert_int_equal(asked.n, 1);
        assert_true(asked.id == 3);
        assert_string_equal(asked.path, "/a.slice/_u.service");
        assert_string_equal(asked.unit, "u.service");
        asked.answer = ID_A;
        wait_invocation(tree, 5, ID_A);

        /* All that is in the unit shares it, and one that is read is not asked for at once. */
        asked.n = 0;
        assert_invocation(tree, 3, ID_A);
        assert_invocation(tree, 4, ID_A);
        assert_true(asked.n <= 1);
        asked.answer = ID_B;
        wait_invocation(tree, 4, ID_B);
        assert_invocation(tree, 5, ID_B);

        /* What was read holds when the cgroup is gone. */
        asked.answer = NULL;
        cgroup_tree_gone(tree, 3, 0);
        for (unsigned n = asked.n; asked.n == n;)
                assert_invocation(tree, 5, ID_B);
        assert_invocation(tree, 5, ID_B);
}

/* The root of what can be seen lies inside of a unit, or is one. */
static void test_roots(void **state) {
        _cleanup_(cgroup_tree_freep) CgroupTree *tree = new_tree();
        Asked asked = { .answer = ID_A };

        (void) state;
        cgroup_tree_read_invocations(tree, answer, &asked);
        assert_int_equal(cgroup_tree_root(tree, 10, BYTES_LITERAL("/a.slice/u.service/below")), 0);
        made(tree, 11, 10, "x");
        assert_invocation(tree, 10, NULL);
        assert_invocation(tree, 11, NULL);
        assert_int_equal(asked.n, 0);
        assert_int_equal(cgroup_tree_root(tree, 20, BYTES_LITERAL("/a.slice/u.service")), 0);
        made(tree, 21, 20, "x");
        assert_invocation(tree, 21, ID_A);
        assert_true(asked.id == 20);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_attributes),
                cmocka_unit_test(test_exported),
                cmocka_unit_test(test_tree),
                cmocka_unit_test(test_roots),
        };

        return cmocka_run_group_tests_name("cgroup-invocation", tests, NULL, NULL);
}

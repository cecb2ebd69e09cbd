/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Finds where cgroup2 is mounted. The tests that mount and make cgroups do so in a mount namespace of their
 * own, and are skipped where that, or cgroup2, can't be had.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup-case.h"
#include "cgroup/mount.h"

/* A directory with a mountinfo in it, a mount point and a name for a cgroup that nobody else has. */
typedef struct Mounts {
        char directory[sizeof("/tmp/test-mount-XXXXXX")];
        char mountinfo[64];
        char point[64];
        char cgroup[64]; /* its path */
        char *root; /* where the hierarchy itself is mounted */
} Mounts;

static int setup(void **state) {
        Mounts *m = calloc(1, sizeof(*m));

        assert_non_null(m);
        strcpy(m->directory, "/tmp/test-mount-XXXXXX");
        assert_non_null(mkdtemp(m->directory));
        (void) snprintf(m->mountinfo, sizeof(m->mountinfo), "%s/mountinfo", m->directory);
        (void) snprintf(m->point, sizeof(m->point), "%s/a \\b", m->directory);
        (void) snprintf(m->cgroup, sizeof(m->cgroup), "/exectraced test %ld", (long) getpid());
        assert_int_equal(mkdir(m->point, 0755), 0);
        *state = m;
        return 0;
}

static char *join(const char *a, const char *b) {
        char *path;

        assert_true(asprintf(&path, "%s%s", a, b) > 0);
        return path;
}

static int teardown(void **state) {
        Mounts *m = *state;

        while (umount2(m->point, MNT_DETACH) == 0)
                ;
        if (m->root) {
                _cleanup_free_ char *path = join(m->root, m->cgroup), *inner = join(path, "/x.slice");

                assert_true(rmdir(inner) == 0 || errno == ENOENT);
                assert_true(rmdir(path) == 0 || errno == ENOENT);
        }
        assert_int_equal(rmdir(m->point), 0);
        (void) unlink(m->mountinfo);
        assert_int_equal(rmdir(m->directory), 0);
        free(m->root);
        free(m);
        return 0;
}

static void write_mountinfo(const Mounts *m, const char *text) {
        FILE *file = fopen(m->mountinfo, "we");

        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

static void assert_none(const char *mountinfo, int error) {
        char *path = NULL;
        int fd = -EBADF;

        assert_int_equal(cgroup_open_root(mountinfo, &fd, &path), error);
        assert_int_equal(fd, -EBADF);
        assert_null(path);
}

static void test_none(void **state) {
        static const char *const texts[] = {
                "",
                "\n",
                "cgroup2",
                "1 2 0:3 / /tmp rw - cgroup2",
                "1 2 0:3 / /tmp rw shared:1 cgroup2 none rw\n",
                "x 2 0:3 / /tmp rw - cgroup2 none rw\n",
                " 2 0:3 / /tmp rw - cgroup2 none rw\n",
                "1 2 0:3 / /tmp rw - tmpfs none rw\n10:1 2 3\n",
                "1 2 0:3 / /sys/fs/cgroup rw - cgroup none rw,cpu\n",
                "1 2 0:3 / /tmp rw - cgroup2 none rw\n", /* something else is mounted over it */
                "1 2 0:3 / /no/such/place rw - cgroup2 none rw\n",
                "1 2 0:3 / /no/such\\040\\0 rw - cgroup2 none rw\n",
        };
        Mounts *m = *state;

        assert_none(m->mountinfo, -ENOENT);
        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                write_mountinfo(m, texts[i]);
                assert_none(m->mountinfo, -ENOENT);
        }
        write_mountinfo(m, "1 2 0:3 / /etc/passwd rw - cgroup2 none rw\n");
        assert_none(m->mountinfo, -ENOTDIR);
        assert_none("/etc/passwd/mountinfo", -ENOTDIR);
}

/*
 * Opens the hierarchy, in a mount namespace of its own, and makes the test's cgroup; skips the test where it
 * can't.
 */
static int open_private(Mounts *m) {
        _cleanup_free_ char *path = NULL;
        char link[64];
        struct stat st;
        int fd = -EBADF;

        if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", "", MS_REC | MS_PRIVATE, NULL) < 0 ||
                cgroup_open_root("/proc/self/mountinfo", &fd, &path) < 0)
                skip();
        assert_int_equal(fstat(fd, &st), 0);
        if (st.st_ino != 1 || mkdirat(fd, m->cgroup + 1, 0755) < 0) {
                (void) close(fd);
                free(TAKE_PTR(path)); /* skip() does not return */
                skip();
        }

        assert_string_equal(path, "/");
        (void) snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        m->root = realpath(link, NULL);
        assert_non_null(m->root);
        return fd;
}

/* What the kernel itself calls the cgroup: its file handle is the id. */
static uint64_t kernel_id(int root_fd, const char *name) {
        union {
                struct file_handle handle;
                char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
        } h = { .handle.handle_bytes = MAX_HANDLE_SZ };
        uint64_t id;
        int mount_id;

        assert_int_equal(name_to_handle_at(root_fd, name, &h.handle, &mount_id, 0), 0);
        assert_true(h.handle.handle_bytes >= sizeof(id));
        memcpy(&id, h.handle.f_handle, sizeof(id));
        return id;
}

static void test_real(void **state) {
        Mounts *m = *state;
        CgroupTree *tree = NULL;
        uint64_t id;
        int fd;

        fd = open_private(m);
        id = kernel_id(fd, m->cgroup + 1);
        assert_int_equal(cgroup_tree_new(&tree), 0);
        assert_int_equal(walk_all(tree, fd, "/"), 0);
        assert_path(tree, id, m->cgroup);
        assert_path(tree, 1, "/");

        cgroup_tree_free(tree);
        assert_int_equal(close(fd), 0);
}

/* Appends the lines of the real mountinfo that have `text` in them. */
static void append_lines(Buffer *buffer, const char *text) {
        FILE *file = fopen("/proc/self/mountinfo", "re");
        size_t allocated = 0;
        char *line = NULL;

        assert_non_null(file);
        while (getline(&line, &allocated, file) >= 0)
                if (strstr(line, text))
                        buffer_append_string(buffer, line);
        free(line);
        assert_int_equal(fclose(file), 0);
}

static void check_mountinfo(const Mounts *m, Buffer *lines, const char *path, uint64_t id) {
        char *found = NULL;
        struct stat st;
        int fd;

        buffer_append_char(lines, '\0');
        assert_int_equal(buffer_error(lines), 0);
        write_mountinfo(m, lines->data);
        if (!path)
                assert_none(m->mountinfo, -ENOENT);
        else {
                assert_int_equal(cgroup_open_root(m->mountinfo, &fd, &found), 0);
                assert_string_equal(found, path);
                assert_int_equal(fstat(fd, &st), 0);
                assert_int_equal(st.st_ino, id);
                assert_int_equal(close(fd), 0);
                free(found);
        }
        buffer_done(lines);
}

/* Only a part is mounted, and both names have what a mountinfo escapes. */
static void test_part(void **state) {
        Mounts *m = *state;
        _cleanup_free_ char *source = NULL, *inner = NULL;
        Buffer lines = BUFFER_NULL;
        uint64_t id;
        int fd;

        fd = open_private(m);
        id = kernel_id(fd, m->cgroup + 1);
        source = join(m->root, m->cgroup);
        inner = join(source, "/x.slice");
        assert_int_equal(mkdir(inner, 0755), 0);

        /* Twice, the larger part below: what covers it is smaller, and all that can be seen. */
        assert_int_equal(mount(source, m->point, "", MS_BIND, NULL), 0);
        append_lines(&lines, m->directory);
        check_mountinfo(m, &lines, m->cgroup, id);

        assert_int_equal(mount(inner, m->point, "", MS_BIND, NULL), 0);
        append_lines(&lines, m->directory);
        {
                _cleanup_free_ char *path = join(m->cgroup, "/x.slice"),
                                    *name = join(m->cgroup + 1, "/x.slice");

                check_mountinfo(m, &lines, path, kernel_id(fd, name));
        }

        /* The whole hierarchy goes before its parts, wherever it stands. */
        append_lines(&lines, m->directory);
        append_lines(&lines, " - cgroup2 ");
        append_lines(&lines, m->directory);
        check_mountinfo(m, &lines, "/", 1);

        assert_int_equal(mount("none", m->point, "tmpfs", 0, NULL), 0);
        append_lines(&lines, m->directory);
        check_mountinfo(m, &lines, NULL, 0);

        /* What is mounted was removed. */
        assert_int_equal(umount(m->point), 0);
        assert_int_equal(rmdir(inner), 0);
        append_lines(&lines, m->directory);
        check_mountinfo(m, &lines, NULL, 0);
        assert_int_equal(close(fd), 0);
}

/* Seen from a cgroup namespace that begins further down. */
static void test_namespace(void **state) {
        Mounts *m = *state;
        Buffer lines = BUFFER_NULL, changed = BUFFER_NULL;
        const char *root;
        int fd;

        fd = open_private(m);
        assert_int_equal(mount(m->root, m->point, "", MS_BIND, NULL), 0);
        append_lines(&lines, m->directory);
        buffer_append_char(&lines, '\0');
        assert_int_equal(buffer_error(&lines), 0);

        /* As the kernel writes it there. */
        root = strstr(lines.data, " / ");
        assert_non_null(root);
        buffer_append(&changed, lines.data, (size_t) (root - lines.data));
        buffer_append_string(&changed, " /../..");
        buffer_append_string(&changed, root + strlen(" /"));
        check_mountinfo(m, &changed, "/", 1);
        buffer_done(&lines);
        assert_int_equal(close(fd), 0);
}

static void test_initial_namespace(void **state) {
        Mounts *m = *state;
        bool initial;
        struct stat st;

        /* Whose number is always the same; any other has one from the range that is given out. */
        assert_int_equal(stat("/proc/self/ns/cgroup", &st), 0);
        initial = cgroup_namespace_is_initial("/proc/self/ns/cgroup");
        assert_int_equal(initial, st.st_ino == 4026531835);
        assert_false(cgroup_namespace_is_initial("/proc/self/ns/pid"));
        assert_false(cgroup_namespace_is_initial(m->mountinfo));
        if (unshare(CLONE_NEWCGROUP) < 0)
                skip();
        assert_false(cgroup_namespace_is_initial("/proc/self/ns/cgroup"));
}

/* Where systemd, as PID 1, is: as the kernel writes it with each way of using cgroups. */
static void test_legacy(void **state) {
        static const struct {
                const char *text;
                bool legacy;
        } cases[] = {
                { "", false },
                { "0::/init.scope\n", false },
                { "0::/\n", false }, /* no systemd, or in no unit */
                { "4:memory:/\n1:name=systemd:/init.scope\n0::/init.scope\n", false }, /* hybrid */
                { "4:memory:/\n1:name=systemd:/init.scope\n0::/\n", true },
                { "4:memory:/\n1:name=systemd:/init.scope\n", true },
                { "1:name=systemd:/init.scope", true },
                { "0::/\n1:name=systemd:/system.slice/docker-x.scope\n", true },
                { "1:name=systemd:/system.slice/a\\x2db.service/x\\x2d\n", true },
                { "1:name=systemd:/\n0::/\n", false },
                { "1:name=systemd:/docker/x\n0::/\n", false },
                { "1:name=elsewhere:/init.scope\n0::/\n", false },
                { "4:memory:/init.scope\n0::/\n", false },
                { "1\n1:name=systemd:\n:::\n\n", false },
        };
        Mounts *m = *state;

        assert_false(cgroup_units_are_legacy(m->mountinfo));
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                write_mountinfo(m, cases[i].text);
                assert_int_equal(cgroup_units_are_legacy(m->mountinfo), cases[i].legacy);
        }
}

#define MOUNT_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                MOUNT_TEST(test_none),
                MOUNT_TEST(test_real),
                MOUNT_TEST(test_part),
                MOUNT_TEST(test_namespace),
                MOUNT_TEST(test_initial_namespace),
                MOUNT_TEST(test_legacy),
        };

        return cmocka_run_group_tests_name("cgroup-mount", tests, NULL, NULL);
}

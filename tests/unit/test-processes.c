/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "util/processes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/cleanup.h"

/* A /proc of one's own; it goes with its last descriptor, as far as there is anything in it. */
static void add(int proc_fd, const char *pid, const char *stat) {
        _cleanup_close_ int fd = -EBADF;
        char path[64];

        assert_int_equal(mkdirat(proc_fd, pid, 0755), 0);
        if (!stat)
                return;
        (void) snprintf(path, sizeof(path), "%s/stat", pid);
        fd = openat(proc_fd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, stat, strlen(stat)), strlen(stat));
}

static void take_away(int proc_fd, const char *pid) {
        char path[64];

        (void) snprintf(path, sizeof(path), "%s/stat", pid);
        (void) unlinkat(proc_fd, path, 0);
        assert_int_equal(unlinkat(proc_fd, pid, AT_REMOVEDIR), 0);
}

static void test_count(void **state) {
        static const struct {
                const char *pid, *stat;
                uint64_t expected;
        } cases[] = {
                { "1", "1 (systemd) S 0 1 1 0 -1 4194560 1 2 3", 1 },
                { "2", "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0", 0 },
                { "77", "77 (bash) R 1 77 77 34816 77 4194304 0", 1 },
                { "78", "78 (ended) Z 77 77 77 34816 77 4227084 0", 0 },
                { "79", "79 (dead) X 77 77 77 34816 77 4227084 0", 0 },
                { "80", "80 (a) S 0 2) R 1 1 1 0 -1 4194304 0", 1 }, /* a name may hold anything */
                { "81", "81 (b) S 1 1 1 1 1 2097152) D 1 1 1 0 -1 4194304 0", 1 },
                { "82", "82 (kworker/0:1-ev) I 2 0 0 0 -1 69238880 0", 0 },
                { "83", "83 (cut) S 1 1", 0 },
                { "84", "", 0 },
                { "85", NULL, 0 }, /* gone by now */
                { "self", "1 (systemd) S 0 1 1 0 -1 4194560 1 2 3", 0 },
        };
        char directory[] = "/tmp/exectraced-proc-XXXXXX";
        _cleanup_close_ int fd = -EBADF;
        uint64_t expected = 0, n = 99;

        (void) state;
        assert_non_null(mkdtemp(directory));
        fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(fd >= 0);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_int_equal(processes_count(fd, &n), 0);
                assert_int_equal(n, expected);
                add(fd, cases[i].pid, cases[i].stat);
                expected += cases[i].expected;
        }
        assert_int_equal(processes_count(fd, &n), 0);
        assert_int_equal(n, expected);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                take_away(fd, cases[i].pid);
        assert_int_equal(rmdir(directory), 0);
}

/* The real one: this process and its child are there. */
static void test_real(void **state) {
        _cleanup_close_ int fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        uint64_t n = 0;

        (void) state;
        assert_true(fd >= 0);
        assert_int_equal(processes_count(fd, &n), 0);
        assert_true(n >= 1);
}

static void test_no_directory(void **state) {
        uint64_t n = 5;

        (void) state;
        assert_true(processes_count(-EBADF, &n) < 0);
        assert_int_equal(n, 5);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_count),
                cmocka_unit_test(test_real),
                cmocka_unit_test(test_no_directory),
        };

        return cmocka_run_group_tests_name("processes", tests, NULL, NULL);
}

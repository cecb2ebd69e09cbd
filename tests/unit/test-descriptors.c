/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What takes the place of standard input, output and error where they are closed. Each case has a process
 * of its own.
 */

#include "util/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/memfd.h"

typedef int (*Case)(unsigned closed);

static void run(Case function, unsigned closed) {
        pid_t pid = fork();
        int status;

        assert_true(pid >= 0);
        if (pid == 0) {
                for (int fd = 0; fd <= 2; fd++)
                        if (closed & 1U << fd)
                                (void) close(fd);
                _exit(function(closed));
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
}

static bool is_same(const struct stat *a, const struct stat *b) {
        return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/*
 * Those that are open stay what they are, the others are /dev/null, and what is opened next is none of the
 * three.
 */
static int case_filled(unsigned closed) {
        struct stat before[3], after, null;

        if (stat("/dev/null", &null) < 0)
                return 1;
        for (int fd = 0; fd <= 2; fd++)
                if (!(closed & 1U << fd) && fstat(fd, before + fd) < 0)
                        return 2;
        if (descriptors_fill_standard() < 0)
                return 3;
        for (int fd = 0; fd <= 2; fd++)
                if (fstat(fd, &after) < 0 || !is_same(&after, closed & 1U << fd ? &null : before + fd))
                        return 4;
        for (int fd = 1; fd <= 2; fd++)
                if ((closed & 1U << fd) && write(fd, "x", 1) != 1)
                        return 5;
        return open("/dev/null", O_RDONLY | O_CLOEXEC) > 2 ? 0 : 6;
}

/* Nothing is written anywhere then. */
static int case_without_null(unsigned closed) {
        if (chroot("/proc/self/fdinfo") < 0 || descriptors_fill_standard() < 0)
                return 1;
        for (int fd = 0; fd <= 2; fd++)
                if ((closed & 1U << fd) && (write(fd, "x", 1) != -1 || errno != EBADF))
                        return 2;
        return 0;
}

/* Also where nobody has filled them. */
static int case_memfd(unsigned closed) {
        int fd = memfd_new("test");

        if (fd <= 2 || fcntl(fd, F_GETFD) != FD_CLOEXEC)
                return 1;
        for (int i = 0; i <= 2; i++)
                if ((closed & 1U << i) && fcntl(i, F_GETFD) >= 0)
                        return 2;
        return 0;
}

static void test_filled(void **state) {
        (void) state;
        for (unsigned closed = 0; closed < 8; closed++)
                run(case_filled, closed);
}

static void test_without_null(void **state) {
        (void) state;
        if (getuid() != 0)
                skip();
        for (unsigned closed = 1; closed < 8; closed++)
                run(case_without_null, closed);
}

static void test_memfd(void **state) {
        (void) state;
        for (unsigned closed = 0; closed < 8; closed++)
                run(case_memfd, closed);
}

static void test_move_up(void **state) {
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

        (void) state;
        assert_true(fd > 2);
        assert_int_equal(descriptors_move_up(fd), fd);
        (void) close(fd);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_filled),
                cmocka_unit_test(test_without_null),
                cmocka_unit_test(test_memfd),
                cmocka_unit_test(test_move_up),
        };

        return cmocka_run_group_tests_name("descriptors", tests, NULL, NULL);
}

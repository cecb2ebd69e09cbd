/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The parser of lists of mounts: each field, escapes, and lines that are no mounts. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/mountinfo.h"

/* Opens a reader of that text. */
static void open_text(MountReader *reader, const char *text, size_t size) {
        _cleanup_close_ int fd = memfd_create("mountinfo", MFD_CLOEXEC);
        char path[32];

        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, size), size);
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        assert_int_equal(mount_reader_open(reader, path), 0);
}

static void test_fields(void **state) {
        static const char text[] = "22 1 254:7 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard\n"
                                   "18446744073709551615 22 4095:1048575 /a\\040b\\011\\134c "
                                   "/mnt/\\012\\777x rw,nosuid shared:3 "
                                   "master:1 propagate_from:9 - fuse.x-y you@host:/ rw,user_id=5";
        _cleanup_(mount_reader_done) MountReader reader = {};
        Mount mount;

        (void) state;
        open_text(&reader, text, sizeof(text) - 1);
        assert_int_equal(mount_reader_next(&reader, &mount), 1);
        assert_int_equal(mount.id, 22);
        assert_int_equal(mount.major, 254);
        assert_int_equal(mount.minor, 7);
        assert_string_equal(mount.root, "/");
        assert_string_equal(mount.point, "/");
        assert_string_equal(mount.type, "ext4");
        assert_string_equal(mount.options, "rw,discard");

        assert_int_equal(mount_reader_next(&reader, &mount), 1);
        assert_true(mount.id == UINT64_MAX);
        assert_int_equal(mount.major, 4095);
        assert_int_equal(mount.minor, 1048575);
        assert_string_equal(mount.root, "/a b\t\\c");
        assert_string_equal(mount.point, "/mnt/\n\\777x"); /* no byte has that number */
        assert_string_equal(mount.type, "fuse.x-y");
        assert_string_equal(mount.options, "rw,user_id=5");
        assert_int_equal(mount_reader_next(&reader, &mount), 0);
}

/* Each is passed over, and what stands behind it is found. */
static void test_no_mounts(void **state) {
        static const char *const lines[] = { "", " ", "x", "25", "25 1 0:1", "25 1 0:1 / / rw",
                "25 1 0:1 / / rw shared:1", "25 1 0:1 / / rw - ext4", "25 1 0:1 / / rw - ext4 none",
                "x 1 0:1 / / rw - ext4 none rw", " 1 0:1 / / rw - ext4 none rw",
                "-1 1 0:1 / / rw - ext4 none rw", "2x 1 0:1 / / rw - ext4 none rw",
                "25 1 01 / / rw - ext4 none rw", "25 1 0:1 / / rw ext4 none rw" };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                _cleanup_(mount_reader_done) MountReader reader = {};
                char text[256];
                Mount mount;
                int n = snprintf(text, sizeof(text), "%s\n7 1 0:1 /r /p rw - t s o\n", lines[i]);

                open_text(&reader, text, (size_t) n);
                assert_int_equal(mount_reader_next(&reader, &mount), 1);
                assert_int_equal(mount.id, 7);
                assert_string_equal(mount.point, "/p");
                assert_int_equal(mount_reader_next(&reader, &mount), 0);
        }
}

static void test_no_file(void **state) {
        MountReader reader = {};

        (void) state;
        assert_int_equal(mount_reader_open(&reader, "/nonexistent/mountinfo"), -ENOENT);
        mount_reader_done(&reader);
        mount_reader_done(&reader);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_fields),
                cmocka_unit_test(test_no_mounts),
                cmocka_unit_test(test_no_file),
        };

        return cmocka_run_group_tests_name("mountinfo", tests, NULL, NULL);
}

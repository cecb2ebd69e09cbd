/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "files/mount.h"
#include "util/cleanup.h"

static const char text[] =
        "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard\n"
        "23 22 0:21 / /proc rw - proc proc rw\n"
        "24 22 0:4095 /sub/dir /mnt/a\\040b rw,nosuid shared:3 master:1 - btrfs /dev/sdb rw,subvol=/sub\n"
        "not a mount\n"
        "\n"
        "25\n"
        "26 22 0:50 / /mnt/one rw - fuse.sshfs you@host:/ rw,user_id=1000,group_id=1000,allow_other\n"
        "27 22 0:51 / /mnt/two rw - fuse.x ,user_id=5 rw,user_id=0,group_id=0,allow_other\n"
        "28 22 0:52 / /mnt/three rw - virtiofs tag rw\n"
        "18446744073709551615 22 4095:1048575 / /mnt/last rw - tmpfs tmpfs rw";

/* A file with that text. Its path is in `path`. */
static int make(char path[static 32], const char *content) {
        int fd = memfd_create("mountinfo", MFD_CLOEXEC);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, content, strlen(content)), strlen(content));
        (void) snprintf(path, 32, "/proc/self/fd/%d", fd);
        return fd;
}

static void test_mounts(void **state) {
        static const struct {
                uint64_t id;
                uint32_t device;
                bool of_user;
        } mounts[] = {
                { 22, 254 << 20, false },
                { 24, 4095, false },
                { 26, 50, true },
                { 27, 51, false },
                { 28, 52, false },
                { UINT64_MAX, UINT32_MAX, false },
        };
        static const uint64_t others[] = { 0, 1, 2, 25, 29, 254 };
        _cleanup_close_ int fd = -EBADF;
        FileMount mount;
        char path[32];

        (void) state;
        fd = make(path, text);
        for (size_t i = 0; i < ELEMENTSOF(mounts); i++) {
                assert_int_equal(file_mount_find(path, mounts[i].id, &mount), 0);
                assert_int_equal(mount.device, mounts[i].device);
                assert_int_equal(mount.of_user, mounts[i].of_user);
        }
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                assert_int_equal(file_mount_find(path, others[i], &mount), -ENOENT);
}

static void test_no_file(void **state) {
        FileMount mount;

        (void) state;
        assert_int_equal(file_mount_find("/nonexistent/mountinfo", 22, &mount), -ENOENT);
        assert_int_equal(file_mount_find("/proc/self/mountinfo/x", 22, &mount), -ENOTDIR);
}

/* The mount of /proc, whose device no layer changes. */
static void test_real(void **state) {
        struct statx stx;
        FileMount mount;

        (void) state;
        assert_int_equal(statx(AT_FDCWD, "/proc/self/stat", 0, STATX_INO | STATX_MNT_ID, &stx), 0);
        if (!(stx.stx_mask & STATX_MNT_ID))
                skip();
        assert_int_equal(file_mount_find("/proc/self/mountinfo", stx.stx_mnt_id, &mount), 0);
        assert_int_equal(mount.device, file_device(stx.stx_dev_major, stx.stx_dev_minor));
        assert_false(mount.of_user);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_mounts),
                cmocka_unit_test(test_no_file),
                cmocka_unit_test(test_real),
        };

        return cmocka_run_group_tests_name("files-mount", tests, NULL, NULL);
}

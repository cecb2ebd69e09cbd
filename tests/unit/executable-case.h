/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A directory with copies of this program in it, and questions about them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/executable.h"
#include "files/mount.h"
#include "util/cleanup.h"

typedef struct ExecutableCase {
        char directory[64];
        char path[96]; /* of a copy of this program */
        BuildId id; /* of it */
} ExecutableCase;

/* Valgrind makes a fork of what posix_spawn(3) does, and the error of its exec does not come back. */
static inline bool executable_case_is_emulated(void) {
        const char *preloaded = getenv("LD_PRELOAD");

        return preloaded && strstr(preloaded, "vgpreload");
}

static inline void executable_case_copy(const char *path) {
        _cleanup_close_ int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
        _cleanup_close_ int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
        struct stat st;

        assert_true(from >= 0 && to >= 0);
        assert_int_equal(fstat(from, &st), 0);
        for (off_t done = 0; done < st.st_size;) {
                ssize_t n = sendfile(to, from, NULL, (size_t) (st.st_size - done));

                assert_true(n > 0);
                done += n;
        }
}

static inline int executable_case_setup(void **state) {
        ExecutableCase *c = calloc(1, sizeof(*c));
        _cleanup_free_ char *real = NULL;
        _cleanup_close_ int fd = -EBADF;

        assert_non_null(c);
        strcpy(c->directory, "/tmp/test-executable-XXXXXX");
        assert_non_null(mkdtemp(c->directory));
        real = realpath(c->directory, NULL); /* no symbolic links: as the kernel side has it */
        assert_non_null(real);
        assert_true(strlen(real) < sizeof(c->directory));
        strcpy(c->directory, real);
        (void) snprintf(c->path, sizeof(c->path), "%s/program", c->directory);
        executable_case_copy(c->path);
        fd = open(c->path, O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        if (elf_read_build_id(fd, &c->id) < 0)
                print_message("this program has no build-id\n");
        *state = c;
        return 0;
}

static inline int executable_case_teardown(void **state) {
        ExecutableCase *c = *state;
        _cleanup_free_ char *command = NULL;

        assert_true(asprintf(&command, "rm -rf '%s'", c->directory) > 0);
        assert_int_equal(system(command), 0);
        free(c);
        return 0;
}

/* The file's identity as the kernel side tells it. */
static inline FileIdentity executable_case_identity(const char *path) {
        FileMount mount = {};
        struct statx stx;

        assert_int_equal(
                statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_MNT_ID, &stx), 0);
        assert_true(stx.stx_mask & STATX_MNT_ID);
        assert_int_equal(file_mount_find("/proc/self/mountinfo", stx.stx_mnt_id, &mount), 0);
        return (FileIdentity){
                .inode = stx.stx_ino,
                .ctime_ns = (int64_t) stx.stx_ctime.tv_sec * 1000000000 + stx.stx_ctime.tv_nsec,
                .device = mount.device,
                .known = true,
        };
}

/* The question that a program at `path` makes, which is the file of that identity. No process leads to it. */
static inline FileQuestion executable_case_question(const char *path, FileIdentity file) {
        FileQuestion question = {
                .version = FILE_PROTOCOL_VERSION,
                .kind = FILE_BUILD_ID,
                .number = 42,
                .file = file,
                .nspid = EVENT_ID_UNSET,
                .pidns = EVENT_ID_UNSET,
                .path_size = (uint32_t) strlen(path),
        };

        assert_true(question.path_size < sizeof(question.path));
        memcpy(question.path, path, question.path_size);
        return question;
}

static inline void executable_case_assert_found(const ExecutableCase *c, const FileAnswer *answer) {
        assert_int_equal(answer->number, 42);
        assert_int_equal(answer->error, c->id.size > 0 ? 0 : -ENODATA);
        assert_int_equal(answer->build_id.size, c->id.size);
        assert_memory_equal(answer->build_id.bytes, c->id.bytes, c->id.size);
}

static inline void executable_case_assert_error(const FileAnswer *answer, int error) {
        assert_int_equal(answer->number, 42);
        assert_int_equal(answer->error, error);
        assert_int_equal(answer->build_id.size, 0);
}

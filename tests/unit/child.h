/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Other programs as judges: one process reads a whole batch, and what it prints is compared. */

#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/buffer.h"
#include "util/cleanup.h"

/* Whether PATH has the program. */
static inline bool child_is_there(const char *program) {
        _cleanup_free_ char *path = strdup(getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
        char *rest = path, *directory;

        assert_non_null(path);
        while ((directory = strsep(&rest, ":"))) {
                _cleanup_free_ char *file = NULL;

                assert_true(asprintf(&file, "%s/%s", directory, program) > 0);
                if (access(file, X_OK) == 0)
                        return true;
        }
        return false;
}

/* Runs argv[0], which reads `input`; appends what it prints to `output`. It must succeed. The files are
 * memory, not pipes, so that neither side can wait for the other. */
static inline void child_run(
        const char *const argv[], const char *const environment[], Bytes input, Buffer *output) {
        _cleanup_close_ int in = memfd_create("input", MFD_CLOEXEC);
        _cleanup_close_ int out = memfd_create("output", MFD_CLOEXEC);
        posix_spawn_file_actions_t actions;
        struct stat st;
        pid_t pid;
        int status;

        assert_true(in >= 0 && out >= 0);
        assert_int_equal(write(in, input.data, input.size), input.size);
        assert_int_equal(lseek(in, 0, SEEK_SET), 0);

        assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
        assert_int_equal(posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO), 0);
        assert_int_equal(posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO), 0);
        assert_int_equal(
                posix_spawnp(&pid, argv[0], &actions, NULL, (char **) argv, (char **) environment), 0);
        assert_int_equal(posix_spawn_file_actions_destroy(&actions), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);

        assert_int_equal(fstat(out, &st), 0);
        assert_int_equal(buffer_reserve(output, (size_t) st.st_size), 0);
        assert_int_equal(pread(out, output->data + output->size, (size_t) st.st_size, 0), st.st_size);
        output->size += (size_t) st.st_size;
}

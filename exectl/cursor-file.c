/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "cursor-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"

int cursor_file_read(const char *path, char **ret) {
        _cleanup_fclose_ FILE *file = fopen(path, "re");
        _cleanup_free_ char *line = NULL;
        size_t allocated = 0;

        *ret = NULL;
        if (!file)
                return errno == ENOENT ? 0 : -errno;
        errno = 0;
        if (getline(&line, &allocated, file) < 0)
                return ferror(file) ? (errno > 0 ? -errno : -EIO) : 0;
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '\0')
                *ret = TAKE_PTR(line);
        return 0;
}

static int write_line(int fd, const char *text) {
        size_t left = strlen(text);

        while (left > 0) {
                ssize_t n = write(fd, text, left);

                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n > 0) {
                        text += n;
                        left -= (size_t) n;
                }
        }
        return fsync(fd) < 0 ? -errno : 0;
}

int cursor_file_write(const char *path, const char *cursor) {
        _cleanup_free_ char *beside = NULL, *line = NULL;
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (asprintf(&beside, "%s.new", path) < 0) {
                beside = NULL;
                return -ENOMEM;
        }
        if (asprintf(&line, "%s\n", cursor) < 0) {
                line = NULL;
                return -ENOMEM;
        }
        fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (fd < 0)
                return -errno;
        r = write_line(fd, line);
        if (r >= 0 && rename(beside, path) < 0)
                r = -errno;
        if (r < 0)
                (void) unlink(beside);
        return r;
}

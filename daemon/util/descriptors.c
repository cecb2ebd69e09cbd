/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "util/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int descriptors_fill_standard(void) {
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
                int opened;

                if (fcntl(fd, F_GETFD) >= 0)
                        continue;
                if (errno != EBADF)
                        return -errno;
                /* open(2) returns the lowest free number, which is this one. */
                opened = open("/dev/null", O_RDWR);
                if (opened < 0)
                        opened = open("/", O_PATH | O_DIRECTORY);
                if (opened < 0)
                        return -errno;
        }
        return 0;
}

int descriptors_move_up(int fd) {
        int moved, error;

        if (fd > STDERR_FILENO)
                return fd;
        moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        error = errno;
        (void) close(fd);
        return moved < 0 ? -error : moved;
}

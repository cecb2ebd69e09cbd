/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "util/processes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"

#define PF_KTHREAD 0x00200000U /* include/linux/sched.h */

static inline void closedirp(DIR **d) {
        if (*d)
                closedir(*d);
}

/* Parses proc_pid_stat(5). The name is in parentheses, and may contain some itself. */
static bool is_program(const char *stat) {
        const char *behind = strrchr(stat, ')');
        unsigned flags;
        char state;

        if (!behind || sscanf(behind, ") %c %*d %*d %*d %*d %*d %u", &state, &flags) != 2)
                return false;
        return state != 'Z' && state != 'X' && !(flags & PF_KTHREAD);
}

/* Returns false also when the process has ended meanwhile. */
static bool process_is_program(int proc_fd, const char *pid) {
        _cleanup_close_ int fd = -EBADF;
        char path[32], text[512];
        ssize_t n;

        if (snprintf(path, sizeof(path), "%s/stat", pid) >= (int) sizeof(path))
                return false;
        fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return false;
        n = read(fd, text, sizeof(text) - 1);
        if (n < 0)
                return false;
        text[n] = '\0';
        return is_program(text);
}

int processes_count(int proc_fd, uint64_t *ret) {
        _cleanup_(closedirp) DIR *d = NULL;
        const struct dirent *entry;
        uint64_t n = 0;
        int fd;

        fd = openat(proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        d = fdopendir(fd);
        if (!d) {
                close(fd);
                return -ENOMEM;
        }
        while ((errno = 0, entry = readdir(d)))
                if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9' &&
                        process_is_program(dirfd(d), entry->d_name))
                        n++;
        if (errno != 0)
                return -errno;
        *ret = n;
        return 0;
}

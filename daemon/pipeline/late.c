/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "pipeline/late.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/clock.h"

#define NSEC_PER_SEC 1000000000ULL

/*
 * Compares the start time in proc_pid_stat(5), field 22, which is in ticks since boot. The name in field 2
 * may hold any bytes.
 */
static bool is_process(int process_fd, uint64_t start_ns) {
        const uint64_t tick_ns = NSEC_PER_SEC / (uint64_t) sysconf(_SC_CLK_TCK);
        _cleanup_close_ int fd = openat(process_fd, "stat", O_RDONLY | O_CLOEXEC);
        const char *behind;
        char text[1024];
        uint64_t ticks;
        ssize_t n;

        n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
        if (n <= 0)
                return false;
        text[n] = '\0';
        behind = strrchr(text, ')');
        if (!behind ||
                sscanf(behind,
                        ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "
                        "%" SCNu64,
                        &ticks) != 1)
                return false;
        /* Times in /proc are those of the reader's time namespace. */
        return ticks == (start_ns + (uint64_t) clock_namespace_ns()) / tick_ns;
}

int late_arguments(int proc_fd, const ProcessIdentity *process, size_t max, Buffer *ret) {
        _cleanup_close_ int process_fd = -EBADF, fd = -EBADF;
        char pid[16];

        buffer_clear(ret);
        (void) snprintf(pid, sizeof(pid), "%u", process->pid);
        process_fd = openat(proc_fd, pid, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (process_fd < 0)
                return errno == ENOENT ? -ESRCH : -errno;
        fd = openat(process_fd, "cmdline", O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        while (ret->size < max) {
                size_t room = max - ret->size < 4096 ? max - ret->size : 4096;
                ssize_t n;

                if (buffer_reserve(ret, room) < 0)
                        return -ENOMEM;
                n = read(fd, ret->data + ret->size, room);
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                ret->size += (size_t) n;
        }
        /* Checked after the read: if the pid belongs to the process now, it did so during the read. */
        return is_process(process_fd, process->start_ns) ? 0 : -ESRCH;
}

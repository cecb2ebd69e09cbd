/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "util/clock.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util/cleanup.h"

/* Three readings without an interruption take far less than this. */
#define GAP_NS 10000
#define READINGS_MAX 5

static int64_t clock_ns(clockid_t clock) {
        struct timespec ts;

        (void) clock_gettime(clock, &ts); /* can't fail with a clock that exists */
        return (int64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/*
 * Returns true when children would be in another time namespace than this process, whose offsets are shown
 * then. On Linux 6.1 an exec does not move a process to the namespace that it has unshared.
 */
static bool namespace_is_for_children(void) {
        struct stat own, children;

        return stat("/proc/self/ns/time", &own) >= 0 &&
                stat("/proc/self/ns/time_for_children", &children) >= 0 && own.st_ino != children.st_ino;
}

/* Reads the line "boottime SECONDS NANOSECONDS". If it is missing, the kernel has no time namespaces. */
static int64_t read_namespace(void) {
        _cleanup_close_ int fd = open("/proc/self/timens_offsets", O_RDONLY | O_CLOEXEC);
        char text[256], *line, *end;
        long long seconds;
        ssize_t n;

        n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
        if (n <= 0 || namespace_is_for_children())
                return 0;
        text[n] = '\0';
        line = strstr(text, "boottime");
        if (!line)
                return 0;
        seconds = strtoll(line + strlen("boottime"), &end, 10);
        return (int64_t) seconds * 1000000000 + strtoll(end, NULL, 10);
}

int64_t clock_namespace_ns(void) {
        /* This process does not change its time namespace, so the offset is read only once. */
        static bool known;
        static int64_t offset;

        if (!known)
                offset = read_namespace();
        known = true;
        return offset;
}

int64_t clock_offset_ns(void) {
        int64_t offset = 0, least = INT64_MAX;

        for (int i = 0; i < READINGS_MAX && least > GAP_NS; i++) {
                int64_t before = clock_ns(CLOCK_BOOTTIME);
                int64_t real = clock_ns(CLOCK_REALTIME);
                int64_t gap = clock_ns(CLOCK_BOOTTIME) - before;

                if (gap < least) {
                        least = gap;
                        offset = real - (before + gap / 2);
                }
        }
        return offset + clock_namespace_ns();
}

uint64_t clock_now_usec(void) {
        int64_t ns = clock_ns(CLOCK_REALTIME);

        return ns < 0 ? 0 : (uint64_t) ns / 1000;
}

uint64_t clock_usec_of(uint64_t boottime_ns, int64_t offset_ns) {
        uint64_t ns;

        if (__builtin_add_overflow(boottime_ns, offset_ns, &ns))
                ns = offset_ns < 0 ? 0 : UINT64_MAX;
        return ns / 1000;
}

uint64_t clock_boottime_ns(void) {
        return (uint64_t) (clock_ns(CLOCK_BOOTTIME) - clock_namespace_ns());
}

uint64_t clock_monotonic_usec(void) {
        return (uint64_t) clock_ns(CLOCK_MONOTONIC) / 1000;
}

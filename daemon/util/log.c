/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "util/log.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/utf8.h"

#define LINE_BYTES_MAX 2048

/*
 * JOURNAL_STREAM=DEVICE:INODE names the stream that systemd connected; it counts only while it is still ours.
 */
static bool stderr_is_journal(void) {
        const char *e = getenv("JOURNAL_STREAM");
        unsigned long long device, inode;
        struct stat st;

        return e && sscanf(e, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &st) >= 0 &&
                st.st_dev == (dev_t) device && st.st_ino == (ino_t) inode;
}

static int level_max(void) {
        static const char *const names[] = { "emerg", "alert", "crit", "err", "warning", "notice", "info",
                "debug" };
        const char *e = getenv("SYSTEMD_LOG_LEVEL");

        for (size_t i = 0; e && i < ELEMENTSOF(names); i++)
                if (strcmp(e, names[i]) == 0 || (e[0] == (char) ('0' + i) && e[1] == '\0'))
                        return (int) i;
        return LOG_INFO;
}

void log_message_v(int priority, const char *format, va_list ap) {
        char line[LINE_BYTES_MAX];
        size_t size;

        if (priority > level_max())
                return;

        (void) vsnprintf(line, sizeof(line), format, ap);
        size = strlen(line);
        while (size > 0 && line[size - 1] == '\n')
                line[--size] = '\0';
        if (size == 0)
                return;
        utf8_make_printable(line);

        if (stderr_is_journal())
                (void) dprintf(STDERR_FILENO, "<%d>%s\n", priority, line);
        else
                (void) dprintf(STDERR_FILENO, "exectraced: %s\n", line);
}

void log_message(int priority, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        log_message_v(priority, format, ap);
        va_end(ap);
}

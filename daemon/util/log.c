/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Standard error may be a pipe that no process reads, a terminal that was stopped with ^S, or a stream to a
 * journald that hangs. None of these must block the loop, so a line for which there is no room is dropped and
 * counted. The open file description is shared with the process that started this one, so O_NONBLOCK is not
 * set: a pipe or a terminal is opened again for each line, and a socket is written with MSG_DONTWAIT. A
 * regular file does not block for long.
 */

#include "util/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/utf8.h"

#define LINE_BYTES_MAX 2048

/* A write of up to PIPE_BUF bytes to a pipe is atomic (pipe(7)). */
_Static_assert(
        LINE_BYTES_MAX + sizeof("exectraced: \n") <= PIPE_BUF, "a line is written whole or not at all");

/*
 * The number of lines that were dropped since the last one that was written, and whether that one was written
 * only in part. They are global, because standard error is.
 */
static unsigned n_dropped;
static bool is_cut;

/*
 * JOURNAL_STREAM=DEVICE:INODE identifies the stream that systemd connected. Standard error may have been
 * redirected since, so it is compared.
 */
bool log_is_journal(void) {
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

/* Writes to a pipe or terminal as much as there is room for. Returns like write(2). */
static ssize_t write_stream(const char *data, size_t size) {
        struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };
        _cleanup_close_ int fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

        if (fd >= 0)
                return write(fd, data, size);
        /* If it can't be opened: a pipe that has room has enough for a line, but a terminal may block. */
        if (poll(&p, 1, 0) > 0)
                return write(STDERR_FILENO, data, size);
        errno = EAGAIN;
        return -1;
}

static ssize_t write_some(const char *data, size_t size) {
        struct stat st;

        if (fstat(STDERR_FILENO, &st) < 0)
                return -1;
        if (S_ISSOCK(st.st_mode))
                return send(STDERR_FILENO, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (S_ISFIFO(st.st_mode) || isatty(STDERR_FILENO))
                return write_stream(data, size);
        return write(STDERR_FILENO, data, size);
}

/* Returns true when the line was written, at least in part. */
static bool write_line(const char *line) {
        size_t size = strlen(line);
        ssize_t n = write_some(line, size);

        if (n <= 0)
                return false;
        is_cut = (size_t) n < size;
        return true;
}

/* Writes a line that begins with the priority for the journal, and with the name of the program otherwise. */
static bool write_message(int priority, const char *text) {
        char line[LINE_BYTES_MAX + sizeof("exectraced: \n")];

        if (log_is_journal())
                (void) snprintf(line, sizeof(line), "<%d>%s\n", priority, text);
        else
                (void) snprintf(line, sizeof(line), "exectraced: %s\n", text);
        return write_line(line);
}

/*
 * Completes a line that was written in part, and writes how many lines were dropped, if any were. Returns
 * false when there is no room for that.
 */
static bool say_dropped(void) {
        char text[64];

        if (is_cut && !write_line("\n"))
                return false;
        is_cut = false;
        if (n_dropped == 0)
                return true;
        (void) snprintf(text, sizeof(text), "%u messages were dropped here: there was no room", n_dropped);
        if (!write_message(LOG_WARNING, text))
                return false;
        n_dropped = 0;
        return true;
}

void log_message_v(int priority, const char *format, va_list ap) {
        char text[LINE_BYTES_MAX];
        size_t size;

        if (priority > level_max())
                return;

        (void) vsnprintf(text, sizeof(text), format, ap);
        size = strlen(text);
        while (size > 0 && text[size - 1] == '\n')
                text[--size] = '\0';
        if (size == 0)
                return;
        utf8_make_printable(text);

        if (!say_dropped() || !write_message(priority, text))
                n_dropped++;
}

void log_message(int priority, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        log_message_v(priority, format, ap);
        va_end(ap);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Writes to standard output, one record a line. Nothing here blocks for long, so that signals are handled
 * even if the reader is slow. The open file description of descriptor 1 is shared with the process that
 * started us, so it is not switched to non-blocking. A pipe or terminal is opened again; if that is refused,
 * poll(2) is called before each write. A socket is written with MSG_DONTWAIT. A regular file never blocks for
 * long.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "format/json.h"
#include "format/message.h"
#include "sink/sink.h"
#include "util/buffer.h"

#define BATCH_BYTES_MAX (64U * 1024U)
#define BATCH_KEPT (4U * BATCH_BYTES_MAX) /* the memory that an empty batch keeps; more of it is freed */

typedef enum Channel {
        CHANNEL_FILE,
        CHANNEL_SOCKET,
        CHANNEL_STREAM, /* pipe or terminal */
} Channel;

typedef struct StdoutSink {
        Sink sink;
        OutputFormat format;
        Channel channel;
        int fd;
        int own_fd; /* the descriptor of the file opened again, or -EBADF */
        size_t batch_max;
        Buffer batch;
        size_t written; /* bytes of the batch */
        bool blocked;
} StdoutSink;

static StdoutSink *stdout_sink(Sink *sink) {
        return (StdoutSink *) sink;
}

/* Ends the line. If there was no memory, removes what was appended after `size`, and returns -ENOMEM. */
static int line_finish(StdoutSink *s, size_t size) {
        int r;

        buffer_append_char(&s->batch, '\n');
        r = buffer_error(&s->batch);
        if (r < 0) {
                buffer_truncate(&s->batch, size);
                s->batch.failed = false;
        }
        return r;
}

static int stdout_append(Sink *sink, const Event *event) {
        StdoutSink *s = stdout_sink(sink);
        size_t before = s->batch.size;

        if (s->batch.size >= s->batch_max)
                return -ENOBUFS;

        if (s->format == OUTPUT_JSON)
                json_event(&s->batch, &sink->options, event);
        else
                message_format(&s->batch, event, SIZE_MAX);
        return line_finish(s, before);
}

static int stdout_append_notice(Sink *sink, const Notice *notice) {
        StdoutSink *s = stdout_sink(sink);
        size_t before = s->batch.size;

        /* The text format has only lines of exec records; the manager logs notices to standard error. */
        if (s->format != OUTPUT_JSON)
                return 0;
        json_notice(&s->batch, notice);
        return line_finish(s, before);
}

static ssize_t channel_write(const StdoutSink *s, const char *data, size_t size) {
        struct pollfd p = { .fd = s->fd, .events = POLLOUT };
        int r;

        if (s->channel == CHANNEL_SOCKET)
                return send(s->fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (s->channel == CHANNEL_FILE || s->own_fd >= 0)
                return write(s->fd, data, size);

        /*
         * The open file description is shared and may block. But after poll(2) a pipe does not block for
         * PIPE_BUF bytes, which pipe(7) promises to take if there is any room. A terminal with hardly any
         * room left can still block.
         */
        r = poll(&p, 1, 0);
        if (r > 0)
                return write(s->fd, data, size < PIPE_BUF ? size : PIPE_BUF);
        if (r == 0)
                errno = EAGAIN;
        return -1;
}

/* Returns the result of flush() for the error of a write. */
static int channel_error(const StdoutSink *s, int error) {
        /* -EAGAIN would mean to wait for the descriptor, but files can't be waited for. */
        if (error == EAGAIN && s->channel == CHANNEL_FILE)
                return -EBUSY;
        if (error == ECONNRESET && s->channel == CHANNEL_SOCKET)
                return -EPIPE;
        if (error == EIO && s->channel == CHANNEL_STREAM) /* the terminal was hung up */
                return -EPIPE;
        return -error;
}

/* Returns -EPIPE when the reader is gone, or 0. It is called when there is nothing to write. */
static int channel_check(const StdoutSink *s) {
        struct pollfd p = { .fd = s->fd };

        if (s->channel == CHANNEL_FILE || poll(&p, 1, 0) <= 0)
                return 0;
        return p.revents & (POLLERR | POLLHUP | POLLNVAL) ? -EPIPE : 0;
}

static int stdout_flush(Sink *sink) {
        StdoutSink *s = stdout_sink(sink);

        s->blocked = false;
        if (s->batch.size == 0)
                return channel_check(s);

        while (s->written < s->batch.size) {
                ssize_t n = channel_write(s, s->batch.data + s->written, s->batch.size - s->written);
                int r;

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0) {
                        r = channel_error(s, errno);
                        s->blocked = r == -EAGAIN;
                        return r;
                }
                s->written += (size_t) n;
        }
        s->written = 0;
        buffer_shrink(&s->batch, BATCH_KEPT);
        return 0;
}

static int stdout_watch(const Sink *sink, uint32_t *ret_events) {
        const StdoutSink *s = (const StdoutSink *) sink;

        if (s->channel == CHANNEL_FILE)
                return -EBADF;
        *ret_events = s->blocked ? EPOLLOUT : 0;
        return s->fd;
}

static void stdout_free(Sink *sink) {
        StdoutSink *s = stdout_sink(sink);

        closep(&s->own_fd);
        buffer_done(&s->batch);
        free(s);
}

/* Returns true for a terminal. One that was hung up fails with EIO. */
static bool is_terminal(int fd) {
        return isatty(fd) || errno == EIO;
}

/*
 * Finds out the kind of the descriptor, and how to write to it without blocking. Returns 0 or the error of
 * fstat(2).
 */
static int channel_open(StdoutSink *s, int fd) {
        char path[sizeof("/proc/self/fd/") + 11];
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        s->fd = fd;
        if (S_ISSOCK(st.st_mode)) {
                s->channel = CHANNEL_SOCKET;
                return 0;
        }
        if (is_terminal(fd))
                s->batch_max = 1; /* each line is written at once */
        else if (!S_ISFIFO(st.st_mode)) {
                s->channel = CHANNEL_FILE;
                return 0;
        }

        s->channel = CHANNEL_STREAM;
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        s->own_fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (s->own_fd >= 0)
                s->fd = s->own_fd;
        return 0;
}

int stdout_sink_new(int fd, OutputFormat format, const FormatOptions *options, Sink **ret) {
        static const SinkOps ops = {
                .append = stdout_append,
                .append_notice = stdout_append_notice,
                .flush = stdout_flush,
                .watch = stdout_watch,
                .free = stdout_free,
        };
        _cleanup_(sink_freep) Sink *sink = NULL;
        StdoutSink *s;
        int r;

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->sink = (Sink){ .ops = &ops, .options = *options };
        s->own_fd = -EBADF;
        s->format = format;
        s->batch_max = BATCH_BYTES_MAX;
        sink = &s->sink;

        r = channel_open(s, fd);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(sink);
        return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Standard output, one record a line. A reader that is slow must not keep the program from its signals:
 * nothing here blocks. The description behind descriptor 1 is shared with whoever started us, so it is not
 * switched to non-blocking: a pipe or terminal is opened a second time (where that is refused, poll(2) is
 * asked before each write), a socket is written with MSG_DONTWAIT. A file never blocks for long.
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
#define BATCH_KEPT (4U * BATCH_BYTES_MAX) /* memory; a giant record does not leave its own behind */

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
        int own_fd; /* the second opening, or -EBADF */
        size_t batch_max;
        Buffer batch;
        size_t written; /* of the batch */
        bool blocked;
} StdoutSink;

static StdoutSink *stdout_sink(Sink *sink) {
        return (StdoutSink *) sink;
}

/* Ends the line, or takes back what was appended behind `size` when memory ran out on the way. */
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

        /* Text has one kind of line only; the manager says the rest on standard error. */
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
         * Shared with others, so it may block: but a pipe not for what pipe(7) promises to take where there
         * is room at all. A terminal that has nearly no room left still may.
         */
        r = poll(&p, 1, 0);
        if (r > 0)
                return write(s->fd, data, size < PIPE_BUF ? size : PIPE_BUF);
        if (r == 0)
                errno = EAGAIN;
        return -1;
}

/* What flush() returns for the error of a write. */
static int channel_error(const StdoutSink *s, int error) {
        /* Nothing tells when a file can be written again: not -EAGAIN, which asks to wait for that. */
        if (error == EAGAIN && s->channel == CHANNEL_FILE)
                return -EBUSY;
        if (error == ECONNRESET && s->channel == CHANNEL_SOCKET)
                return -EPIPE;
        if (error == EIO && s->channel == CHANNEL_STREAM) /* the terminal was hung up */
                return -EPIPE;
        return -error;
}

/* Nothing to write: only whether there is still somebody to write to. */
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

/* One that was hung up says so in its own way. */
static bool is_terminal(int fd) {
        return isatty(fd) || errno == EIO;
}

/* What kind of thing is behind the descriptor, and a non-blocking way to it. */
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
                s->batch_max = 1; /* a line at a time for whoever looks on */
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

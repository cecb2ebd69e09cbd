/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * syslog(3), for machines without a journal. It returns nothing, drops what it can't send and blocks when the daemon
 * behind it is busy; so a socket of our own, connected to the same place, is asked first whether it is there and has room.
 */

#include <assert.h>
#include <errno.h>
#include <paths.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "format/line.h"
#include "sink/sink.h"
#include "util/buffer.h"

#define BATCH_LINES_MAX 64

typedef struct SyslogLine {
        int priority;
        size_t offset; /* in the batch; NUL-terminated */
} SyslogLine;

typedef struct SyslogSink {
        Sink sink;
        const Config *config;
        int probe_fd;
        bool blocked;
        Buffer batch;
        SyslogLine lines[BATCH_LINES_MAX * 2];
        size_t n_lines;
        size_t n_sent;
} SyslogSink;

static SyslogSink *syslog_sink(Sink *sink) {
        return (SyslogSink *) sink;
}

static int line_finish(SyslogSink *s, int priority, size_t offset) {
        int r;

        buffer_append_char(&s->batch, '\0');
        r = buffer_error(&s->batch);
        if (r < 0) {
                buffer_truncate(&s->batch, offset);
                s->batch.failed = false;
                return r;
        }
        s->lines[s->n_lines++] = (SyslogLine){ .priority = priority, .offset = offset };
        return 0;
}

static int syslog_append(Sink *sink, const Event *event) {
        SyslogSink *s = syslog_sink(sink);
        size_t offset = s->batch.size;

        if (s->n_lines >= BATCH_LINES_MAX)
                return -ENOBUFS;
        line_format_event(&s->batch, event, LINE_SIZE_MAX);
        return line_finish(s, s->config->priority, offset);
}

static int syslog_append_notice(Sink *sink, const Notice *notice) {
        SyslogSink *s = syslog_sink(sink);
        size_t offset = s->batch.size;

        if (s->n_lines >= ELEMENTSOF(s->lines))
                return -ENOMEM;
        line_format_notice(&s->batch, notice, LINE_SIZE_MAX);
        return line_finish(s, notice->priority, offset);
}

static int probe_connect(SyslogSink *s) {
        struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = _PATH_LOG };
        _cleanup_close_ int fd = -EBADF;

        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        if (connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        closep(&s->probe_fd);
        s->probe_fd = TAKE_FD(fd);
        return 0;
}

/* Whether one more message can be sent without waiting. */
static int probe_ready(const SyslogSink *s) {
        struct pollfd p = { .fd = s->probe_fd, .events = POLLOUT };
        int r = poll(&p, 1, 0);

        if (r < 0)
                return -errno;
        return r == 0 ? -EAGAIN : 0;
}

static int syslog_flush(Sink *sink) {
        SyslogSink *s = syslog_sink(sink);
        int r;

        s->blocked = false;
        if (s->n_lines == 0)
                return 0;

        /* Anew each time: a daemon that was restarted has another socket of the same name. */
        r = probe_connect(s);
        if (r < 0)
                return r;

        for (; s->n_sent < s->n_lines; s->n_sent++) {
                const SyslogLine *line = &s->lines[s->n_sent];

                r = probe_ready(s);
                if (r < 0) {
                        s->blocked = r == -EAGAIN;
                        return r;
                }
                syslog(s->config->facility | line->priority, "%s", s->batch.data + line->offset);
        }
        s->n_lines = s->n_sent = 0;
        buffer_clear(&s->batch);
        return 0;
}

static int syslog_watch(const Sink *sink, uint32_t *ret_events) {
        const SyslogSink *s = (const SyslogSink *) sink;

        if (!s->blocked)
                return -EBADF;
        *ret_events = EPOLLOUT;
        return s->probe_fd;
}

static void syslog_inherit(Sink *sink, Sink *from) {
        SyslogSink *s = syslog_sink(sink), *old = syslog_sink(from);

        assert(s->n_lines == 0);
        buffer_done(&s->batch);
        s->batch = old->batch;
        memcpy(s->lines, old->lines, sizeof(s->lines));
        s->n_lines = old->n_lines;
        s->n_sent = old->n_sent;
        old->batch = BUFFER_NULL;
        old->n_lines = old->n_sent = 0;
}

static void syslog_free(Sink *sink) {
        SyslogSink *s = syslog_sink(sink);

        closelog();
        closep(&s->probe_fd);
        buffer_done(&s->batch);
        free(s);
}

int syslog_sink_new(const Config *config, Sink **ret) {
        static const SinkOps ops = {
                .append = syslog_append,
                .append_notice = syslog_append_notice,
                .flush = syslog_flush,
                .watch = syslog_watch,
                .inherit = syslog_inherit,
                .free = syslog_free,
        };
        _cleanup_(sink_freep) Sink *sink = NULL;
        SyslogSink *s;
        int r;

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->sink.ops = &ops;
        s->config = config;
        s->probe_fd = -EBADF;
        sink = &s->sink;

        r = probe_connect(s);
        if (r < 0)
                return r;
        openlog("exectrace", LOG_NDELAY, config->facility);

        *ret = TAKE_PTR(sink);
        return 0;
}

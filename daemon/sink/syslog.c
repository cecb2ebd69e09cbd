/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Sends lines in syslog's protocol (RFC 3164), in the form that syslog(3) uses, for machines without a
 * journal: "<PRI>Mmm dd hh:mm:ss exectrace: LINE", in local time, to the socket of the syslog daemon.
 * syslog(3) is not used because it reports no errors, drops messages that it can't send, and blocks while the
 * syslog daemon is busy.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "format/line.h"
#include "sink/datagrams.h"
#include "sink/sink.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/utf8.h"

/* The size of a packet that every receiver accepts according to RFC 3164, in bytes. */
#define SHORT_LINE_SIZE 1024

/* "Nov 28 20:24:42" and the NUL. */
#define TIME_SIZE 16

typedef struct SyslogSink {
        Sink sink;
        Datagrams datagrams;
        time_t second; /* the second that `time` describes */
        char time[TIME_SIZE]; /* empty before the first line */
} SyslogSink;

static SyslogSink *syslog_sink(Sink *sink) {
        return (SyslogSink *) sink;
}

/* Returns the time as text. It is computed once for each second. */
static const char *time_text(SyslogSink *s, uint64_t usec) {
        static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
                "Oct", "Nov", "Dec" };
        const time_t second = (time_t) (usec / 1000000);
        struct tm tm;

        if (s->time[0] != '\0' && s->second == second)
                return s->time;
        if (!localtime_r(&second, &tm)) /* the year does not fit into struct tm */
                tm = (struct tm){ .tm_mday = 1 };
        (void) snprintf(s->time, sizeof(s->time), "%.3s %2u %02u:%02u:%02u",
                months[(unsigned) tm.tm_mon % 12], (unsigned) tm.tm_mday % 100, (unsigned) tm.tm_hour % 100,
                (unsigned) tm.tm_min % 100, (unsigned) tm.tm_sec % 100);
        s->second = second;
        return s->time;
}

static void line_begin(SyslogSink *s, int priority, uint64_t usec) {
        Buffer *batch = &s->datagrams.batch;

        buffer_append_char(batch, '<');
        buffer_append_i64(batch, s->sink.options.facility | priority);
        buffer_append_char(batch, '>');
        buffer_append_string(batch, time_text(s, usec));
        buffer_append_string(batch, " exectrace: ");
}

static int syslog_append(Sink *sink, const Event *event) {
        SyslogSink *s = syslog_sink(sink);

        if (datagrams_begin(&s->datagrams, false) < 0)
                return -ENOBUFS;
        line_begin(s, event_priority(event, sink->options.priority), event->timestamp);
        line_format_event(&s->datagrams.batch, event, LINE_SIZE_MAX);
        return datagrams_end(&s->datagrams, false);
}

static int syslog_append_notice(Sink *sink, const Notice *notice) {
        SyslogSink *s = syslog_sink(sink);

        if (datagrams_begin(&s->datagrams, true) < 0)
                return -ENOBUFS;
        line_begin(s, notice->priority, clock_now_usec());
        line_format_notice(&s->datagrams.batch, notice, LINE_SIZE_MAX);
        return datagrams_end(&s->datagrams, true);
}

/*
 * Sends only the beginning of a message that is too large for the buffer of the socket, so that it is sent at
 * all.
 */
static int syslog_send_short(int fd, Bytes line, int error) {
        size_t size = utf8_clip(line.data, line.size, SHORT_LINE_SIZE);

        if (error != -EMSGSIZE)
                return error;
        return send(fd, line.data, size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

static int syslog_flush(Sink *sink) {
        return datagrams_flush(&syslog_sink(sink)->datagrams);
}

static int syslog_watch(const Sink *sink, uint32_t *ret_events) {
        return datagrams_watch(&((const SyslogSink *) sink)->datagrams, ret_events);
}

static void syslog_inherit(Sink *sink, Sink *from) {
        datagrams_inherit(&syslog_sink(sink)->datagrams, &syslog_sink(from)->datagrams);
}

static void syslog_free(Sink *sink) {
        datagrams_done(&syslog_sink(sink)->datagrams);
        free(sink);
}

int syslog_sink_new(const FormatOptions *options, const char *socket_path, Sink **ret) {
        static const SinkOps ops = {
                .append = syslog_append,
                .append_notice = syslog_append_notice,
                .flush = syslog_flush,
                .watch = syslog_watch,
                .inherit = syslog_inherit,
                .free = syslog_free,
        };
        static const DatagramsProtocol protocol = { .stream = true, .send_large = syslog_send_short };
        _cleanup_(sink_freep) Sink *sink = NULL;
        SyslogSink *s;
        int r;

        s = malloc(sizeof(*s));
        if (!s)
                return -ENOMEM;
        *s = (SyslogSink){ .sink = { .ops = &ops, .options = *options } };
        sink = &s->sink;

        r = datagrams_init(&s->datagrams, &protocol, socket_path);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(sink);
        return 0;
}

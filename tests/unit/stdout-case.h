/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A standard output sink and a reader. What is read has to be exactly the lines that were appended. Through
 * the wrapped functions (--wrap, see unit_wraps in meson.build) system calls fail as they rarely do.
 */

#include "failing-memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "format/json.h"
#include "format/message.h"
#include "sample.h"
#include "sink/sink.h"
#include "util/buffer.h"

/* The bytes from which on a batch takes no more. */
#define BATCH_BYTES 65536

/* What write(2) does next: fail so often with that, and take no more than so many bytes. */
static int write_error;
static size_t write_n_errors;
static size_t write_size_max = SIZE_MAX;

ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size) {
        if (write_n_errors > 0) {
                write_n_errors--;
                errno = write_error;
                return -1;
        }
        return __real_write(fd, data, size < write_size_max ? size : write_size_max);
}

/* What open(2) fails with; 0: nothing. */
static int open_error;

#define OPEN_WRAP(name)                                       \
        int __real_##name(const char *path, int flags, ...);  \
        int __wrap_##name(const char *path, int flags, ...);  \
        int __wrap_##name(const char *path, int flags, ...) { \
                if (open_error == 0)                          \
                        return __real_##name(path, flags, 0); \
                errno = open_error;                           \
                return -1;                                    \
        }                                                     \
        struct swallow_semicolon_##name

OPEN_WRAP(open);
OPEN_WRAP(open64);

typedef struct StdoutCase {
        int fd; /* the sink's */
        int reader; /* the other end */
        Sink *sink;
        OutputFormat format;
        int flags; /* F_GETFL */
        uint64_t n; /* records appended */
        Buffer expected;
        Buffer output;
} StdoutCase;

static inline void stdout_case_init(StdoutCase *c, int fd, int reader, OutputFormat format) {
        *c = (StdoutCase){ .fd = fd, .reader = reader, .format = format, .flags = fcntl(fd, F_GETFL) };
        assert_true(c->flags >= 0);
        assert_int_equal(stdout_sink_new(fd, format, &(FormatOptions){}, &c->sink), 0);
}

/* The descriptor is the caller's: it is as it was, and still open. */
static inline void stdout_case_done(StdoutCase *c) {
        assert_int_equal(fcntl(c->fd, F_GETFL), c->flags);
        sink_free(c->sink);
        assert_int_equal(fcntl(c->fd, F_GETFL), c->flags);
        close(c->fd);
        closep(&c->reader);
        buffer_done(&c->expected);
        buffer_done(&c->output);
}

/* No two lines are the same. */
static inline int stdout_case_append(StdoutCase *c, uint32_t size) {
        static char storage[2 * BATCH_BYTES];
        Bytes argument = { memset(storage, 'x', sizeof(storage)), size };
        Event event = sample_small();
        int r;

        assert_true(size <= sizeof(storage));
        event.seq = event.pid = (uint32_t) c->n + 1;
        event.argv = &argument;
        event.argc = 1;
        r = sink_append(c->sink, &event);
        if (r < 0)
                return r;
        c->n++;
        if (c->format == OUTPUT_JSON)
                json_event(&c->expected, &(FormatOptions){}, &event);
        else
                message_format(&c->expected, &event, SIZE_MAX);
        buffer_append_char(&c->expected, '\n');
        return 0;
}

static inline int stdout_case_append_notice(StdoutCase *c) {
        Notice notice = { .kind = NOTICE_LOST, .message = BYTES_LITERAL("a\nb") };
        int r;

        notice_add_number(&notice, "EXEC_LOST", (int64_t) c->n + 1);
        r = sink_append_notice(c->sink, &notice);
        if (r < 0)
                return r;
        c->n++;
        if (c->format == OUTPUT_JSON) {
                json_notice(&c->expected, &notice);
                buffer_append_char(&c->expected, '\n');
        }
        return 0;
}

/* Reads up to `size` bytes. Returns how many there were. */
static inline size_t stdout_case_read(StdoutCase *c, size_t size) {
        struct pollfd p = { .fd = c->reader, .events = POLLIN };
        ssize_t n;

        if (poll(&p, 1, 0) <= 0 || !(p.revents & POLLIN))
                return 0;
        assert_int_equal(buffer_reserve(&c->output, size), 0);
        n = read(c->reader, c->output.data + c->output.size, size);
        assert_true(n >= 0);
        c->output.size += (size_t) n;
        return (size_t) n;
}

static inline void stdout_case_assert_complete(StdoutCase *c) {
        while (stdout_case_read(c, BATCH_BYTES) > 0)
                ;
        assert_int_equal(buffer_error(&c->expected), 0);
        assert_int_equal(c->output.size, c->expected.size);
        if (c->output.size > 0)
                assert_memory_equal(c->output.data, c->expected.data, c->output.size);
}

/* Whether what the sink asks to wait for, `events`, has happened. */
static inline bool stdout_case_is_ready(const StdoutCase *c, uint32_t events) {
        uint32_t asked = 7;
        struct pollfd p = { .fd = sink_watch(c->sink, &asked) };

        assert_true(p.fd >= 0);
        assert_int_equal(asked, events);
        p.events = events == EPOLLOUT ? POLLOUT : 0;
        assert_in_range(poll(&p, 1, 0), 0, 1);
        return p.revents != 0;
}

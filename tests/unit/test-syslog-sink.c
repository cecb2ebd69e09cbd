/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Syslog's lines, into a datagram or a stream socket: each of them once and whole, whatever the receiver
 * does.
 */

#include "exact.h"
#include "failing-memory.h"
#include "journal-receiver.h"
#include "sample.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <syslog.h>
#include <time.h>

#include "format/line.h"
#include "sink/sink.h"

static const FormatOptions options = { .facility = LOG_LOCAL3, .priority = LOG_NOTICE };

typedef struct Case {
        Receiver receiver; /* of datagrams */
        int listener; /* ... or of streams, and the one that was accepted */
        int stream;
        Sink *sink;
        Buffer expected; /* all lines, each ended by NUL */
        Buffer arrived;
} Case;

static void listen_for_streams(Case *c) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        assert_true(c->listener >= 0);
        strcpy(address.sun_path, c->receiver.path);
        assert_int_equal(bind(c->listener, (const struct sockaddr *) &address, sizeof(address)), 0);
        assert_int_equal(listen(c->listener, 1), 0);
}

static void close_streams(Case *c) {
        closep(&c->listener);
        closep(&c->stream);
        c->listener = c->stream = -EBADF;
        assert_int_equal(unlink(c->receiver.path), 0);
}

static void case_init(Case *c, bool is_stream) {
        *c = (Case){ .listener = -EBADF, .stream = -EBADF };
        receiver_init(&c->receiver);
        if (is_stream)
                listen_for_streams(c);
        else
                receiver_listen(&c->receiver);
        assert_int_equal(syslog_sink_new(&options, c->receiver.path, &c->sink), 0);
}

static void case_done(Case *c) {
        sink_free(c->sink);
        closep(&c->listener);
        closep(&c->stream);
        receiver_done(&c->receiver);
        buffer_done(&c->expected);
        buffer_done(&c->arrived);
}

/* A line of about `size` bytes, no two of which are the same. */
static int append(Case *c, uint32_t number, size_t size) {
        static char storage[LINE_SIZE_MAX];
        Bytes argument = { memset(storage, 'x', sizeof(storage)), size };
        Event event = sample_small();
        int r;

        assert_true(size <= sizeof(storage));
        event.seq = number;
        event.timestamp = 1700000000123456U + number * UINT64_C(700000);
        event.argv = &argument;
        event.argc = 1;
        r = sink_append(c->sink, &event);
        if (r < 0)
                return r;

        buffer_append_string(&c->expected, "<157>Nov 14 ");
        {
                const unsigned second = 20 + (unsigned) (number * 7 + 1) / 10; /* 22:13:20.123456 and so on */
                char time[32];

                (void) snprintf(
                        time, sizeof(time), "22:%02u:%02u exectrace: ", 13 + second / 60, second % 60);
                buffer_append_string(&c->expected, time);
        }
        line_format_event(&c->expected, &event, LINE_SIZE_MAX);
        buffer_append_char(&c->expected, '\0');
        return 0;
}

/* What has arrived by now; at most `max` bytes of a stream. */
static void receive(Case *c, size_t max) {
        char data[65536];
        ssize_t n;

        if (c->listener < 0) {
                while (receiver_receive(&c->receiver)) {
                        buffer_append_bytes(&c->arrived, buffer_bytes(&c->receiver.datagram));
                        buffer_append_char(&c->arrived, '\0');
                }
                return;
        }
        if (c->stream < 0)
                c->stream = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (c->stream < 0)
                return;
        n = read(c->stream, data, max < sizeof(data) ? max : sizeof(data));
        if (n > 0)
                buffer_append(&c->arrived, data, (size_t) n);
}

static void assert_arrived(Case *c) {
        assert_int_equal(buffer_error(&c->arrived), 0);
        assert_int_equal(buffer_error(&c->expected), 0);
        assert_bytes_equal(buffer_bytes(&c->arrived), buffer_bytes(&c->expected));
}

static void deliver(Case *c, size_t max) {
        uint32_t events = 0;
        int r;

        for (size_t round = 0; (r = sink_flush(c->sink)) < 0; round++) {
                assert_int_equal(r, -EAGAIN);
                assert_true(round < 10000);
                assert_true(sink_watch(c->sink, &events) >= 0);
                assert_int_equal(events, EPOLLOUT);
                receive(c, max);
        }
        assert_int_equal(sink_watch(c->sink, &events), -EBADF);
        for (size_t before = SIZE_MAX; before != c->arrived.size;) {
                before = c->arrived.size;
                receive(c, max);
        }
        assert_arrived(c);
}

static void test_lines(void **state) {
        (void) state;
        for (int is_stream = 0; is_stream < 2; is_stream++) {
                _cleanup_(case_done) Case c;

                case_init(&c, is_stream);
                for (uint32_t i = 0; i < 50; i++)
                        assert_int_equal(append(&c, i, i * 20), 0);
                deliver(&c, SIZE_MAX);
                assert_int_equal(append(&c, 50, 7000), 0);
                deliver(&c, SIZE_MAX);
        }
}

/* The facility of the kernel is 0, which openlog(3) can't tell from none. */
static void test_notice(void **state) {
        static const FormatOptions kernel = { .facility = LOG_KERN, .priority = LOG_INFO };
        const Notice notice = { .kind = NOTICE_LOST, .priority = LOG_ERR, .message = BYTES_LITERAL("lost") };
        _cleanup_(case_done) Case c;
        Bytes line;

        (void) state;
        case_init(&c, false);
        sink_free(c.sink);
        assert_int_equal(syslog_sink_new(&kernel, c.receiver.path, &c.sink), 0);
        assert_int_equal(sink_append_notice(c.sink, &notice), 0);
        assert_int_equal(sink_flush(c.sink), 0);
        assert_true(receiver_receive(&c.receiver));
        line = buffer_bytes(&c.receiver.datagram);
        assert_memory_equal(line.data, "<3>", 3);
        assert_int_equal(line.data[18], ' ');
        line = (Bytes){ line.data + 18, line.size - 18 };
        assert_bytes_equal(line, BYTES_LITERAL(" exectrace: lost EXECTRACED_EVENT=lost"));
}

/* Nobody reads: it asks to wait and blocks nowhere. Then all of it arrives, in order. */
static void test_slow_receiver(void **state) {
        (void) state;
        for (int is_stream = 0; is_stream < 2; is_stream++) {
                _cleanup_(case_done) Case c;
                uint32_t n = 0;
                int r = 0;

                case_init(&c, is_stream);
                while (r == 0) {
                        assert_true(n < 10000);
                        assert_int_equal(append(&c, n++ % 200, 2000), 0);
                        r = sink_flush(c.sink);
                }
                assert_int_equal(r, -EAGAIN);
                while (append(&c, n % 200, 2000) == 0)
                        n++;
                deliver(&c, is_stream ? 777 : SIZE_MAX);
        }
}

/* One that was restarted has another socket, of either kind. What was begun on a stream begins anew. */
static void test_restarted_receiver(void **state) {
        _cleanup_(case_done) Case c;

        (void) state;
        case_init(&c, true);
        assert_int_equal(append(&c, 1, 10), 0);
        deliver(&c, SIZE_MAX);
        close_streams(&c);
        assert_int_equal(append(&c, 2, 10), 0);
        assert_int_equal(sink_flush(c.sink), -ENOENT);
        receiver_listen(&c.receiver);
        deliver(&c, SIZE_MAX);

        receiver_remove(&c.receiver);
        assert_int_equal(append(&c, 3, 10), 0);
        assert_int_equal(append(&c, 4, 10), 0);
        assert_int_equal(sink_flush(c.sink), -ENOENT);
        listen_for_streams(&c);
        deliver(&c, SIZE_MAX);
}

/* A line that was sent in part is whole on the next connection. */
static void test_stream_breaks_inside_a_line(void **state) {
        _cleanup_(case_done) Case c;
        uint32_t n = 0;
        const char *p;

        (void) state;
        case_init(&c, true);
        do
                assert_int_equal(append(&c, n++ % 200, 7000), 0);
        while (sink_flush(c.sink) == 0);
        close_streams(&c);
        listen_for_streams(&c);
        buffer_clear(&c.arrived);
        assert_int_equal(sink_flush(c.sink), 0);
        receive(&c, SIZE_MAX);

        /* What arrives is the end of what was appended, from the beginning of a line on. */
        assert_true(c.arrived.size > 0 && c.arrived.size < c.expected.size);
        p = c.expected.data + c.expected.size - c.arrived.size;
        assert_int_equal(p[-1], '\0');
        assert_memory_equal(p, c.arrived.data, c.arrived.size);
}

/* An heir goes on in the middle of a message, on the same connection. */
static void test_inherit(void **state) {
        (void) state;
        for (int is_stream = 0; is_stream < 2; is_stream++) {
                _cleanup_(case_done) Case c;
                uint32_t n = 0;
                Sink *heir;

                case_init(&c, is_stream);
                do
                        assert_int_equal(append(&c, n++ % 200, 7000), 0);
                while (sink_flush(c.sink) == 0);
                assert_int_equal(syslog_sink_new(&options, c.receiver.path, &heir), 0);
                assert_true(sink_inherit(heir, c.sink));
                sink_free(c.sink);
                c.sink = heir;
                deliver(&c, is_stream ? 5000 : SIZE_MAX);
                assert_int_equal(append(&c, 5, 10), 0);
                deliver(&c, SIZE_MAX);
        }
}

/* Sockets with hardly any room: the message arrives, without the fields that are too much. */
static void test_tiny_socket(void **state) {
        _cleanup_(case_done) Case c;
        uint32_t events = 0;
        int fd;

        (void) state;
        case_init(&c, false);
        /* Full, it tells its descriptor. */
        for (uint32_t n = 0; sink_flush(c.sink) == 0; n++)
                assert_int_equal(append(&c, n % 200, 100), 0);
        fd = sink_watch(c.sink, &events);
        assert_true(fd >= 0);
        deliver(&c, SIZE_MAX);
        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){ 1 }, sizeof(int)), 0);

        assert_int_equal(append(&c, 1, 5000), 0);
        assert_int_equal(sink_flush(c.sink), 0);
        assert_true(receiver_receive(&c.receiver));
        assert_int_equal(c.receiver.datagram.size, 1024);
        assert_memory_equal(
                c.receiver.datagram.data, "<157>Nov 14 22:13:20 exectrace: [3, uid=0, gid=0] x", 50);
}

static void test_notices_have_an_end(void **state) {
        const Notice notice = { .kind = NOTICE_LOST, .priority = LOG_ERR, .message = BYTES_LITERAL("lost") };
        _cleanup_(case_done) Case c;
        size_t n = 0;
        int r;

        (void) state;
        case_init(&c, false);
        while ((r = append(&c, (uint32_t) n, 10)) == 0)
                n++;
        assert_int_equal(r, -ENOBUFS);
        assert_int_equal(n, 64);
        for (n = 0; (r = sink_append_notice(c.sink, &notice)) == 0; n++)
                assert_true(n < 64);
        assert_int_equal(r, -ENOBUFS);
        assert_int_equal(n, 64);
}

static void test_new(void **state) {
        _cleanup_(receiver_done) Receiver receiver;
        _cleanup_close_ int fd = -EBADF;
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        Sink *sink = NULL;

        (void) state;
        receiver_init(&receiver);
        assert_int_equal(syslog_sink_new(&options, receiver.path, &sink), -ENOENT);

        /* A kind of socket that no syslog has. */
        fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        strcpy(address.sun_path, receiver.path);
        assert_int_equal(bind(fd, (const struct sockaddr *) &address, sizeof(address)), 0);
        assert_int_equal(listen(fd, 1), 0);
        assert_int_equal(syslog_sink_new(&options, receiver.path, &sink), -EPROTOTYPE);
        /* The journal has datagrams and nothing else. */
        closep(&fd);
        (void) unlink(receiver.path);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(fd, (const struct sockaddr *) &address, sizeof(address)), 0);
        assert_int_equal(listen(fd, 1), 0);
        assert_int_equal(journal_sink_new(&options, receiver.path, &sink), -EPROTOTYPE);
        assert_null(sink);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lines),
                cmocka_unit_test(test_notice),
                cmocka_unit_test(test_slow_receiver),
                cmocka_unit_test(test_restarted_receiver),
                cmocka_unit_test(test_stream_breaks_inside_a_line),
                cmocka_unit_test(test_inherit),
                cmocka_unit_test(test_tiny_socket),
                cmocka_unit_test(test_notices_have_an_end),
                cmocka_unit_test(test_new),
        };

        (void) signal(SIGPIPE, SIG_IGN);
        assert_int_equal(setenv("TZ", "UTC0", 1), 0);
        return cmocka_run_group_tests_name("syslog-sink", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "stdout-case.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pty.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <termios.h>

/* Each makes the two ends of one kind of output. */
static void open_pipe(int *ret_fd, int *ret_reader) {
        int fds[2];

        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        assert_true(fcntl(fds[1], F_SETPIPE_SZ, 4096) > 0);
        *ret_fd = fds[1];
        *ret_reader = fds[0];
}

static void open_socket(int *ret_fd, int *ret_reader) {
        const int size = 4096;
        int fds[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        assert_int_equal(setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
        *ret_fd = fds[1];
        *ret_reader = fds[0];
}

static void open_terminal(int *ret_fd, int *ret_reader) {
        struct termios raw = {};

        cfmakeraw(&raw);
        assert_int_equal(openpty(ret_reader, ret_fd, NULL, &raw, NULL), 0);
}

enum {
        KIND_PIPE,
        KIND_SOCKET,
        KIND_TERMINAL,
};

static const struct {
        void (*open)(int *ret_fd, int *ret_reader);
        bool by_line;
} kinds[] = {
        [KIND_PIPE] = { open_pipe, false },
        [KIND_SOCKET] = { open_socket, false },
        [KIND_TERMINAL] = { open_terminal, true },
};

static void case_open(StdoutCase *c, size_t kind, OutputFormat format) {
        int fd, reader;

        kinds[kind].open(&fd, &reader);
        stdout_case_init(c, fd, reader, format);
}

static void test_formats(void **state) {
        static const OutputFormat formats[] = { OUTPUT_TEXT, OUTPUT_JSON };

        (void) state;
        for (size_t kind = 0; kind < ELEMENTSOF(kinds); kind++)
                for (size_t i = 0; i < ELEMENTSOF(formats); i++) {
                        _cleanup_(stdout_case_done) StdoutCase c;

                        case_open(&c, kind, formats[i]);
                        assert_int_equal(sink_flush(c.sink), 0);
                        assert_int_equal(stdout_case_read(&c, 1), 0);
                        assert_int_equal(stdout_case_append(&c, 10), 0);
                        assert_int_equal(stdout_case_append_notice(&c), 0);
                        assert_int_equal(stdout_case_read(&c, 1), 0);
                        assert_int_equal(sink_flush(c.sink), 0);
                        stdout_case_assert_complete(&c);
                        assert_false(stdout_case_is_ready(&c, 0));
                }
}

/* To a terminal a line at a time, else as much as is worth a write. */
static void test_batches(void **state) {
        (void) state;
        for (size_t kind = 0; kind < ELEMENTSOF(kinds); kind++) {
                _cleanup_(stdout_case_done) StdoutCase c;
                int r;

                case_open(&c, kind, OUTPUT_JSON);
                while ((r = stdout_case_append(&c, 100)) == 0)
                        assert_true(c.expected.size < BATCH_BYTES + 1000);
                assert_int_equal(r, -ENOBUFS);
                if (kinds[kind].by_line)
                        assert_int_equal(c.n, 1);
                else
                        assert_true(c.expected.size >= BATCH_BYTES);
                assert_int_equal(stdout_case_append_notice(&c), 0);
                while (sink_flush(c.sink) < 0)
                        assert_true(stdout_case_read(&c, BATCH_BYTES) > 0);
                stdout_case_assert_complete(&c);
        }
}

/*
 * Appends and flushes until the reader has to read. A terminal may have room again a moment after it had
 * none: the kernel passes on in the background what was written there.
 */
static void fill(StdoutCase *c, uint32_t size) {
        int r = 0;

        for (;;) {
                while (r == 0) {
                        assert_true(c->n < 100000);
                        assert_int_equal(stdout_case_append(c, size), 0);
                        r = sink_flush(c->sink);
                }
                assert_int_equal(r, -EAGAIN);
                if (!stdout_case_is_ready(c, EPOLLOUT))
                        return;
                assert_true(isatty(c->reader));
                r = sink_flush(c->sink);
        }
}

static void read_slowly(size_t kind) {
        static const uint32_t sizes[] = { 3, 700, 5000, 2 * BATCH_BYTES };
        _cleanup_(stdout_case_done) StdoutCase c;

        case_open(&c, kind, OUTPUT_JSON);
        for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
                fill(&c, sizes[i]);
                /* What is appended meanwhile comes behind it. */
                if (!kinds[kind].by_line && sizes[i] < BATCH_BYTES)
                        assert_int_equal(stdout_case_append(&c, 10), 0);
                for (int r = -EAGAIN; r < 0;) {
                        assert_int_equal(r, -EAGAIN);
                        while (!stdout_case_is_ready(&c, EPOLLOUT))
                                assert_true(stdout_case_read(&c, 997) > 0);
                        r = sink_flush(c.sink);
                }
                assert_false(stdout_case_is_ready(&c, 0));
                stdout_case_assert_complete(&c);
        }
}

static void test_slow_reader(void **state) {
        (void) state;
        for (size_t kind = 0; kind < ELEMENTSOF(kinds); kind++)
                read_slowly(kind);
}

/*
 * The same where a pipe can't be opened a second time: the description that is shared with others may block.
 */
static void test_slow_reader_of_shared(void **state) {
        _cleanup_(stdout_case_done) StdoutCase c;
        uint32_t events;

        (void) state;
        open_error = EACCES;
        read_slowly(KIND_PIPE);
        case_open(&c, KIND_PIPE, OUTPUT_TEXT);
        open_error = 0;
        assert_int_equal(sink_watch(c.sink, &events), c.fd);
}

/* It is seen at once, and with nothing to write, too. */
static void test_closed_reader(void **state) {
        (void) state;
        for (size_t kind = 0; kind < ELEMENTSOF(kinds); kind++)
                for (unsigned refused = 0; refused < 2; refused++) {
                        _cleanup_(stdout_case_done) StdoutCase c;

                        open_error = refused ? EACCES : 0;
                        case_open(&c, kind, OUTPUT_TEXT);
                        open_error = 0;
                        assert_int_equal(stdout_case_append(&c, 10), 0);
                        assert_int_equal(sink_flush(c.sink), 0);
                        assert_false(stdout_case_is_ready(&c, 0));
                        close(c.reader);
                        c.reader = -EBADF;
                        assert_true(stdout_case_is_ready(&c, 0));
                        assert_int_equal(sink_flush(c.sink), -EPIPE);
                        assert_int_equal(stdout_case_append(&c, 10), 0);
                        assert_int_equal(sink_flush(c.sink), -EPIPE);
                        assert_int_equal(sink_flush(c.sink), -EPIPE);
                }
}

static void test_closed_while_full(void **state) {
        (void) state;
        for (size_t kind = 0; kind < ELEMENTSOF(kinds); kind++) {
                _cleanup_(stdout_case_done) StdoutCase c;

                case_open(&c, kind, OUTPUT_TEXT);
                fill(&c, 1000);
                close(c.reader);
                c.reader = -EBADF;
                assert_true(stdout_case_is_ready(&c, EPOLLOUT));
                assert_int_equal(sink_flush(c.sink), -EPIPE);
        }
}

/* Over TCP a reader that goes without having read all says so in another way. */
static void test_reset(void **state) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        _cleanup_close_ int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        _cleanup_(stdout_case_done) StdoutCase c;

        (void) state;
        assert_true(listener >= 0 && fd >= 0);
        assert_int_equal(bind(listener, (const struct sockaddr *) &address, sizeof(address)), 0);
        assert_int_equal(listen(listener, 1), 0);
        assert_int_equal(
                getsockname(listener, (struct sockaddr *) &address, &(socklen_t){ sizeof(address) }), 0);
        assert_int_equal(connect(fd, (const struct sockaddr *) &address, sizeof(address)), 0);
        stdout_case_init(&c, fd, accept4(listener, NULL, NULL, SOCK_CLOEXEC), OUTPUT_TEXT);
        assert_int_equal(stdout_case_append(&c, 10), 0);
        assert_int_equal(sink_flush(c.sink), 0);
        close(c.reader);
        c.reader = -EBADF;
        assert_true(stdout_case_is_ready(&c, 0));
        assert_int_equal(stdout_case_append(&c, 10), 0);
        assert_int_equal(sink_flush(c.sink), -EPIPE);
}

/* A reader that was gone before the sink was made. */
static void test_closed_before(void **state) {
        (void) state;
        for (size_t kind = 0; kind < ELEMENTSOF(kinds); kind++) {
                _cleanup_(stdout_case_done) StdoutCase c;
                int fd, reader;

                kinds[kind].open(&fd, &reader);
                close(reader);
                stdout_case_init(&c, fd, -EBADF, OUTPUT_TEXT);
                assert_true(stdout_case_is_ready(&c, 0));
                assert_int_equal(sink_flush(c.sink), -EPIPE);
                assert_int_equal(stdout_case_append(&c, 10), 0);
                assert_int_equal(sink_flush(c.sink), -EPIPE);
        }
}

static void case_open_file(StdoutCase *c) {
        int fd = memfd_create("output", MFD_CLOEXEC);
        char path[64];

        assert_true(fd >= 0);
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        stdout_case_init(c, fd, open(path, O_RDONLY | O_CLOEXEC), OUTPUT_JSON);
        assert_true(c->reader >= 0);
}

static void test_file(void **state) {
        static const size_t sizes[] = { 1, 7, 1000, SIZE_MAX };
        _cleanup_(stdout_case_done) StdoutCase c;

        (void) state;
        case_open_file(&c);
        for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
                uint32_t events = 7;

                write_size_max = sizes[i];
                assert_int_equal(stdout_case_append(&c, 100), 0);
                assert_int_equal(stdout_case_append(&c, 3000), 0);
                assert_int_equal(sink_flush(c.sink), 0);
                assert_int_equal(sink_watch(c.sink, &events), -EBADF);
                assert_int_equal(sink_flush(c.sink), 0);
        }
        stdout_case_assert_complete(&c);
}

/* After each it goes on where it was. A file has no reader that could be gone, nor can it be waited for. */
static void test_file_errors(void **state) {
        static const struct {
                int error, result;
        } cases[] = { { EIO, -EIO }, { ENOSPC, -ENOSPC }, { EAGAIN, -EBUSY }, { EINTR, 0 } };
        _cleanup_(stdout_case_done) StdoutCase c;

        (void) state;
        case_open_file(&c);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint32_t events = 7;

                assert_int_equal(stdout_case_append(&c, 100), 0);
                write_error = cases[i].error;
                write_n_errors = 1;
                assert_int_equal(sink_flush(c.sink), cases[i].result);
                assert_int_equal(sink_watch(c.sink, &events), -EBADF);
                assert_int_equal(stdout_case_append(&c, 100), 0);
                assert_int_equal(sink_flush(c.sink), 0);
                stdout_case_assert_complete(&c);
        }
}

/* Each allocation fails once: what was not taken leaves no trace, and what was stays. */
static void test_memory(void **state) {
        size_t n = 0;
        bool failed;

        (void) state;
        do {
                _cleanup_(stdout_case_done) StdoutCase c;
                int event, notice;

                case_open(&c, KIND_SOCKET, OUTPUT_JSON);
                assert_int_equal(buffer_reserve(&c.expected, BATCH_BYTES), 0);
                memory_fail_after(n++);
                notice = stdout_case_append_notice(&c);
                event = stdout_case_append(&c, 3000);
                failed = memory_restore();
                if (failed)
                        assert_true((event == -ENOMEM) != (notice == -ENOMEM));
                assert_int_equal(event == 0 && notice == 0, !failed);
                assert_int_equal(stdout_case_append(&c, 20), 0);
                assert_int_equal(stdout_case_append_notice(&c), 0);
                assert_int_equal(sink_flush(c.sink), 0);
                stdout_case_assert_complete(&c);
        } while (failed);
        assert_true(n > 2);
}

static void test_new_fails(void **state) {
        const FormatOptions options = {};
        Sink *sink = NULL;
        bool failed;

        (void) state;
        assert_int_equal(stdout_sink_new(-1, OUTPUT_TEXT, &options, &sink), -EBADF);
        memory_fail_after(0);
        assert_int_equal(stdout_sink_new(1, OUTPUT_TEXT, &options, &sink), -ENOMEM);
        failed = memory_restore();
        assert_true(failed);
        assert_null(sink);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_formats),
                cmocka_unit_test(test_batches),
                cmocka_unit_test(test_slow_reader),
                cmocka_unit_test(test_slow_reader_of_shared),
                cmocka_unit_test(test_closed_reader),
                cmocka_unit_test(test_closed_while_full),
                cmocka_unit_test(test_reset),
                cmocka_unit_test(test_closed_before),
                cmocka_unit_test(test_file),
                cmocka_unit_test(test_file_errors),
                cmocka_unit_test(test_memory),
                cmocka_unit_test(test_new_fails),
        };

        (void) signal(SIGPIPE, SIG_IGN); /* as the daemon does */
        return cmocka_run_group_tests_name("stdout-sink", tests, NULL, NULL);
}

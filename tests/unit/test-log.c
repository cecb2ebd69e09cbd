/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Standard error that takes nothing: nobody waits for it, and it is said how much is missing. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "util/buffer.h"
#include "util/cleanup.h"
#include "util/log.h"

typedef enum Kind {
        KIND_PIPE,
        KIND_SOCKET,
        KIND_TERMINAL,
        _KIND_MAX,
} Kind;

/* A channel whose one end is this process's standard error for the time of a test. */
typedef struct Case {
        int saved;
        int reader;
        Buffer output;
} Case;

static void open_channel(Kind kind, int ends[static 2]) {
        struct termios raw;

        switch (kind) {
        case KIND_PIPE:
                assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
                break;
        case KIND_SOCKET:
                assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
                break;
        default:
                assert_int_equal(openpty(&ends[0], &ends[1], NULL, NULL, NULL), 0);
                assert_int_equal(tcgetattr(ends[1], &raw), 0);
                cfmakeraw(&raw);
                assert_int_equal(tcsetattr(ends[1], TCSANOW, &raw), 0);
                break;
        }
}

static void case_init(Case *c, Kind kind) {
        int ends[2];

        open_channel(kind, ends);
        *c = (Case){ .saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3), .reader = ends[0] };
        assert_true(c->saved >= 0);
        assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
        close(ends[1]);
        assert_int_equal(fcntl(c->reader, F_SETFL, O_NONBLOCK), 0);
        (void) alarm(30); /* whoever blocks here is ended */
}

static void case_done(Case *c) {
        (void) alarm(0);
        assert_int_equal(dup2(c->saved, STDERR_FILENO), STDERR_FILENO);
        close(c->saved);
        close(c->reader);
        buffer_done(&c->output);
}

static size_t read_all(Case *c) {
        char data[65536];
        size_t before = c->output.size;
        ssize_t n;

        while ((n = read(c->reader, data, sizeof(data))) > 0)
                buffer_append(&c->output, data, (size_t) n);
        assert_int_equal(buffer_error(&c->output), 0);
        return c->output.size - before;
}

/*
 * Checks that the lines are message 0, 1, ... with what was dropped between them, up to `n`. Returns how many
 * were dropped.
 */
static unsigned check_lines(Case *c, unsigned n) {
        unsigned next = 0, dropped = 0, count, number;

        buffer_append_char(&c->output, '\0');
        for (char *line = strtok(c->output.data, "\n"); line; line = strtok(NULL, "\n")) {
                if (sscanf(line, "exectraced: %u messages were dropped here: there was no room", &count) ==
                                1 &&
                        strstr(line, "dropped")) {
                        next += count;
                        dropped += count;
                } else if (sscanf(line, "exectraced: message %u x", &number) == 1) {
                        /* On a terminal the last one before the drop may be cut. */
                        assert_int_equal(number, next);
                        next++;
                } else
                        fail_msg("not a line of ours: %s", line);
        }
        assert_int_equal(next, n);
        return dropped;
}

static void test_full(void **state) {
        char filler[300];

        (void) state;
        memset(filler, 'x', sizeof(filler) - 1);
        filler[sizeof(filler) - 1] = '\0';
        for (Kind kind = 0; kind < _KIND_MAX; kind++) {
                Case c;
                unsigned n = 0;
                int flags;

                case_init(&c, kind);
                flags = fcntl(STDERR_FILENO, F_GETFL);
                while (n < 5000)
                        log_info("message %u %s", n++, filler);
                assert_true(read_all(&c) > 1000);
                log_info("message %u %s", n++, filler);
                assert_true(read_all(&c) > 0);
                log_info("message %u %s", n++, filler);
                (void) read_all(&c);
                assert_true(check_lines(&c, n) > 1000);
                assert_int_equal(fcntl(STDERR_FILENO, F_GETFL), flags); /* it is not ours alone */
                case_done(&c);
        }
}

/*
 * No reader is there any more: that neither blocks nor ends anything, and another one hears how much is
 * missing.
 */
static void test_gone(void **state) {
        Case c, second;

        (void) state;
        case_init(&c, KIND_PIPE);
        close(c.reader);
        log_info("message %u x", 0U);
        log_info("message %u x", 1U);
        c.reader = open("/dev/null", O_RDONLY | O_CLOEXEC);
        case_init(&second, KIND_PIPE);
        log_info("message %u x", 2U);
        assert_true(read_all(&second) > 0);
        assert_int_equal(check_lines(&second, 3), 2);
        case_done(&second);
        case_done(&c);
}

static void test_line(void **state) {
        Case c;

        (void) state;
        case_init(&c, KIND_PIPE);
        log_warning("two\nlines\x1b and more\n\n");
        log_message(LOG_DEBUG, "not shown");
        log_info("%s", "");
        (void) read_all(&c);
        assert_int_equal(c.output.size, strlen("exectraced: two?lines? and more\n"));
        assert_memory_equal(c.output.data, "exectraced: two?lines? and more\n", c.output.size);
        case_done(&c);
}

/* Only while the variable names what standard error leads to. */
static void test_journal(void **state) {
        char stream[64];
        struct stat st;
        Case c;

        (void) state;
        case_init(&c, KIND_SOCKET);
        assert_false(log_is_journal());
        assert_int_equal(fstat(STDERR_FILENO, &st), 0);
        (void) snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long) st.st_dev,
                (unsigned long long) st.st_ino);
        assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
        assert_true(log_is_journal());
        log_error("bad");
        (void) read_all(&c);
        assert_int_equal(c.output.size, strlen("<3>bad\n"));
        assert_memory_equal(c.output.data, "<3>bad\n", c.output.size);
        case_done(&c);
        assert_false(log_is_journal());
        assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_line),
                cmocka_unit_test(test_journal),
                cmocka_unit_test(test_full),
                cmocka_unit_test(test_gone),
        };

        (void) signal(SIGPIPE, SIG_IGN);
        assert_int_equal(unsetenv("SYSTEMD_LOG_LEVEL"), 0);
        return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}

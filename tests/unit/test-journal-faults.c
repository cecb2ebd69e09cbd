/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The system calls that the journal's sink makes fail one after another, once and several times in a row,
 * with whatever they may fail with: every entry arrives, once and in its place. What the kernel says of a
 * lack of memory, of descriptors and of room is not the end of anything.
 */

#include "journal-case.h"

#include <signal.h>

#define ROUNDS_MAX 50
#define DATAGRAM_MAX 10000U /* a limit that takes less time to get over than the kernel's own */

typedef enum Call {
        CALL_SOCKET,
        CALL_CONNECT,
        CALL_SENDMMSG,
        CALL_SENDMSG,
        CALL_MEMFD,
        CALL_WRITE,
        CALL_SEAL,
        _CALL_MAX,
} Call;

/* What fails of the sink's calls: number `fault_at` of its kind and the `fault_times` - 1 behind it. */
static bool armed;
static Call fault_call;
static size_t fault_at, fault_times;
static int fault_error;
static bool fault_partial; /* of sendmmsg(2): half of the messages are sent in the place of an error */
static size_t n_calls[_CALL_MAX], n_faults;

static bool fails(Call call) {
        size_t n;

        if (!armed)
                return false;
        n = n_calls[call]++;
        if (call != fault_call || n < fault_at || n - fault_at >= fault_times)
                return false;
        n_faults++;
        errno = fault_error;
        return true;
}

#define FAULT_WRAP(type, name, call, parameters, arguments)               \
        type __real_##name parameters;                                    \
        type __wrap_##name parameters;                                    \
        type __wrap_##name parameters {                                   \
                return fails(call) ? (type) -1 : __real_##name arguments; \
        }                                                                 \
        struct swallow_semicolon_##name

FAULT_WRAP(int, socket, CALL_SOCKET, (int domain, int type, int protocol), (domain, type, protocol));
FAULT_WRAP(int, connect, CALL_CONNECT, (int fd, const struct sockaddr *a, socklen_t size), (fd, a, size));
FAULT_WRAP(ssize_t, sendmsg, CALL_SENDMSG, (int fd, const struct msghdr *m, int flags), (fd, m, flags));
FAULT_WRAP(int, memfd_create, CALL_MEMFD, (const char *name, unsigned flags), (name, flags));
FAULT_WRAP(ssize_t, write, CALL_WRITE, (int fd, const void *data, size_t size), (fd, data, size));

int __real_sendmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags);
int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags);
int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags) {
        bool failed = fails(CALL_SENDMMSG);
        unsigned fit = 0;

        if (failed && !fault_partial)
                return -1;
        if (failed)
                n = (n + 1) / 2;
        while (fit < n && messages[fit].msg_hdr.msg_iov->iov_len <= DATAGRAM_MAX)
                fit++;
        if (fit == 0) {
                errno = EMSGSIZE;
                return -1;
        }
        return __real_sendmmsg(fd, messages, fit, flags);
}

#define FCNTL_WRAP(name)                                        \
        int __real_##name(int fd, int command, ...);            \
        int __wrap_##name(int fd, int command, ...);            \
        int __wrap_##name(int fd, int command, ...) {           \
                va_list args;                                   \
                long argument;                                  \
                                                                \
                va_start(args, command);                        \
                argument = va_arg(args, long);                  \
                va_end(args);                                   \
                if (command == F_ADD_SEALS && fails(CALL_SEAL)) \
                        return -1;                              \
                return __real_##name(fd, command, argument);    \
        }                                                       \
        struct swallow_semicolon_##name

FCNTL_WRAP(fcntl);
FCNTL_WRAP(fcntl64);

/* No error is the one that ends the daemon, and one that asks to wait comes with something to wait for. */
static int flush(JournalCase *c) {
        uint32_t events;
        int r;

        armed = true;
        r = sink_flush(c->sink);
        armed = false;
        assert_int_not_equal(r, -EPIPE);
        if (r == -EAGAIN)
                assert_true(sink_watch(c->sink, &events) >= 0);
        else
                journal_case_assert_no_watch(c);
        return r;
}

/*
 * Small ones, one that is too large for anything but a memfd, and one of the daemon's own: more than a
 * batch holds.
 */
static void append(JournalCase *c) {
        static const uint32_t sizes[] = { 0, 100, 5000, 2 * DATAGRAM_MAX, 1, 4 * DATAGRAM_MAX, 0 };

        for (size_t i = 0; i < ELEMENTSOF(sizes); i++)
                for (size_t round = 0; journal_case_append(c, sizes[i]) == -ENOBUFS; round++) {
                        assert_true(round < ROUNDS_MAX);
                        (void) flush(c);
                        while (journal_case_receive(c))
                                ;
                }
        assert_int_equal(journal_case_append_notice(c), 0);
}

/* Tries again and again, as the daemon does. */
static void deliver(JournalCase *c) {
        int r = -EAGAIN;

        for (size_t round = 0; r < 0; round++) {
                assert_true(round < ROUNDS_MAX);
                r = flush(c);
                while (journal_case_receive(c))
                        ;
        }
        journal_case_assert_complete(c);
}

/* Each of these calls fails once: the first, the second... Returns how many there were. */
static size_t check(Call call, int error, size_t times) {
        size_t n = 0;

        do {
                _cleanup_(journal_case_done) JournalCase c;

                journal_case_init(&c);
                fault_call = call;
                fault_error = error;
                fault_at = n;
                fault_times = times;
                n_faults = 0;
                memset(n_calls, 0, sizeof(n_calls));

                append(&c);
                deliver(&c);
                /* Another journald under the same name. */
                receiver_remove(&c.receiver);
                receiver_listen(&c.receiver);
                append(&c);
                deliver(&c);
        } while (n_faults > 0 && n++ < ROUNDS_MAX);
        assert_true(n > 0 && n < ROUNDS_MAX);
        return n;
}

static void check_all(Call call, const int errors[], size_t n_errors) {
        for (size_t i = 0; i < n_errors; i++) {
                (void) check(call, errors[i], 1);
                (void) check(call, errors[i], 4);
        }
}

static void test_socket(void **state) {
        static const int errors[] = { EMFILE, ENFILE, ENOBUFS, ENOMEM, EACCES };

        (void) state;
        check_all(CALL_SOCKET, errors, ELEMENTSOF(errors));
}

static void test_connect(void **state) {
        static const int errors[] = { EAGAIN, ECONNREFUSED, ENOENT, EACCES, EPERM, EINTR, ENOMEM };

        (void) state;
        check_all(CALL_CONNECT, errors, ELEMENTSOF(errors));
}

static void test_send(void **state) {
        static const int errors[] = { EAGAIN, ENOBUFS, ENOMEM, EMSGSIZE, EINTR, EACCES, EPERM, ECONNREFUSED,
                ECONNRESET, ENOTCONN, EPIPE };

        (void) state;
        check_all(CALL_SENDMMSG, errors, ELEMENTSOF(errors));
}

static void test_send_memfd(void **state) {
        static const int errors[] = { EAGAIN, ENOBUFS, ENOMEM, EINTR, EACCES, ETOOMANYREFS, EBADF,
                ECONNREFUSED, ECONNRESET, ENOTCONN, EPIPE };

        (void) state;
        check_all(CALL_SENDMSG, errors, ELEMENTSOF(errors));
}

static void test_make_memfd(void **state) {
        static const int create_errors[] = { EMFILE, ENFILE, ENOMEM, EACCES };
        static const int write_errors[] = { ENOSPC, ENOMEM, EIO, EINTR };
        static const int seal_errors[] = { EBUSY, EPERM };

        (void) state;
        check_all(CALL_MEMFD, create_errors, ELEMENTSOF(create_errors));
        check_all(CALL_WRITE, write_errors, ELEMENTSOF(write_errors));
        check_all(CALL_SEAL, seal_errors, ELEMENTSOF(seal_errors));
}

/* Not all of the messages that it was given: the rest goes with the next call. */
static void test_partial_send(void **state) {
        (void) state;
        fault_partial = true;
        assert_true(check(CALL_SENDMMSG, 0, 1) > 2);
        assert_true(check(CALL_SENDMMSG, 0, SIZE_MAX / 2) > 2);
        fault_partial = false;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_socket),
                cmocka_unit_test(test_connect),
                cmocka_unit_test(test_send),
                cmocka_unit_test(test_send_memfd),
                cmocka_unit_test(test_make_memfd),
                cmocka_unit_test(test_partial_send),
        };

        (void) signal(SIGPIPE, SIG_IGN); /* as the daemon does */
        return cmocka_run_group_tests_name("journal-faults", tests, NULL, NULL);
}

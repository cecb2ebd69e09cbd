/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A receiver that is busy, restarts or is not there: whatever it does, it gets each entry once. */

#include "journal-case.h"

#include <signal.h>

static void test_not_there(void **state) {
        const FormatOptions options = {};
        char path[sizeof(((struct sockaddr_un *) NULL)->sun_path) + 1];
        _cleanup_(receiver_done) Receiver receiver;
        Sink *sink = (void *) path;

        (void) state;
        receiver_init(&receiver);
        assert_int_equal(journal_sink_new(&options, receiver.path, &sink), -ENOENT);
        receiver_listen(&receiver);
        receiver_close(&receiver);
        assert_int_equal(journal_sink_new(&options, receiver.path, &sink), -ECONNREFUSED);
        assert_int_equal(journal_sink_new(&options, receiver.directory, &sink), -ECONNREFUSED);

        memset(path, 'x', sizeof(path));
        path[sizeof(path) - 1] = '\0';
        assert_int_equal(journal_sink_new(&options, path, &sink), -ENAMETOOLONG);
        path[sizeof(path) - 2] = '\0'; /* the longest */
        assert_int_equal(journal_sink_new(&options, path, &sink), -ENOENT);
        assert_ptr_equal(sink, (void *) path);
}

/* The queue is full: not before there is room is the sink's descriptor ready, and then sending works. */
static void test_full_queue(void **state) {
        static const uint32_t sizes[] = { 0, 1000, 50000, HUGE_SIZE };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
                _cleanup_(journal_case_done) JournalCase c;

                journal_case_init(&c);
                for (size_t round = 0; round < 5; round++) {
                        journal_case_fill(&c, sizes[i]);
                        assert_int_equal(sink_flush(c.sink), -EAGAIN);
                        while (!journal_case_is_ready(&c))
                                assert_true(journal_case_receive(&c));
                        assert_int_equal(sink_flush(c.sink), 0);
                        journal_case_assert_no_watch(&c);
                        if (round % 2 == 0) {
                                journal_case_assert_complete(&c);
                                assert_true(c.n_received > 1);
                        }
                }
                journal_case_assert_complete(&c);
        }
}

/* While it waits it takes more, up to a batch, and a large one waits, too. */
static void test_append_while_full(void **state) {
        _cleanup_(journal_case_done) JournalCase c;
        size_t n = 1;
        int r;

        (void) state;
        journal_case_init(&c);
        journal_case_fill(&c, 0);
        for (; (r = journal_case_append(&c, 0)) == 0; n++)
                assert_int_equal(sink_flush(c.sink), -EAGAIN);
        assert_int_equal(r, -ENOBUFS);
        assert_int_equal(n, BATCH_ENTRIES);
        assert_int_equal(journal_case_append_notice(&c), 0);
        journal_case_deliver(&c);
}

/* No end: the caller tries again. */
static void assert_unreachable(JournalCase *c) {
        int r = sink_flush(c->sink);

        assert_true(r < 0 && r != -EPIPE && r != -EAGAIN);
        journal_case_assert_no_watch(c);
}

/* What one sink has sent of a batch its heir does not send again, and what it has not the heir sends. */
static void test_inherited_while_full(void **state) {
        static const uint32_t sizes[] = { 0, 1000 };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
                _cleanup_(journal_case_done) JournalCase c;
                size_t n = 0;

                journal_case_init(&c);
                journal_case_fill(&c, sizes[i]);
                while (journal_case_append(&c, sizes[i]) == 0)
                        n++;
                assert_true(n > 1);
                /* There is room for some of the batch. */
                while (!journal_case_is_ready(&c))
                        assert_true(journal_case_receive(&c));
                assert_int_equal(sink_flush(c.sink), -EAGAIN);
                for (size_t heir = 0; heir < 2; heir++) {
                        Sink *old = c.sink;

                        assert_int_equal(journal_sink_new(&c.options, c.receiver.path, &c.sink), 0);
                        assert_true(sink_inherit(c.sink, old));
                        sink_free(old);
                        assert_int_equal(sink_flush(c.sink), -EAGAIN);
                }
                journal_case_deliver(&c);
        }
}

/* Another socket of the same name: the first flush finds it. */
static void test_restarted(void **state) {
        static const uint32_t sizes[] = { 0, HUGE_SIZE, 0, BATCH_BYTES };
        _cleanup_(journal_case_done) JournalCase c;

        (void) state;
        journal_case_init(&c);
        for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
                assert_int_equal(journal_case_append(&c, sizes[i]), 0);
                receiver_remove(&c.receiver);
                receiver_listen(&c.receiver);
                assert_int_equal(sink_flush(c.sink), 0);
                journal_case_assert_complete(&c);
        }
}

/* Nobody there for a while: the batch stays and grows until it is full. */
static void test_gone_for_a_while(void **state) {
        static const uint32_t sizes[] = { 0, HUGE_SIZE };

        (void) state;
        for (size_t i = 0; i < 2 * ELEMENTSOF(sizes); i++) {
                uint32_t size = sizes[i / 2];
                _cleanup_(journal_case_done) JournalCase c;
                size_t n = 0;
                int r;

                journal_case_init(&c);
                assert_int_equal(journal_case_append(&c, size), 0);
                assert_int_equal(sink_flush(c.sink), 0);
                journal_case_assert_complete(&c);

                receiver_close(&c.receiver);
                if (i % 2 == 0)
                        assert_int_equal(unlink(c.receiver.path), 0);
                for (; (r = journal_case_append(&c, size)) == 0; n++)
                        assert_unreachable(&c);
                assert_int_equal(r, -ENOBUFS);
                assert_int_equal(n, size == 0 ? BATCH_ENTRIES : 1);
                assert_int_equal(journal_case_append_notice(&c), 0);
                assert_unreachable(&c);

                (void) unlink(c.receiver.path);
                receiver_listen(&c.receiver);
                journal_case_deliver(&c);
        }
}

/* Something else under that name. */
static void test_wrong_socket(void **state) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_(journal_case_done) JournalCase c;
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void) state;
        journal_case_init(&c);
        receiver_remove(&c.receiver);
        assert_true(fd >= 0);
        strcpy(address.sun_path, c.receiver.path);
        assert_int_equal(bind(fd, (const struct sockaddr *) &address, sizeof(address)), 0);
        assert_int_equal(listen(fd, 1), 0);
        assert_int_equal(journal_case_append(&c, 0), 0);
        assert_unreachable(&c);
        close(fd);
        assert_unreachable(&c);
        assert_int_equal(unlink(c.receiver.path), 0);
        receiver_listen(&c.receiver);
        assert_int_equal(sink_flush(c.sink), 0);
        journal_case_assert_complete(&c);
}

/*
 * One that dies with its queue full ends the wait for it; with the queue goes what was in it, and nothing
 * else.
 */
static void test_gone_while_full(void **state) {
        (void) state;
        for (unsigned restarts = 0; restarts < 2; restarts++) {
                _cleanup_(journal_case_done) JournalCase c;

                journal_case_init(&c);
                journal_case_fill(&c, 10);
                receiver_remove(&c.receiver);
                c.n_received = c.n_appended - 1;
                assert_true(journal_case_is_ready(&c));
                if (restarts == 0)
                        assert_unreachable(&c);
                receiver_listen(&c.receiver);
                assert_int_equal(sink_flush(c.sink), 0);
                journal_case_assert_complete(&c);
        }
}

/*
 * Fills the receiver's queue with what others send: a sender with nothing on the way finds no room. Returns
 * how many.
 */
static size_t fill_by_others(const Receiver *receiver) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        size_t n = 0, before;

        strcpy(address.sun_path, receiver->path);
        do {
                _cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

                assert_int_equal(connect(fd, (const struct sockaddr *) &address, sizeof(address)), 0);
                before = n;
                while (send(fd, "x", 1, 0) == 1)
                        n++;
                assert_int_equal(errno, EAGAIN);
        } while (n > before);
        return n;
}

/* The new one is busy from the start. */
static void test_restarted_and_full(void **state) {
        _cleanup_(journal_case_done) JournalCase c;
        size_t n_sent;

        (void) state;
        journal_case_init(&c);
        assert_int_equal(journal_case_append(&c, 10), 0);
        receiver_remove(&c.receiver);
        receiver_listen(&c.receiver);

        n_sent = fill_by_others(&c.receiver);
        assert_int_equal(sink_flush(c.sink), -EAGAIN);
        for (; !journal_case_is_ready(&c); n_sent--)
                assert_true(receiver_receive(&c.receiver));
        assert_int_equal(sink_flush(c.sink), 0);
        for (; n_sent > 0; n_sent--)
                assert_true(receiver_receive(&c.receiver));
        journal_case_assert_complete(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_not_there),
                cmocka_unit_test(test_full_queue),
                cmocka_unit_test(test_append_while_full),
                cmocka_unit_test(test_inherited_while_full),
                cmocka_unit_test(test_restarted),
                cmocka_unit_test(test_gone_for_a_while),
                cmocka_unit_test(test_wrong_socket),
                cmocka_unit_test(test_gone_while_full),
                cmocka_unit_test(test_restarted_and_full),
        };

        (void) signal(SIGPIPE, SIG_IGN); /* as the daemon does */
        return cmocka_run_group_tests_name("journal-trouble", tests, NULL, NULL);
}

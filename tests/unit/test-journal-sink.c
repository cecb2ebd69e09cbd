/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What goes into a datagram, and what into a batch of them. */

#include "journal-case.h"

#include <sys/mman.h>

/* vm.memfd_noexec=2, where it is wanted. */
static bool memfd_noexec;
static size_t n_memfds;

int __real_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags) {
        const unsigned noexec = 0x8; /* MFD_NOEXEC_SEAL */

        n_memfds++;
        if (!memfd_noexec)
                return __real_memfd_create(name, flags);
        if (flags & noexec)
                return __real_memfd_create(name, flags & ~noexec);
        errno = EACCES;
        return -1;
}

static void test_one_entry_a_datagram(void **state) {
        _cleanup_(journal_case_done) JournalCase c;

        (void) state;
        journal_case_init(&c);
        for (uint32_t i = 0; i < 3; i++)
                assert_int_equal(journal_case_append(&c, i), 0);
        assert_int_equal(journal_case_append_notice(&c), 0);
        assert_int_equal(journal_case_append(&c, 0), 0);
        assert_false(journal_case_receive(&c));

        assert_int_equal(sink_flush(c.sink), 0);
        for (size_t i = 0; i < 5; i++) {
                assert_true(journal_case_receive(&c));
                assert_false(c.receiver.by_memfd);
        }
        journal_case_assert_complete(&c);
        journal_case_assert_no_watch(&c);

        /* Nothing appended, nothing sent. */
        assert_int_equal(sink_flush(c.sink), 0);
        assert_false(journal_case_receive(&c));

        assert_int_equal(journal_case_append(&c, 9), 0);
        assert_int_equal(sink_flush(c.sink), 0);
        assert_true(journal_case_receive(&c));
}

static void test_most_entries(void **state) {
        _cleanup_(journal_case_done) JournalCase c;

        (void) state;
        journal_case_init(&c);
        for (size_t i = 0; i < BATCH_ENTRIES; i++)
                assert_int_equal(journal_case_append(&c, 1), 0);
        assert_int_equal(journal_case_append(&c, 1), -ENOBUFS);
        assert_int_equal(journal_case_append(&c, 1), -ENOBUFS);
        /* On top there is room for the daemon's own. */
        for (size_t i = 0; i < BATCH_ENTRIES; i++)
                assert_int_equal(journal_case_append_notice(&c), 0);
        journal_case_deliver(&c);
        assert_int_equal(journal_case_append(&c, 1), 0);
        journal_case_deliver(&c);
}

static void test_most_bytes(void **state) {
        _cleanup_(journal_case_done) JournalCase c;

        (void) state;
        journal_case_init(&c);
        for (uint32_t size = 1; size < BATCH_BYTES; size = size * 5 / 4 + 1) {
                size_t n = 0;
                int r;

                while ((r = journal_case_append(&c, size)) == 0)
                        n++;
                assert_int_equal(r, -ENOBUFS);
                journal_case_deliver(&c);
                assert_true(n == 1 || c.bytes_received <= BATCH_BYTES);
                /* One more would have been too much. */
                assert_true(n == BATCH_ENTRIES || c.bytes_received / n * (n + 1) + n > BATCH_BYTES - n);
                assert_false(c.any_by_memfd);
        }
}

/* A large one goes alone; over the limit of datagrams by descriptor. */
static void test_large_entries(void **state) {
        static const struct {
                uint32_t size;
                bool by_memfd;
        } cases[] = { { BATCH_BYTES, false }, { 2 * BATCH_BYTES, false }, { HUGE_SIZE, true } };
        _cleanup_(journal_case_done) JournalCase c;

        (void) state;
        journal_case_init(&c);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_int_equal(journal_case_append(&c, 10), 0);
                assert_int_equal(journal_case_append(&c, 10), 0);
                assert_int_equal(journal_case_append(&c, cases[i].size), -ENOBUFS);
                journal_case_deliver(&c);

                assert_int_equal(journal_case_append(&c, cases[i].size), 0);
                assert_int_equal(journal_case_append(&c, 10), -ENOBUFS);
                journal_case_deliver(&c);
                assert_int_equal(c.any_by_memfd, cases[i].by_memfd);

                assert_int_equal(journal_case_append(&c, 10), 0);
                journal_case_deliver(&c);
        }
}

/* The large one in the middle of a batch does not keep the others. */
static void test_memfd_and_datagrams(void **state) {
        _cleanup_(journal_case_done) JournalCase c;

        (void) state;
        journal_case_init(&c);
        assert_int_equal(journal_case_append_notice(&c), 0);
        assert_int_equal(journal_case_append_notice(&c), 0);
        assert_int_equal(journal_case_append_notice(&c), 0);
        journal_case_deliver(&c);
        assert_int_equal(journal_case_append(&c, HUGE_SIZE), 0);
        assert_int_equal(journal_case_append_notice(&c), 0);
        assert_int_equal(journal_case_append_notice(&c), 0);
        assert_int_equal(sink_flush(c.sink), 0);
        assert_true(journal_case_receive(&c));
        assert_true(c.receiver.by_memfd);
        assert_true(journal_case_receive(&c));
        assert_false(c.receiver.by_memfd);
        journal_case_assert_complete(&c);
}

static void test_memfd_noexec(void **state) {
        _cleanup_(journal_case_done) JournalCase c;

        (void) state;
        journal_case_init(&c);
        assert_int_equal(journal_case_append(&c, HUGE_SIZE), 0);
        memfd_noexec = true;
        n_memfds = 0;
        assert_int_equal(sink_flush(c.sink), 0);
        memfd_noexec = false;
        assert_int_equal(n_memfds, 2);
        journal_case_assert_complete(&c);
}

/* Each allocation fails once: what was not taken leaves no trace, and what was stays. */
static void test_memory(void **state) {
        size_t n = 0;
        bool failed;

        (void) state;
        do {
                _cleanup_(journal_case_done) JournalCase c;
                int event, notice;

                journal_case_init(&c);
                assert_int_equal(journal_case_append(&c, 20), 0);
                memory_fail_after(n++);
                event = journal_case_append(&c, 3000);
                notice = journal_case_append_notice(&c);
                failed = memory_restore();
                if (failed)
                        assert_true((event == -ENOMEM) != (notice == -ENOMEM));
                assert_int_equal(event == 0 && notice == 0, !failed);
                assert_int_equal(journal_case_append(&c, 20), 0);
                assert_int_equal(c.n_appended, failed ? 3 : 4);
                journal_case_deliver(&c);
        } while (failed);
        assert_true(n > 2);
}

static void test_new_memory(void **state) {
        const FormatOptions options = {};
        size_t n = 0;
        bool failed;

        (void) state;
        do {
                _cleanup_(receiver_done) Receiver receiver;
                _cleanup_(sink_freep) Sink *sink = NULL;
                int r;

                receiver_init(&receiver);
                receiver_listen(&receiver);
                memory_fail_after(n++);
                r = journal_sink_new(&options, receiver.path, &sink);
                failed = memory_restore();
                assert_int_equal(r, failed ? -ENOMEM : 0);
                assert_true(!sink == failed);
        } while (failed);
        assert_int_equal(n, 3);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_one_entry_a_datagram),
                cmocka_unit_test(test_most_entries),
                cmocka_unit_test(test_most_bytes),
                cmocka_unit_test(test_large_entries),
                cmocka_unit_test(test_memfd_and_datagrams),
                cmocka_unit_test(test_memfd_noexec),
                cmocka_unit_test(test_memory),
                cmocka_unit_test(test_new_memory),
        };

        return cmocka_run_group_tests_name("journal-sink", tests, NULL, NULL);
}

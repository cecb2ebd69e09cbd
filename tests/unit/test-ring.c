/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "ring-case.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static void test_empty(void **state) {
        _cleanup_(case_done) Case c;

        (void) state;
        case_init(&c, 0);
        expect_none(&c);
        assert_int_equal(ring_position(c.ring), 0);
        assert_int_equal(ring_end(c.ring), 0);
        ring_release(c.ring);
        expect_none(&c);
        assert_int_equal(*fake_ring_consumer(&c.fake), 0);
}

static void test_every_size(void **state) {
        _cleanup_(case_done) Case c;
        uint64_t position = 0;

        (void) state;
        case_init(&c, 0);
        for (size_t size = 0; size <= RECORD_MAX; size++) {
                add(&c, size, size);
                position += fake_ring_step(size);
                assert_int_equal(ring_end(c.ring), position);
                expect(&c, size, size);
                assert_int_equal(ring_position(c.ring), position);
                expect_none(&c);
                ring_release(c.ring);
                assert_int_equal(*fake_ring_consumer(&c.fake), position);
        }
}

/* At each offset one that ends behind the end of the data, as many as fit at a time. */
static void test_wraps(void **state) {
        _cleanup_(case_done) Case c;
        uint64_t added = 0, taken = 0;

        (void) state;
        case_init(&c, 0);
        while (taken < 5000) {
                for (;; added++) {
                        size_t size = (size_t) (added * 13 % 301);

                        if (*fake_ring_producer(&c.fake) + fake_ring_step(size) >=
                                *fake_ring_consumer(&c.fake) + SIZE)
                                break;
                        add(&c, size, added);
                }
                assert_true(added > taken);
                for (; taken < added; taken++)
                        expect(&c, (size_t) (taken * 13 % 301), taken);
                expect_none(&c);
                ring_release(c.ring);
        }
        assert_true(ring_position(c.ring) > 100 * SIZE);
}

/* Nothing behind a record that is still being written is given, however long that takes. */
static void test_busy(void **state) {
        _cleanup_(case_done) Case c;
        uint64_t first, third;
        char data[24];

        (void) state;
        case_init(&c, 0);
        first = fake_ring_reserve(&c.fake, sizeof(data));
        add(&c, 16, 1);
        third = fake_ring_reserve(&c.fake, 8);
        expect_none(&c);
        assert_int_equal(ring_position(c.ring), 0);
        assert_int_equal(ring_end(c.ring), 32 + 24 + 16);

        fill(data, sizeof(data), 0);
        fake_ring_write(&c.fake, first + BPF_RINGBUF_HDR_SZ, data, sizeof(data));
        fake_ring_mark(&c.fake, first, sizeof(data));
        expect(&c, sizeof(data), 0);
        expect(&c, 16, 1);
        expect_none(&c);
        assert_int_equal(ring_position(c.ring), third);

        fake_ring_mark(&c.fake, third, 8 | BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
        expect_none(&c);
        fake_ring_mark(&c.fake, third, 8 | BPF_RINGBUF_DISCARD_BIT);
        expect_none(&c);
        assert_int_equal(ring_position(c.ring), ring_end(c.ring));
}

static void test_discarded(void **state) {
        _cleanup_(case_done) Case c;

        (void) state;
        case_init(&c, SIZE - 40);
        fake_ring_add_discarded(&c.fake, 0);
        fake_ring_add_discarded(&c.fake, 100);
        add(&c, 5, 1);
        fake_ring_add_discarded(&c.fake, 1000);
        add(&c, 0, 2);
        fake_ring_add_discarded(&c.fake, 9);
        fake_ring_add_discarded(&c.fake, 10);

        expect(&c, 5, 1);
        expect(&c, 0, 2);
        expect_none(&c);
        /* Their room is given back, too: else the ring would never look empty. */
        assert_int_equal(ring_position(c.ring), ring_end(c.ring));
        ring_release(c.ring);
        assert_int_equal(*fake_ring_consumer(&c.fake), *fake_ring_producer(&c.fake));
}

static void test_damaged(void **state) {
        static const uint32_t lengths[] = { 17, 24, SIZE, 0x10000, 0x3fffffff };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(lengths); i++) {
                for (unsigned discarded = 0; discarded < 2; discarded++) {
                        _cleanup_(case_done) Case c;
                        uint32_t word = lengths[i] | (discarded ? BPF_RINGBUF_DISCARD_BIT : 0);

                        case_init(&c, 64);
                        add(&c, 3, 1);
                        fake_ring_mark(&c.fake, fake_ring_reserve(&c.fake, 16), word);
                        expect(&c, 3, 1);
                        expect_result(&c, -EBADMSG);
                        expect_result(&c, -EBADMSG);
                        ring_release(c.ring);
                        assert_int_equal(*fake_ring_consumer(&c.fake), 64 + 16);
                }
        }
}

/* A producer that claims more than the ring can hold does not get us to read behind it. */
static void test_producer_too_far(void **state) {
        _cleanup_(case_done) Case c;

        (void) state;
        case_init(&c, 0);
        fake_ring_mark(&c.fake, fake_ring_reserve(&c.fake, 8), 2 * SIZE);
        *fake_ring_producer(&c.fake) = 1ULL << 40;
        expect_result(&c, -EBADMSG);
}

/* Nor to go round and round over what was discarded. */
static void test_producer_too_far_over_discarded(void **state) {
        _cleanup_(case_done) Case c;

        (void) state;
        case_init(&c, 0);
        for (uint64_t position = 0; position < SIZE; position += 8)
                fake_ring_mark(&c.fake, position, BPF_RINGBUF_DISCARD_BIT);
        *fake_ring_producer(&c.fake) = SIZE + 8;
        expect_result(&c, -EBADMSG);
        *fake_ring_producer(&c.fake) = 1ULL << 62;
        expect_result(&c, -EBADMSG);
        *fake_ring_producer(&c.fake) = SIZE;
        expect_none(&c);
        assert_int_equal(ring_position(c.ring), SIZE);
}

static void test_descriptor(void **state) {
        _cleanup_(case_done) Case c;
        struct stat mine, its;
        int flags;

        (void) state;
        case_init(&c, 0);
        assert_int_not_equal(ring_fd(c.ring), c.fake.fd);
        assert_int_equal(fstat(c.fake.fd, &mine), 0);
        assert_int_equal(fstat(ring_fd(c.ring), &its), 0);
        assert_int_equal(mine.st_ino, its.st_ino);
        flags = fcntl(ring_fd(c.ring), F_GETFD);
        assert_true(flags >= 0 && flags & FD_CLOEXEC);
}

static void test_new_fails(void **state) {
        _cleanup_close_ int file = memfd_create("file", MFD_CLOEXEC);
        int pipe_fds[2];
        Ring *ring = (void *) &pipe_fds;

        (void) state;
        assert_int_equal(ring_new(-1, SIZE, &ring), -EBADF);
        assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
        assert_int_equal(ring_new(pipe_fds[0], SIZE, &ring), -EACCES); /* not open for writing */
        assert_int_equal(ring_new(pipe_fds[1], SIZE, &ring), -EACCES);

        /* Where the first mapping works and the second does not. */
        assert_true(file >= 0);
        assert_true(ring_new(file, 1ULL << 52, &ring) < 0);
        assert_ptr_equal(ring, (void *) &pipe_fds);
        assert_null(ring_free(NULL));
        close(pipe_fds[0]);
        close(pipe_fds[1]);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_empty),
                cmocka_unit_test(test_every_size),
                cmocka_unit_test(test_wraps),
                cmocka_unit_test(test_busy),
                cmocka_unit_test(test_discarded),
                cmocka_unit_test(test_damaged),
                cmocka_unit_test(test_producer_too_far),
                cmocka_unit_test(test_producer_too_far_over_discarded),
                cmocka_unit_test(test_descriptor),
                cmocka_unit_test(test_new_fails),
        };

        return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}

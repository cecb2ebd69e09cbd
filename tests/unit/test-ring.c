/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "fake-ring.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define SIZE 4096U
#define RECORD_MAX (SIZE - 2 * BPF_RINGBUF_HDR_SZ) /* the largest that the kernel makes */

typedef struct Case {
        FakeRing fake;
        Ring *ring;
} Case;

static void case_init(Case *c, uint64_t position) {
        fake_ring_init(&c->fake, SIZE, position);
        assert_int_equal(ring_new(c->fake.fd, SIZE, &c->ring), 0);
}

static void case_done(Case *c) {
        assert_null(ring_free(c->ring));
        fake_ring_done(&c->fake);
}

/* Bytes that differ from record to record and from place to place. */
static void fill(char *data, size_t size, uint64_t seed) {
        for (size_t i = 0; i < size; i++)
                data[i] = (char) (seed * 31 + i * 7 + i / 256);
}

static void add(Case *c, size_t size, uint64_t seed) {
        char data[SIZE];

        fill(data, size, seed);
        fake_ring_add(&c->fake, data, size);
}

static void expect(Case *c, size_t size, uint64_t seed) {
        const void *data = NULL;
        size_t found = SIZE_MAX;
        char expected[SIZE];

        assert_int_equal(ring_next(c->ring, &data, &found), 1);
        assert_int_equal(found, size);
        fill(expected, size, seed);
        if (size > 0)
                assert_memory_equal(data, expected, size);
}

static void expect_result(Case *c, int result) {
        uint64_t position = ring_position(c->ring);
        const void *data = c;
        size_t size = 7;

        assert_int_equal(ring_next(c->ring, &data, &size), result);
        assert_ptr_equal(data, c);
        assert_int_equal(size, 7);
        if (result < 0)
                assert_int_equal(ring_position(c->ring), position);
}

static void expect_none(Case *c) {
        expect_result(c, 0);
}

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

static void test_seek_and_release(void **state) {
        _cleanup_(case_done) Case c;
        uint64_t positions[4];

        (void) state;
        case_init(&c, 4096 * 5 + 8);
        for (size_t i = 0; i < ELEMENTSOF(positions); i++)
                add(&c, 10 * i, i);
        for (size_t i = 0; i < ELEMENTSOF(positions); i++) {
                positions[i] = ring_position(c.ring);
                expect(&c, 10 * i, i);
        }
        assert_int_equal(*fake_ring_consumer(&c.fake), positions[0]);

        ring_seek(c.ring, positions[2]);
        assert_int_equal(ring_position(c.ring), positions[2]);
        expect(&c, 20, 2);
        ring_release(c.ring);
        assert_int_equal(*fake_ring_consumer(&c.fake), positions[3]);
        ring_seek(c.ring, positions[3]); /* to where it is */
        expect(&c, 30, 3);
        assert_int_equal(*fake_ring_consumer(&c.fake), positions[3]);
        expect_none(&c);
        ring_release(c.ring);
        ring_release(c.ring);
        assert_int_equal(*fake_ring_consumer(&c.fake), ring_end(c.ring));
}

/* Positions are not 32 bits wide, nor 31. */
static void test_far_positions(void **state) {
        static const uint64_t starts[] = { 1ULL << 31, 1ULL << 32, 1ULL << 33, 1ULL << 63 };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(starts); i++) {
                _cleanup_(case_done) Case c;

                case_init(&c, starts[i] - 40);
                for (uint64_t n = 0; n < 8; n++)
                        add(&c, n, n);
                for (uint64_t n = 0; n < 8; n++)
                        expect(&c, n, n);
                expect_none(&c);
                assert_int_equal(ring_position(c.ring), starts[i] - 40 + 8 + 7 * 16);
                ring_seek(c.ring, starts[i]);
                expect(&c, 3, 3);
                ring_release(c.ring);
                assert_int_equal(*fake_ring_consumer(&c.fake), starts[i] + 16);
        }
}

/* What one reader did not release the next one gets. */
static void test_handed_on(void **state) {
        _cleanup_(case_done) Case c;

        (void) state;
        case_init(&c, 0);
        add(&c, 1, 1);
        add(&c, 2, 2);
        add(&c, 3, 3);
        expect(&c, 1, 1);
        ring_release(c.ring);
        expect(&c, 2, 2);
        assert_null(ring_free(c.ring));

        assert_int_equal(ring_new(c.fake.fd, SIZE, &c.ring), 0);
        assert_int_equal(ring_position(c.ring), 16);
        expect(&c, 2, 2);
        expect(&c, 3, 3);
        expect_none(&c);
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

/* Looking ahead leaves everything as it is. */
static void test_look(void **state) {
        _cleanup_(case_done) Case c;
        uint64_t position;
        const void *data;
        size_t size;

        (void) state;
        case_init(&c, SIZE - 24);
        for (uint64_t i = 0; i < 5; i++)
                add(&c, 10 + i, i);
        fake_ring_add_discarded(&c.fake, 30);
        expect(&c, 10, 0);
        position = ring_position(c.ring);
        for (uint64_t i = 1; i < 5; i++) {
                char expected[SIZE];

                assert_int_equal(ring_look(c.ring, &position, &data, &size), 1);
                assert_int_equal(size, 10 + i);
                fill(expected, size, i);
                assert_memory_equal(data, expected, size);
        }
        assert_int_equal(ring_look(c.ring, &position, &data, &size), 0);
        assert_int_equal(position, ring_end(c.ring));
        for (uint64_t i = 1; i < 5; i++)
                expect(&c, 10 + i, i);
        assert_int_equal(*fake_ring_consumer(&c.fake), SIZE - 24);
}

/* What another reader had come to, before it gave back the room. */
static void test_skip(void **state) {
        _cleanup_(case_done) Case c;
        uint64_t ends[3];

        (void) state;
        case_init(&c, 64);
        for (uint64_t i = 0; i < ELEMENTSOF(ends); i++) {
                add(&c, 10, i);
                ends[i] = ring_end(c.ring);
        }
        assert_true(ring_skip(c.ring, 64));
        assert_true(ring_skip(c.ring, ends[1]));
        assert_int_equal(*fake_ring_consumer(&c.fake), ends[1]);
        assert_false(ring_skip(c.ring, ends[0]));
        assert_false(ring_skip(c.ring, ends[2] + 8));
        assert_false(ring_skip(c.ring, ends[2] - 1));
        assert_false(ring_skip(c.ring, UINT64_MAX));
        assert_int_equal(ring_position(c.ring), ends[1]);
        expect(&c, 10, 2);
        ring_release(c.ring);
        assert_true(ring_skip(c.ring, ends[2]));
        expect_none(&c);
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
                cmocka_unit_test(test_seek_and_release),
                cmocka_unit_test(test_far_positions),
                cmocka_unit_test(test_handed_on),
                cmocka_unit_test(test_descriptor),
                cmocka_unit_test(test_new_fails),
                cmocka_unit_test(test_look),
                cmocka_unit_test(test_skip),
        };

        return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}

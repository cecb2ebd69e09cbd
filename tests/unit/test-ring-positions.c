/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where a ring is read: positions are sought, released, looked ahead from, and skipped to. */

#include "ring-case.h"

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
                cmocka_unit_test(test_seek_and_release),
                cmocka_unit_test(test_far_positions),
                cmocka_unit_test(test_handed_on),
                cmocka_unit_test(test_look),
                cmocka_unit_test(test_skip),
        };

        return cmocka_run_group_tests_name("ring-positions", tests, NULL, NULL);
}

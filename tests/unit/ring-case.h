/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A small ring, and records that a test puts into it and expects to read. */

#include "fake-ring.h"

#define SIZE 4096U
#define RECORD_MAX (SIZE - 2 * BPF_RINGBUF_HDR_SZ) /* the largest that the kernel makes */

typedef struct Case {
        FakeRing fake;
        Ring *ring;
} Case;

static inline void case_init(Case *c, uint64_t position) {
        fake_ring_init(&c->fake, SIZE, position);
        assert_int_equal(ring_new(c->fake.fd, SIZE, &c->ring), 0);
}

static inline void case_done(Case *c) {
        assert_null(ring_free(c->ring));
        fake_ring_done(&c->fake);
}

/* Bytes that differ from record to record and from place to place. */
static inline void fill(char *data, size_t size, uint64_t seed) {
        for (size_t i = 0; i < size; i++)
                data[i] = (char) (seed * 31 + i * 7 + i / 256);
}

static inline void add(Case *c, size_t size, uint64_t seed) {
        char data[SIZE];

        fill(data, size, seed);
        fake_ring_add(&c->fake, data, size);
}

static inline void expect(Case *c, size_t size, uint64_t seed) {
        const void *data = NULL;
        size_t found = SIZE_MAX;
        char expected[SIZE];

        assert_int_equal(ring_next(c->ring, &data, &found), 1);
        assert_int_equal(found, size);
        fill(expected, size, seed);
        if (size > 0)
                assert_memory_equal(data, expected, size);
}

static inline void expect_result(Case *c, int result) {
        uint64_t position = ring_position(c->ring);
        const void *data = c;
        size_t size = 7;

        assert_int_equal(ring_next(c->ring, &data, &size), result);
        assert_ptr_equal(data, c);
        assert_int_equal(size, 7);
        if (result < 0)
                assert_int_equal(ring_position(c->ring), position);
}

static inline void expect_none(Case *c) {
        expect_result(c, 0);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A ring with anything in it. What the kernel keeps is kept: records begin at multiples of eight, and
 * positions are far from where a number of 64 bits ends. The reader has to find what a second one finds,
 * which is written here.
 */

#include "fuzz.h"

#include "../unit/fake-ring.h"

#define RING_SIZE 4096U

/* Where the record at `position` ends; *ret is the first word of its header. */
static uint64_t end_of(const FakeRing *f, uint64_t position, uint32_t *ret) {
        memcpy(ret, f->memory + 2 * f->page + (position & (f->size - 1)), sizeof(*ret));
        return position + (((uint64_t) (*ret & 0x3fffffffU) + 8 + 7) & ~(uint64_t) 7);
}

/* What ring_next() is to return at *position, which is then where it is to stand. */
static int expect_next(const FakeRing *f, uint64_t *position) {
        uint64_t producer = *fake_ring_producer(f), end;
        uint32_t word;

        if (*position < producer && producer - *position > f->size)
                return -EBADMSG;
        while (*position < producer) {
                end = end_of(f, *position, &word);
                if (word & BPF_RINGBUF_BUSY_BIT)
                        return 0;
                if (end > producer || end - *position > f->size)
                        return -EBADMSG;
                *position = end;
                if (!(word & BPF_RINGBUF_DISCARD_BIT))
                        return 1;
        }
        return 0;
}

static void check_record(const FakeRing *f, uint64_t start, uint64_t end, const char *data, size_t size) {
        uint32_t word;

        /* Discarded ones may lie before it. */
        while (end_of(f, start, &word) != end)
                start = end_of(f, start, &word);
        assert_int_equal(size, word);
        for (size_t i = 0; i < size; i++)
                assert_int_equal(data[i], f->memory[2 * f->page + ((start + 8 + i) & (f->size - 1))]);
}

static void check_ring(const FakeRing *f, Ring *ring, Input *orders) {
        uint64_t expected = *fake_ring_consumer(f), released = expected;

        for (size_t i = 0; i < RING_SIZE / 8 + 2; i++) {
                uint64_t before = ring_position(ring), order = input_number(orders, 1);
                const void *data = NULL;
                size_t size = 0;
                int r;

                assert_int_equal(before, expected);
                r = ring_next(ring, &data, &size);
                assert_int_equal(r, expect_next(f, &expected));
                if (r > 0)
                        check_record(f, before, expected, data, size);
                if (r <= 0 && order == 0)
                        return;
                if (r > 0 && order % 4 == 1) {
                        ring_release(ring);
                        released = expected;
                } else if (r > 0 && order % 4 == 2) {
                        ring_seek(ring, released);
                        expected = released;
                }
                assert_int_equal(*fake_ring_consumer(f), released);
        }
}

/* The positions, how many orders there are, the orders, and what the ring holds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Input input = { data, size }, orders;
        uint64_t consumer = input_number(&input, 8) & ~(uint64_t) 7 & UINT64_MAX >> 1;
        uint64_t filled = input_number(&input, 8);
        Bytes taken = input_text(&input), content;
        _cleanup_(ring_freep) Ring *ring = NULL;
        FakeRing fake;

        orders = (Input){ (const uint8_t *) taken.data, taken.size };
        content = input_take(&input, RING_SIZE);
        fake_ring_init(&fake, RING_SIZE, consumer);
        fake_ring_write(&fake, consumer, content.data, content.size);
        *fake_ring_producer(&fake) = (consumer + filled) & ~(uint64_t) 7 & UINT64_MAX >> 1;

        assert_int_equal(ring_new(fake.fd, RING_SIZE, &ring), 0);
        check_ring(&fake, ring, &orders);
        fake_ring_done(&fake);
        return 0;
}

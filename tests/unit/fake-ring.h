/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A BPF ring buffer without a kernel: memory in the same layout, and what the kernel side does with it.
 * Where the kernel maps the data twice, every byte is written twice here.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "source/ring.h"
#include "util/cleanup.h"

typedef struct FakeRing {
        int fd;
        size_t size; /* of the data */
        size_t page;
        char *memory; /* the consumer's page, the producer's, the data, the data again */
} FakeRing;

static inline uint64_t *fake_ring_consumer(const FakeRing *f) {
        return (uint64_t *) (void *) f->memory;
}

static inline uint64_t *fake_ring_producer(const FakeRing *f) {
        return (uint64_t *) (void *) (f->memory + f->page);
}

/* An empty one in which both sides stand at `position`. */
static inline void fake_ring_init(FakeRing *f, size_t size, uint64_t position) {
        size_t page = (size_t) sysconf(_SC_PAGESIZE), total = 2 * page + 2 * size;
        void *p;

        *f = (FakeRing){ .fd = memfd_create("ring", MFD_CLOEXEC), .size = size, .page = page };
        assert_true(f->fd >= 0);
        assert_int_equal(ftruncate(f->fd, (off_t) total), 0);
        p = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, 0);
        assert_ptr_not_equal(p, MAP_FAILED);
        f->memory = p;
        *fake_ring_consumer(f) = position;
        *fake_ring_producer(f) = position;
}

static inline void fake_ring_done(FakeRing *f) {
        assert_int_equal(munmap(f->memory, 2 * f->page + 2 * f->size), 0);
        close(f->fd);
}

/* What a record of `size` bytes takes of the ring. */
static inline uint64_t fake_ring_step(size_t size) {
        return (BPF_RINGBUF_HDR_SZ + size + 7) & ~(uint64_t) 7;
}

static inline void fake_ring_write(FakeRing *f, uint64_t position, const void *data, size_t size) {
        char *first = f->memory + 2 * f->page, *second = first + f->size;

        for (size_t i = 0; i < size; i++) {
                size_t offset = (position + i) & (f->size - 1);

                first[offset] = second[offset] = ((const char *) data)[i];
        }
}

/* The first word of a record's header; the kernel writes it in one piece. */
static inline void fake_ring_mark(FakeRing *f, uint64_t position, uint32_t word) {
        fake_ring_write(f, position, &word, sizeof(word));
}

/* Takes room for a record, which is busy then. Returns its position. */
static inline uint64_t fake_ring_reserve(FakeRing *f, size_t size) {
        uint64_t position = *fake_ring_producer(f);

        /* The kernel's rule; it keeps a full ring from looking empty. */
        assert_true(position + fake_ring_step(size) - *fake_ring_consumer(f) < f->size);
        fake_ring_mark(f, position, (uint32_t) size | BPF_RINGBUF_BUSY_BIT);
        *fake_ring_producer(f) = position + fake_ring_step(size);
        return position;
}

static inline void fake_ring_add(FakeRing *f, const void *data, size_t size) {
        uint64_t position = fake_ring_reserve(f, size);

        fake_ring_write(f, position + BPF_RINGBUF_HDR_SZ, data, size);
        fake_ring_mark(f, position, (uint32_t) size);
}

/* A record that was reserved and then given up. */
static inline void fake_ring_add_discarded(FakeRing *f, size_t size) {
        fake_ring_mark(f, fake_ring_reserve(f, size), (uint32_t) size | BPF_RINGBUF_DISCARD_BIT);
}

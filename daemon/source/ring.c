/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/ring.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct Ring {
        /*
         * One page that only this side writes, and one that only the kernel writes, which the data follows.
         */
        uint64_t *consumer;
        const uint64_t *producer;
        const char *data;
        size_t size;
        size_t page;
        uint64_t position;
        int fd;
};

int ring_new(int map_fd, size_t size, Ring **ret) {
        _cleanup_(ring_freep) Ring *ring = NULL;
        long page = sysconf(_SC_PAGESIZE);
        void *p;

        assert(size > 0 && (size & (size - 1)) == 0);

        ring = calloc(1, sizeof(*ring));
        if (!ring)
                return -ENOMEM;
        ring->fd = fcntl(map_fd, F_DUPFD_CLOEXEC, 3);
        if (ring->fd < 0)
                return -errno;
        ring->size = size;
        ring->page = (size_t) page;

        p = mmap(NULL, ring->page, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
        if (p == MAP_FAILED)
                return -errno;
        ring->consumer = p;

        /* The kernel maps the data twice in a row, so that a record that wraps is contiguous in memory. */
        p = mmap(NULL, ring->page + 2 * size, PROT_READ, MAP_SHARED, ring->fd, page);
        if (p == MAP_FAILED)
                return -errno;
        ring->producer = p;
        ring->data = (const char *) p + ring->page;

        /* A child that outlives this process must not keep the ring. */
        (void) madvise(ring->consumer, ring->page, MADV_DONTFORK);
        (void) madvise((void *) ring->producer, ring->page + 2 * size, MADV_DONTFORK);

        ring->position = __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE);
        *ret = TAKE_PTR(ring);
        return 0;
}

Ring *ring_free(Ring *ring) {
        if (!ring)
                return NULL;
        if (ring->producer)
                munmap((void *) ring->producer, ring->page + 2 * ring->size);
        if (ring->consumer)
                munmap(ring->consumer, ring->page);
        closep(&ring->fd);
        free(ring);
        return NULL;
}

int ring_fd(const Ring *ring) {
        return ring->fd;
}

uint64_t ring_end(const Ring *ring) {
        return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
}

uint64_t ring_position(const Ring *ring) {
        return ring->position;
}

void ring_seek(Ring *ring, uint64_t position) {
        assert(position <= ring->position);
        ring->position = position;
}

void ring_release(Ring *ring) {
        __atomic_store_n(ring->consumer, ring->position, __ATOMIC_RELEASE);
}

bool ring_skip(Ring *ring, uint64_t position) {
        if (position < ring->position || position > ring_end(ring) || position % 8 != 0)
                return false;
        ring->position = position;
        ring_release(ring);
        return true;
}

int ring_look(const Ring *ring, uint64_t *position, const void **ret, size_t *ret_size) {
        uint64_t end = ring_end(ring);

        /* This is more than the ring can contain, and reading it might never end. */
        if (*position < end && end - *position > ring->size)
                return -EBADMSG;

        while (*position < end) {
                const char *header = ring->data + (*position & (ring->size - 1));
                uint32_t word = __atomic_load_n((const uint32_t *) (const void *) header, __ATOMIC_ACQUIRE);
                uint32_t length = word & ~(uint32_t) (BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
                uint64_t next;

                if (word & BPF_RINGBUF_BUSY_BIT)
                        return 0;

                /* Records begin at multiples of eight. */
                next = *position + ((length + BPF_RINGBUF_HDR_SZ + 7U) & ~(uint64_t) 7U);
                if (next > end || next - *position > ring->size)
                        return -EBADMSG;
                *position = next;
                if (word & BPF_RINGBUF_DISCARD_BIT)
                        continue;

                *ret = header + BPF_RINGBUF_HDR_SZ;
                *ret_size = length;
                return 1;
        }
        return 0;
}

int ring_next(Ring *ring, const void **ret, size_t *ret_size) {
        return ring_look(ring, &ring->position, ret, ret_size);
}

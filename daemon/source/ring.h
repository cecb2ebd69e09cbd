/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/cleanup.h"

/*
 * The reading side of a BPF ring buffer (Documentation/bpf/ringbuf.rst in the kernel). Records are read in
 * place, and stay in the ring until they are released, which is done after they were delivered. So the ring
 * is the queue. libbpf's reader can't do that: it releases each record as soon as its callback returns.
 *
 * Positions are counted in bytes since the ring was created, and never wrap.
 */
typedef struct Ring Ring;

/*
 * Maps a ring. `map_fd` is the descriptor of its map, which is duplicated. `size` is the max_entries of the
 * map: its size in bytes, a power of two and a multiple of the page size. Returns 0, -ENOMEM, or the error of
 * fcntl(2) or mmap(2).
 */
int ring_new(int map_fd, size_t size, Ring **ret);
Ring *ring_free(Ring *ring);
DEFINE_POINTER_CLEANUP(Ring *, ring_free);

/* Returns a descriptor that is readable while there are records that are not released. The ring keeps it. */
int ring_fd(const Ring *ring);

/*
 * Reads the next record and moves the position after it. Returns 1 and sets *ret and *ret_size (in bytes),
 * which are valid until the record is released. Returns 0 when there is no record, or the next one is still
 * being written. Returns -EBADMSG when the data is not a record; the ring can't be read any further then.
 */
int ring_next(Ring *ring, const void **ret, size_t *ret_size);

/*
 * Like ring_next(), but reads at *position and moves that instead of the ring's own position. *position must
 * be between ring_position() and ring_end().
 */
int ring_look(const Ring *ring, uint64_t *position, const void **ret, size_t *ret_size);

/* Returns the position at which the next record is read. */
uint64_t ring_position(const Ring *ring);

/* Moves back to a position that ring_position() returned, and that is not yet released. */
void ring_seek(Ring *ring, uint64_t position);

/*
 * Moves forward to a position that another reader of the same ring had reached, and releases the records
 * before it. Returns false, and does nothing, when the position is not between ring_position() and
 * ring_end(), or not a multiple of 8.
 */
bool ring_skip(Ring *ring, uint64_t position);

/* Releases all records before the current position: the kernel can use their room again. */
void ring_release(Ring *ring);

/* Returns the position after the last record, including records that are still being written. */
uint64_t ring_end(const Ring *ring);

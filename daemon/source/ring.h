/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/cleanup.h"

/*
 * The reading side of a BPF ring buffer (Documentation/bpf/ringbuf.rst in the kernel). Records are read where
 * they are, and their room is given back by an act of its own, once they have arrived: until then the ring is
 * the queue. That is what libbpf's reader can't do: it gives back each record as soon as its callback
 * returns.
 *
 * Positions count bytes since the ring was made, and never wrap.
 */
typedef struct Ring Ring;

/*
 * Maps the ring of descriptor `map_fd` (it keeps a duplicate) and `size` bytes, the map's max_entries: a
 * power of two, a multiple of the page size. 0, -ENOMEM, or what fcntl(2) or mmap(2) failed with.
 */
int ring_new(int map_fd, size_t size, Ring **ret);
Ring *ring_free(Ring *ring);
DEFINE_POINTER_CLEANUP(Ring *, ring_free);

/* Readable while there are records that are not released. Stays the ring's. */
int ring_fd(const Ring *ring);

/*
 * Gives the next record and moves behind it. 1: *ret and *ret_size are set, and hold until the record is
 * released. 0: there is none, or the next one is still being written. -EBADMSG: what is there is no record;
 * the ring can't be read any further.
 */
int ring_next(Ring *ring, const void **ret, size_t *ret_size);

/* Reads likewise at *position, and moves that on instead; it lies between ring_position() and ring_end(). */
int ring_look(const Ring *ring, uint64_t *position, const void **ret, size_t *ret_size);

/* Where the next record will be read from. */
uint64_t ring_position(const Ring *ring);

/* Goes back to a position that ring_position() gave and that is not yet released. */
void ring_seek(Ring *ring, uint64_t position);

/*
 * Moves on to a position that another reader of the same ring had come to; what lies before it is released.
 * False: it is none that lies ahead.
 */
bool ring_skip(Ring *ring, uint64_t position);

/* Gives back the room of all records before the current position. */
void ring_release(Ring *ring);

/* Up to where records were made by now, those that are still being written included. */
uint64_t ring_end(const Ring *ring);

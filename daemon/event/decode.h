/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "util/buffer.h"

/* Keeps the memory that decoding needs from one record to the next. All-zero is a new one. */
typedef struct Decoder {
        Buffer text; /* paths, put together; the argument at the gap */
        Bytes *argv;
        size_t argv_allocated;
        Assignment *environment;
        size_t environment_allocated;
} Decoder;

void decoder_done(Decoder *decoder);

/* What kind of record the bytes claim to be (enum exec_record_kind); -EBADMSG: none that there is. */
int decode_kind(const void *data, size_t size);

/* The id and the lineage (lineage.h), which is whole, in a record of a cgroup. 0 or -EBADMSG. */
int decode_cgroup(const void *data, size_t size, uint64_t *ret_id, Bytes *ret_lineage);

/*
 * Makes an Event of the `size` bytes at `data`, which came from the ring and are not trusted: every length is
 * checked against what is there. `clock_offset` is what clock_offset_ns() says. All variables of the
 * environment that the record holds are in the event: the caller picks what is asked for, and knows whether
 * any was, without which all are missing. No labels are set.
 *
 * 0; -EBADMSG: the bytes are no record of EXEC_RECORD_ABI; -ENOMEM. *ret is untouched on failure and points
 * into `data` and `decoder` on success, until the next call.
 */
int decode_record(Decoder *decoder, const void *data, size_t size, int64_t clock_offset, Event *ret);

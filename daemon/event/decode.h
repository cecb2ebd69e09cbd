/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/decoder.h"
#include "event/event.h"

/* What kind of record the bytes claim to be (enum exec_record_kind); -EBADMSG: none that there is. */
int decode_kind(const void *data, size_t size);

/* A cgroup that was made, or is gone (whose name may be empty: it could not be read). */
typedef struct CgroupChange {
        uint64_t id;
        uint64_t parent; /* its id */
        Bytes name;
} CgroupChange;

/* Takes a record of a cgroup apart. A name is 1 to 255 bytes, with no slash and no NUL. 0 or -EBADMSG. */
int decode_cgroup(const void *data, size_t size, CgroupChange *ret);

/*
 * Gives the event other arguments: those that were read afterwards, each ended by NUL, of which the end is
 * missing when `truncated`. 0 or -ENOMEM: the event is as it was, but has no arguments.
 */
int decode_late(Decoder *decoder, Bytes arguments, bool truncated, Event *event);

/* When the exec was, CLOCK_BOOTTIME in nanoseconds, of a record that is one of an exec; else anything. */
uint64_t decode_time(const void *data, size_t size);

/*
 * Makes an Event of the `size` bytes at `data`, which came from the ring and are not trusted: every length is
 * checked against what is there. `clock_offset` is what clock_offset_ns() says. All variables of the
 * environment that the record holds are in the event: the caller picks what is asked for, and knows whether
 * any was, without which all are missing. No labels are set, and no number.
 *
 * 0; -EBADMSG: the bytes are no record of EXEC_RECORD_ABI; -ENOMEM. *ret is untouched on failure and points
 * into `data` and `decoder` on success, until the next call.
 */
int decode_record(Decoder *decoder, const void *data, size_t size, int64_t clock_offset, Event *ret);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/decoder.h"
#include "event/event.h"

/* Returns the kind of the record (enum exec_record_kind), or -EBADMSG when there is no such kind. */
int decode_kind(const void *data, size_t size);

/* A cgroup that was created, or that was removed; in the latter case the name may be empty. */
typedef struct CgroupChange {
        uint64_t id;
        uint64_t parent; /* its id */
        Bytes name;
} CgroupChange;

/*
 * Decodes a record of a cgroup. A name is 1 to 255 bytes, without slash and NUL. Returns 0 or -EBADMSG.
 */
int decode_cgroup(const void *data, size_t size, CgroupChange *ret);

/*
 * Replaces the arguments of the event by `arguments`, which were read later (pipeline/late.h). Each ends with
 * NUL; if `truncated` is set, the end is missing. Returns 0, or -ENOMEM, and then the event has no arguments.
 */
int decode_late(Decoder *decoder, Bytes arguments, bool truncated, Event *event);

/*
 * Returns the time of an exec record, in nanoseconds of CLOCK_BOOTTIME. For other records the result is
 * unspecified.
 */
uint64_t decode_time(const void *data, size_t size);

/*
 * Decodes an exec record of `size` bytes, which come from the ring and are not trusted: every length is
 * checked. `clock_offset` is the result of clock_offset_ns(). The event has all variables of the environment
 * that are in the record, and the caller selects those that the configuration names. If it names none, the
 * record has none. The event has no labels and no number.
 *
 * Returns 0; -EBADMSG when the bytes are not a record of EXEC_RECORD_ABI; or -ENOMEM. On success *ret points
 * into `data` and `decoder` until the next call. On failure it is unchanged.
 */
int decode_record(Decoder *decoder, const void *data, size_t size, int64_t clock_offset, Event *ret);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "notice/notice.h"

/* At most this many messages of the kernel side become records in one interval. Further ones are counted. */
#define KERNEL_LOG_BURST 10
#define KERNEL_LOG_INTERVAL_USEC (10ULL * 1000 * 1000)

/* Limits the rate of such records. An all-zero object is new. */
typedef struct KernelLog {
        uint64_t interval_start_usec;
        unsigned n_in_interval;
        uint64_t n_omitted;
        char text[160]; /* of the last notice */
} KernelLog;

/*
 * Turns a record of `size` bytes from the ring of logs into a notice. The bytes are not trusted. `now_usec`
 * is a time of CLOCK_MONOTONIC. Returns 1 and sets *ret, which is valid until the next call; 0 when there
 * were too many in this interval, and then the record is counted; or -EBADMSG when it is no log record of
 * EXEC_RECORD_ABI.
 */
int kernel_log_decode(KernelLog *log, const void *data, size_t size, uint64_t now_usec, Notice *ret);

/*
 * Makes a notice of how many records were left out, if no other notice has said so. Returns 1 and sets *ret,
 * or 0 when there are none.
 */
int kernel_log_omitted(KernelLog *log, Notice *ret);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "notice/notice.h"

/* Most messages of the kernel side that become records in one interval; the others are counted. */
#define KERNEL_LOG_BURST 10
#define KERNEL_LOG_INTERVAL_USEC (10ULL * 1000 * 1000)

/* All-zero is a new one. */
typedef struct KernelLog {
        uint64_t interval_start_usec;
        unsigned n_in_interval;
        uint64_t n_omitted;
        char text[160]; /* of the last notice */
} KernelLog;

/*
 * Makes a notice of the `size` bytes at `data`, from the logs ring, which are not trusted. `now_usec` is
 * CLOCK_MONOTONIC. 1: *ret is set, and holds until the next call. 0: one too many for this interval,
 * counted. -EBADMSG: the bytes are no log record of EXEC_RECORD_ABI.
 */
int kernel_log_decode(KernelLog *log, const void *data, size_t size, uint64_t now_usec, Notice *ret);

/* How many were left out and not yet said so; a notice for them. 1: *ret is set. 0: none. */
int kernel_log_omitted(KernelLog *log, Notice *ret);

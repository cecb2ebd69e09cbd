/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

/*
 * Returns CLOCK_REALTIME minus the kernel's own CLOCK_BOOTTIME, in nanoseconds, which converts a time of the
 * kernel side to calendar time. The two clocks can't be read at the same moment. When this process is delayed
 * between the two readings, they are repeated, because the delay would be added to every time.
 */
int64_t clock_offset_ns(void);

/* Returns the current time, in microseconds since the epoch. */
uint64_t clock_now_usec(void);

/*
 * Converts a time of CLOCK_BOOTTIME to microseconds since the epoch. A result that is out of range is
 * replaced by the nearest valid number.
 */
uint64_t clock_usec_of(uint64_t boottime_ns, int64_t offset_ns);

/*
 * Returns how far CLOCK_BOOTTIME of this process's time namespace is ahead of the kernel's own, in
 * nanoseconds (time_namespaces(7)). The other functions here take it into account.
 */
int64_t clock_namespace_ns(void);

/* Returns the time of the kernel's own CLOCK_BOOTTIME, in nanoseconds. */
uint64_t clock_boottime_ns(void);

/* Returns the time of CLOCK_MONOTONIC, in microseconds. */
uint64_t clock_monotonic_usec(void);

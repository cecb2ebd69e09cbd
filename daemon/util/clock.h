/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

/*
 * CLOCK_REALTIME minus the kernel's own CLOCK_BOOTTIME, in nanoseconds: what makes a time of the kernel side
 * one of the calendar. The two can't be read at once; what a process is held up by in between would be in
 * every time, so it is read again then.
 */
int64_t clock_offset_ns(void);

/* Microseconds since the epoch, now. */
uint64_t clock_now_usec(void);

/*
 * Microseconds since the epoch, of a time on CLOCK_BOOTTIME. One that can't be is as near to it as there is a
 * number.
 */
uint64_t clock_usec_of(uint64_t boottime_ns, int64_t offset_ns);

/*
 * How far CLOCK_BOOTTIME of this process's time namespace is ahead of the kernel's own, in nanoseconds
 * (time_namespaces(7)). The other functions here see to it already.
 */
int64_t clock_namespace_ns(void);

/* Nanoseconds on the kernel's own CLOCK_BOOTTIME; microseconds on CLOCK_MONOTONIC. */
uint64_t clock_boottime_ns(void);
uint64_t clock_monotonic_usec(void);

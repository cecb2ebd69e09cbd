/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A time that was not given. */
#define USEC_UNSET UINT64_MAX

/*
 * Reads a point in time in a format of systemd.time(7): "2026-11-23 18:15:22", parts of that, "today",
 * "yesterday", "tomorrow", "now", "-1h", "+10min", "2h ago" or "@1395716396". A date or time may have a
 * weekday before it, and "UTC" or the name of a time zone after it. ISO 8601 with "T", and "Z" or an offset,
 * is accepted, too.
 *
 * `now` is the current time in microseconds since the epoch. Returns 0 and sets *ret to microseconds since
 * the epoch; -EINVAL when it is not a valid time, or the weekday is wrong; or -ERANGE when the time is before
 * the epoch or too far in the future.
 */
int time_parse(const char *text, uint64_t now, uint64_t *ret);

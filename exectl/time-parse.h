/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "time-span.h"

/*
 * Reads a point in time as systemd.time(7) describes it: "2026-11-23 18:15:22", parts of that, "today",
 * "yesterday", "tomorrow", "now", "-1h", "+10min", "2h ago", "@1395716396", each but the last few with a
 * weekday before it and "UTC" or the name of a time zone behind it; also ISO 8601 with "T", and "Z" or an
 * offset.
 *
 * `now` is the current time in microseconds since the epoch. Returns 0 and sets *ret to microseconds since
 * the epoch; -EINVAL for what is no time (also when the weekday is another day's), -ERANGE for one before
 * the epoch or too far on.
 */
int time_parse(const char *text, uint64_t now, uint64_t *ret);

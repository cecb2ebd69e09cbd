/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#define USEC_PER_SEC UINT64_C(1000000)
#define USEC_PER_MINUTE (60 * USEC_PER_SEC)
#define USEC_PER_HOUR (60 * USEC_PER_MINUTE)
#define USEC_PER_DAY (24 * USEC_PER_HOUR)

/*
 * Parses a time span in the syntax of systemd.time(7): "1h 30min", "90 s", "1.5h", ".5", "20". A number
 * without a unit is in seconds. Sets *ret to microseconds. Returns 0, -EINVAL when the value is not a time
 * span, or -ERANGE when the result does not fit into 64 bits.
 */
int timespan_parse(const char *value, uint64_t *ret);

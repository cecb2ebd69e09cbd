/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#define USEC_PER_SEC UINT64_C(1000000)
#define USEC_PER_MINUTE (60 * USEC_PER_SEC)
#define USEC_PER_HOUR (60 * USEC_PER_MINUTE)
#define USEC_PER_DAY (24 * USEC_PER_HOUR)

/* A time that was not given. */
#define USEC_UNSET UINT64_MAX

/*
 * Reads a time span in a format of systemd.time(7): "1h 30min", "2.5s" or "90". A number without a unit is in
 * seconds. Returns 0 and sets *ret to microseconds, -EINVAL when it is not a time span, or -ERANGE when it is
 * too long.
 */
int time_span_parse(const char *text, uint64_t *ret);

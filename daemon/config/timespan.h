/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

/*
 * Reads a time span as systemd.time(7) has it: "1h 30min", "90 s", "1.5h", "20"; a number without a unit is
 * seconds. Microseconds in *ret. -EINVAL: it is none; -ERANGE: more than 64 bits hold.
 */
int timespan_parse(const char *value, uint64_t *ret);

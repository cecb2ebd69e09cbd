/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "bpf/settings.h"

/* What became of the records that were taken from the ring. */
typedef struct Totals {
        uint64_t recorded; /* delivered by the sink */
        uint64_t suppressed; /* dropped by the filters of [Filter], or as misses of searches */
        uint64_t dropped[EXEC_RULE_COUNT]; /* ... by each of the filters */
        uint64_t collapsed; /* ... as misses */
        uint64_t held; /* misses of which it is not known yet whether they are to be recorded */
        uint64_t malformed; /* did not parse */
} Totals;

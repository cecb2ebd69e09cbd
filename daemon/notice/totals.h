/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "bpf/settings.h"

/* Counts the records that were taken from the ring, by what became of them. */
typedef struct Totals {
        uint64_t recorded; /* delivered by the sink */
        uint64_t suppressed; /* dropped by the filters of [Filter], or as misses of searches */
        uint64_t dropped[EXEC_RULE_COUNT]; /* the part of `suppressed` that each filter dropped */
        uint64_t collapsed; /* the part of `suppressed` that are misses */
        uint64_t held; /* misses for which it is not decided yet whether they are recorded */
        uint64_t malformed; /* could not be decoded */
} Totals;

/* Adds `more` to `sum`. */
void totals_add(Totals *sum, const Totals *more);

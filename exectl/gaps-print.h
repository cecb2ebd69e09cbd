/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "boots.h"
#include "coverage.h"
#include "output.h"

/* A boot of a host, and what is covered of it. */
typedef struct GapsBoot {
        Boot boot;
        char host[65];
        char machine[33];
        uint64_t numbers_since; /* monotonic time of the notice after which numbers began anew */
        uint64_t stopped; /* and of the one after which no more were given; 0: they are given */
        Coverage *coverage; /* NULL when there is no record of this boot */
} GapsBoot;

/*
 * Prints the findings, with a line for each boot before those of the boot, or as JSON. `whole`: they are of
 * all files of the journal. Returns 0, and sets *ret_missing to whether there is a gap; or returns a negative
 * errno.
 */
int gaps_print(Output *output, const GapsBoot *boots, size_t n, bool whole, bool *ret_missing);

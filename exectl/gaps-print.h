/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "boots.h"
#include "coverage.h"
#include "output.h"

/* One boot of one host, and what is covered of it. */
typedef struct GapsBoot {
        Boot boot;
        char host[65];
        char machine[33];
        Coverage *coverage; /* NULL: no record of it */
} GapsBoot;

/*
 * Prints what was found, each boot under a line of its own, or as JSON. *ret_missing: something is. 0 or a
 * negative errno.
 */
int gaps_print(Output *output, const GapsBoot *boots, size_t n, bool *ret_missing);

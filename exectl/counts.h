/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "string-set.h"

/* How often something came, and when first and last. */
typedef struct Count {
        uint64_t n, first, last;
} Count;

typedef struct Counts {
        StringSet keys; /* the number of a key is that of its count */
        Count *count;
        size_t allocated;
        uint64_t total; /* whoever counts adds to it */
        uint64_t first, last;
} Counts;

void counts_done(Counts *counts);

/* Counts one more of `key`, at a time in microseconds since the epoch. 0 or -ENOMEM. */
int counts_add(Counts *counts, Bytes key, uint64_t time);

/* The same for a key whose number is known. */
void counts_add_known(Counts *counts, uint32_t number, uint64_t time);

/* The numbers of all keys, the most frequent first, for the caller to free; NULL when memory runs out. */
uint32_t *counts_sort(const Counts *counts);

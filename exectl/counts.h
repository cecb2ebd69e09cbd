/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "string-set.h"

/* The number of occurrences of something, and the times of the first and the last one. */
typedef struct Count {
        uint64_t n, first, last;
} Count;

typedef struct Counts {
        StringSet keys; /* the number of a key is the index of its count */
        Count *count;
        size_t allocated;
        uint64_t total; /* this and the two times are maintained by the caller */
        uint64_t first, last;
} Counts;

void counts_done(Counts *counts);

/* Counts an occurrence of `key` at `time`, in microseconds since the epoch. Returns 0 or -ENOMEM. */
int counts_add(Counts *counts, Bytes key, uint64_t time);

/* Counts an occurrence of the key with this number. */
void counts_add_known(Counts *counts, uint32_t number, uint64_t time);

/*
 * Returns the numbers of all keys, the most frequent first. The caller frees the array. Returns NULL when
 * there is no memory.
 */
uint32_t *counts_sort(const Counts *counts);

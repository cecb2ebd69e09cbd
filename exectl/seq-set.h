/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers from `first` to `last`, including both. */
typedef struct SeqRange {
        uint64_t first, last;
} SeqRange;

/*
 * A set of numbers that are added almost in order. It stores the ranges that are missing between them. An
 * all-zero set is empty.
 */
typedef struct SeqSet {
        SeqRange *missing; /* in order; there are numbers of the set between any two ranges */
        size_t n_missing, n_allocated;
        uint64_t sum_missing; /* how many numbers these ranges have */
        uint64_t n_seen; /* how many different numbers were added */
        uint64_t next; /* the number after the greatest one */
} SeqSet;

/* Sets the first number that counts. Call it before seq_set_add(). */
void seq_set_begin(SeqSet *set, uint64_t first);
void seq_set_done(SeqSet *set);

/*
 * Adds a number. Returns 1; 0 when it is in the set already, is less than the first number that counts, or is
 * UINT64_MAX; or -ENOMEM.
 */
int seq_set_add(SeqSet *set, uint64_t seq);

/*
 * Says that the numbers up to `last` were assigned, so those that were not added are missing. Returns 0 or
 * -ENOMEM.
 */
int seq_set_extend(SeqSet *set, uint64_t last);

/*
 * Finds the lowest and the highest missing number that is at least `from` and less than `to`. Returns true
 * and sets *ret, or returns false when no number is missing.
 */
bool seq_set_missing(const SeqSet *set, uint64_t from, uint64_t to, SeqRange *ret);

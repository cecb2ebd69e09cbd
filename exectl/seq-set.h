/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers from `first` to `last`. */
typedef struct SeqRange {
        uint64_t first, last;
} SeqRange;

/*
 * Which numbers are missing between those that were seen, as they come nearly in order. All-zero: nothing
 * was seen.
 */
typedef struct SeqSet {
        SeqRange *missing; /* in order, not empty, with something seen between any two */
        size_t n_missing, n_allocated;
        uint64_t sum_missing; /* numbers in all of them */
        uint64_t n_seen; /* different numbers */
        uint64_t next; /* the number behind the greatest one */
} SeqSet;

/* Nothing before `first` counts. To be called before seq_set_add(). */
void seq_set_begin(SeqSet *set, uint64_t first);
void seq_set_done(SeqSet *set);

/* Adds a number. 1; 0: it is there already, or lies before the first that counts; or -ENOMEM. */
int seq_set_add(SeqSet *set, uint64_t seq);

/* All up to `last` were given out: what is not there is missing. 0 or -ENOMEM. */
int seq_set_extend(SeqSet *set, uint64_t last);

/*
 * The lowest and the highest number that is missing, of those from `from` on and before `to`. False: none
 * is.
 */
bool seq_set_missing(const SeqSet *set, uint64_t from, uint64_t to, SeqRange *ret);

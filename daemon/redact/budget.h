/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * The CPU time that the texts of one record may take, shared among them: each text gets the part of what is
 * left that its weight has of the weights that are left, and leaves to the others what it does not use. So a
 * text that was made to be slow uses up its own share, and never that of the texts behind it.
 *
 * The clock costs a system call. It is read only when BUDGET_QUANTUM of work was done since the last time,
 * which the texts of an ordinary record never come to.
 */
typedef struct Budget {
        uint64_t limit_ns; /* for all texts */
        uint64_t weight; /* of the texts that are not begun yet */
        uint64_t text_weight; /* of the one that is */
        uint64_t work; /* since the clock was read */
        uint64_t read_ns; /* what it was then */
        uint64_t deadline_ns; /* for all texts, CLOCK_THREAD_CPUTIME_ID; 0: the clock does not run yet */
        uint64_t text_deadline_ns; /* for the one that is begun */
} Budget;

/* Work is counted in bytes that a search may look at: a quantum takes 50 to 200 microseconds. */
#define BUDGET_QUANTUM (64U * 1024U)

/* The time that each text gets even if nothing is left. It is too short to delay other records. */
#define BUDGET_LEAST_NS 50000U

/* `limit_ns` for texts whose weights come to `weight` together. */
Budget budget_new(uint64_t limit_ns, uint64_t weight);

/* Begins the next text. */
void budget_begin(Budget *budget, uint64_t weight);

/* Counts work that is about to be done for the text that was begun. Returns whether its time is up. */
bool budget_spend(Budget *budget, uint64_t work);

/* Reads the clock now. Returns whether the text's time is up. */
bool budget_is_spent(Budget *budget);

/*
 * Like budget_is_spent(), but assumes that the work since the last reading of the clock is done again and
 * takes twice as long.
 */
bool budget_is_spent_by_twice(Budget *budget);

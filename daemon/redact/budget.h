/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Divides the CPU time for the texts of one record among them. Each text gets a share of the time that is
 * left, in proportion to its weight among the texts that are left, and does not have to use all of it. So a
 * text that was made to be slow uses up its own share only, and not that of the texts after it.
 *
 * Reading the clock is a system call. It is read only after each BUDGET_QUANTUM of work, which the texts of
 * an ordinary record never need.
 */
typedef struct Budget {
        uint64_t limit_ns; /* for all texts */
        uint64_t weight; /* of the texts that are not begun yet */
        uint64_t text_weight; /* of the current text */
        uint64_t work; /* since the last reading of the clock */
        uint64_t read_ns; /* the last reading */
        uint64_t deadline_ns; /* for all texts, CLOCK_THREAD_CPUTIME_ID; 0: the clock was not read yet */
        uint64_t text_deadline_ns; /* for the current text */
} Budget;

/* Work is counted in bytes that a search may read. A quantum takes 50 to 200 microseconds. */
#define BUDGET_QUANTUM (64U * 1024U)

/* The time that each text gets even if nothing is left. It is too short to delay other records. */
#define BUDGET_LEAST_NS 50000U

/* Returns a budget of `limit_ns` for texts whose weights have the sum `weight`. */
Budget budget_new(uint64_t limit_ns, uint64_t weight);

/* Begins the next text, which has the weight `weight`. */
void budget_begin(Budget *budget, uint64_t weight);

/* Counts work that will be done for the current text, in bytes. Returns true when its time is over. */
bool budget_spend(Budget *budget, uint64_t work);

/* Reads the clock. Returns true when the time of the current text is over. */
bool budget_is_spent(Budget *budget);

/*
 * Like budget_is_spent(), but assumes that the work since the last reading of the clock is done again and
 * takes twice as long.
 */
bool budget_is_spent_by_twice(Budget *budget);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "pipeline/state.h"

/*
 * Chooses the next record: first those of programs that ran before recording began, then those of the two
 * rings in the order of their times.
 */

/* Where a record was taken from, and the position before that. */
typedef struct Taken {
        Ring *ring; /* NULL: from Pipeline.running */
        uint64_t before;
} Taken;

/*
 * Takes the next record and returns like ring_next(). The ring of execs is read up to `end`. Returns -EBADMSG
 * with taken->ring NULL when Pipeline.running does not parse.
 */
int input_next(Pipeline *p, uint64_t end, Taken *taken, const void **ret, size_t *ret_size);

/* Puts back the record that was taken last: it will be taken again. */
void input_take_back(Pipeline *p, const Taken *taken);

/*
 * Adds records of programs that were running before recording began, from the kernel side's walk through all
 * tasks. The size of each record precedes it, as a number of 32 bits. These records come before those in the
 * rings and have no number. Returns 0 or -ENOMEM.
 */
int pipeline_add_running(Pipeline *pipeline, const void *data, size_t size);

/* Returns true when there are records outside of the ring of execs. */
bool pipeline_has_others(const Pipeline *pipeline);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "pipeline/state.h"

/* The next record, of what ran before recording began and of the two rings, in the order of their times. */

/* Where the next record is taken from, and where that was before. */
typedef struct Taken {
        Ring *ring; /* NULL: from what runs already */
        uint64_t before;
} Taken;

/*
 * Like ring_next(); the ring of execs is read up to `end`. -EBADMSG with taken->ring NULL: what ran before
 * does not parse.
 */
int input_next(Pipeline *p, uint64_t end, Taken *taken, const void **ret, size_t *ret_size);

/* What was taken last will be taken again. */
void input_take_back(Pipeline *p, const Taken *taken);

/*
 * Adds what the kernel side's walk through the tasks gave: records of programs that run already, each with
 * its size before it, a number of 32 bits. They come before what is in the rings, and have no number. 0 or
 * -ENOMEM.
 */
int pipeline_add_running(Pipeline *pipeline, const void *data, size_t size);

/* Whether there is anything to be taken that is not in the ring of execs. */
bool pipeline_has_others(const Pipeline *pipeline);

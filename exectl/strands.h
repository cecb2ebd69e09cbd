/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "boots.h"
#include "query.h"
#include "reader.h"

/*
 * The records of several hosts in the order of time. A host whose connection was cut off uploads late, so
 * that its entries stand in the files behind younger ones of others; libsystemd then leaves out some of them,
 * and finds a time where it is not. The entries of one boot are in order. So each boot is read by itself, a
 * lot at a time, and of these strands the one that has the oldest record comes next.
 */
typedef struct Strands Strands;

/*
 * Starts the query on these boots, of which those are left out that have nothing within its times. `reader`
 * serves them all in turn. It, the boots, the query and its conditions must live as long as records are
 * read. Returns 0 or a negative errno.
 */
int strands_start(Reader *reader, const Boot *boots, size_t n, const Query *query, Strands **ret);
void strands_free(Strands *strands);

/*
 * Reads the next record, in the place of what is in `record`. Returns 1, 0 at the end, or a negative errno.
 */
int strands_next(Strands *strands, Record *record);

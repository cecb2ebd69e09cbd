/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "query.h"
#include "record.h"

/* How a process's request was joined to what another carried out for it. */
typedef enum ChainJoin {
        JOIN_NONE, /* no join: the level below is a child */
        JOIN_UNIT, /* the request names the unit */
        JOIN_PID, /* the unit's name has the pid of the one that asked */
        JOIN_ARGUMENTS, /* its arguments end with those that were executed, shortly before */
        JOIN_TIME, /* it was the only one shortly before */
        JOIN_USER, /* it was the last one of that user before (at, cron) */
} ChainJoin;

/* One process: the programs that it executed, up to what the level below is about. */
typedef struct ChainLevel {
        Record *program; /* in the order in which they were executed */
        size_t n;
        ChainJoin join; /* how the level before this one, nearer to the end, came from this one */
} ChainLevel;

/* A process and those that it came from. */
typedef struct Chain {
        ChainLevel *level; /* the process itself first */
        size_t n;
} Chain;

void chain_done(Chain *chain);

/* The fields that a chain's records have. */
#define CHAIN_FIELDS (RECORD_ALL & ~RECORD_BIT(RECORD_MESSAGE))

/*
 * Follows a record towards the root, through processes that have exited. With `joins`, goes on from the
 * first process of a transient unit with the one that asked for it. 0 or a negative errno.
 */
int chain_follow(Source *source, const Record *record, bool joins, Chain *ret);

/* The last program of a level. */
static inline const Record *chain_last(const ChainLevel *level) {
        return &level->program[level->n - 1];
}

/* What to say of a join. */
const char *chain_join_text(ChainJoin join);

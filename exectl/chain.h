/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "query.h"
#include "record.h"

/* How a request was joined to the process that another process created because of it. */
typedef enum ChainJoin {
        JOIN_NONE, /* no request: the level below is a child process */
        JOIN_UNIT, /* the request names the unit */
        JOIN_PID, /* the unit's name contains the pid of the request */
        JOIN_ARGUMENTS, /* the arguments of the request, shortly before, end with those of the program */
        JOIN_TIME, /* it was the only request shortly before */
        JOIN_USER, /* it was the last request of that user before (at, cron) */
} ChainJoin;

/* A process and the programs that it executed, up to when it created the process of the level below. */
typedef struct ChainLevel {
        Record *program; /* in the order in which they were executed */
        size_t n;
        ChainJoin join; /* how the level below, which is the one before in the array, came from this one */
} ChainLevel;

/* A process and its ancestors. */
typedef struct Chain {
        ChainLevel *level; /* the process itself first */
        size_t n;
} Chain;

void chain_done(Chain *chain);

/* The fields of the records of a chain. */
#define CHAIN_FIELDS (RECORD_ALL & ~RECORD_BIT(RECORD_MESSAGE))

/*
 * Follows a record to its ancestors, including processes that have exited. If `joins` is set, the first
 * process of a transient unit is followed to the process that requested the unit. Returns 0 and sets *ret,
 * which the caller passes to chain_done(), or returns a negative errno.
 */
int chain_follow(Source *source, const Record *record, bool joins, Chain *ret);

/* Returns the last program of a level. */
static inline const Record *chain_last(const ChainLevel *level) {
        return &level->program[level->n - 1];
}

/* Returns a text about a join for the user, which is empty for JOIN_NONE. */
const char *chain_join_text(ChainJoin join);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/decode.h"
#include "event/event.h"
#include "notice/totals.h"

/*
 * Searches along PATH, as execvp(3) and shells make them: a process tries one directory after the other, and
 * each miss is an exec that failed. A miss is held back until it is known what became of the search. When the
 * process executes what it looked for, its misses are dropped. When it does not, the last of them is recorded
 * and tells how many places were tried.
 *
 * A miss fails with ENOENT or ENOTDIR: there is nothing at that place. Whatever else an exec fails with is
 * about a file, and is recorded by itself; searches go on behind it, as shells do.
 *
 * A search ends when its process executes something, when it looks for another name or again in the place
 * where it began, when its cgroup is gone, and after SEARCH_USEC.
 *
 * Held records are copies. Of each search there is only one at a time, the last; those before it are dropped
 * as soon as the next one is there.
 */
#define SEARCH_USEC (1000ULL * 1000)

/* How many searches are held, and bytes of their records. What is more ends the oldest. */
#define SEARCHES_MAX 256U
#define SEARCHES_SIZE_MAX (256U * 1024U)

typedef enum SearchState {
        SEARCH_HELD, /* it may go on */
        SEARCH_DUE, /* it found nothing, and is to be recorded */
        SEARCH_SENT, /* the sink has it, and has not delivered it yet */
        _SEARCH_STATE_MAX,
} SearchState;

typedef struct Search {
        SearchState state;
        bool released; /* the ring does not hold the last miss any more */
        ProcessIdentity process;
        uint64_t cgroup_id;
        uint64_t end_usec; /* CLOCK_MONOTONIC */
        uint64_t first; /* a hash of the place where it began */
        uint32_t tries;
        uint64_t seq; /* of the last miss */
        char *record; /* of the last miss, as it came from the ring; owned */
        size_t size;
        size_t name_offset; /* of what is looked for, in the record */
        size_t name_size;
} Search;

/*
 * All-zero: none, and `totals` and `pending` are to be set, for what is counted of released records and of
 * others.
 */
typedef struct Searches {
        Search list[SEARCHES_MAX]; /* in the order in which they began */
        size_t n;
        size_t size; /* of their records */
        Decoder decoder; /* for those records */
        bool closed; /* nothing is held any more */
        Totals *totals;
        Totals *pending;
} Searches;

void searches_done(Searches *searches);

/* Whether an exec is a miss that can be held. `size` is that of its record. */
bool searches_is_miss(const Searches *searches, const Event *event, size_t size);

/*
 * Ends what the exec says is at its end: drops the misses of a search that found its program, and makes
 * others due.
 */
void searches_end(Searches *searches, const Event *event);

/* Makes those in this cgroup due. */
void searches_end_cgroup(Searches *searches, uint64_t cgroup_id);

/* Makes all of them due. `close`: holds nothing from now on. */
void searches_end_all(Searches *searches, bool close);

/*
 * Holds a miss, after searches_end(). 0. -EBUSY: another search is due that has to be recorded first, then
 * this is to be called again. -ENOBUFS: what was recorded has to be delivered first. -ENOMEM.
 */
int searches_hold(Searches *searches, const Event *event, const void *record, size_t size, uint64_t now_usec);

/* The first that is due by now, or NULL. */
Search *searches_next(Searches *searches, uint64_t now_usec);

/* What searches_next() gave is done with: the sink has taken it, or (not `recorded`) it does not parse. */
void searches_sent(Searches *searches, Search *search, bool recorded);

/* All that the sink has taken is delivered, and released from the ring. */
void searches_delivered(Searches *searches);

/* What the sink has taken is gone, and records that are not released will come out of the ring once more. */
void searches_rewind(Searches *searches);

/* The exec, which is no miss, was recorded: it counts as a place of the search that it belongs to. */
void searches_passed(Searches *searches, const Event *event);

/* When the next one is due, CLOCK_MONOTONIC in microseconds; 0: one is; UINT64_MAX: there is none. */
uint64_t searches_next_usec(const Searches *searches);

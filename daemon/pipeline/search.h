/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/decode.h"
#include "event/event.h"
#include "notice/totals.h"

/*
 * Searches along PATH, as execvp(3) and shells do them: a process tries one directory after the other, and
 * each miss is an exec that failed. A miss is held back until the result of the search is known. If the
 * process executes the program that it looked for, the misses are dropped. Otherwise the last miss is
 * recorded, with the number of places that were tried.
 *
 * A miss fails with ENOENT or ENOTDIR, because there is no file at that place. Any other error is about a
 * file that exists: that exec is recorded by itself, and the search continues after it, as shells do.
 *
 * A search ends when its process executes a program, when it looks for another name, when its cgroup is
 * removed, and after SEARCH_USEC.
 *
 * A process that tries the first place again may search once more, or go on where a directory is in PATH
 * twice. So the search is older from then on, and stays beside a new one. If the process then tries a place
 * that the older search has not tried, both are one. If it does not, each has its own record.
 *
 * Held records are copies. Each search holds one record, its last miss, and drops the one before it.
 */
#define SEARCH_USEC (1000ULL * 1000)

/* The maximum number of searches, and of bytes of their records. Beyond these the oldest search ends. */
#define SEARCHES_MAX 256U
#define SEARCHES_SIZE_MAX (256U * 1024U)

/* The maximum number of older searches of one process. */
#define SEARCHES_OLDER_MAX 4U

/* Places that were tried are a set of hashes modulo this, so another place may look like one of them. */
#define SEARCH_PLACES 256U

typedef enum SearchState {
        SEARCH_HELD, /* the search may continue */
        SEARCH_DUE, /* the search has found nothing, and its last miss has to be recorded */
        SEARCH_SENT, /* the record is in the sink and not delivered yet */
        _SEARCH_STATE_MAX,
} SearchState;

typedef struct Search {
        SearchState state;
        bool older; /* its process has begun anew */
        bool released; /* the last miss is released from the ring */
        ProcessIdentity process;
        uint64_t cgroup_id;
        uint64_t end_usec; /* CLOCK_MONOTONIC */
        uint64_t first; /* a hash of the first place */
        uint64_t places[SEARCH_PLACES / 64];
        uint32_t tries;
        uint64_t seq; /* of the last miss */
        char *record; /* of the last miss, as it came from the ring; owned */
        size_t size;
        size_t name_offset; /* of the name that the process looks for, in the record */
        size_t name_size;
} Search;

/*
 * All searches. An all-zero struct has none; the owner sets `totals`, which counts records that are released
 * from the ring, and `pending`, which counts the others.
 */
typedef struct Searches {
        Search list[SEARCHES_MAX]; /* in the order in which they started */
        size_t n;
        size_t size; /* of their records */
        Decoder decoder; /* for those records */
        bool closed; /* no more records are held back */
        Totals *totals;
        Totals *pending;
} Searches;

void searches_done(Searches *searches);

/* Returns true when an exec is a miss that can be held. `size` is the size of its record. */
bool searches_is_miss(const Searches *searches, const Event *event, size_t size);

/*
 * Ends the search of the process of this exec, if the exec shows that it is over. If the process has found
 * its program, the misses are dropped; if it looks for another name, the search becomes due.
 */
void searches_end(Searches *searches, const Event *event);

/* Makes all searches in this cgroup due. */
void searches_end_cgroup(Searches *searches, uint64_t cgroup_id);

/* Makes all searches due. If `close` is set, no record is held back from now on. */
void searches_end_all(Searches *searches, bool close);

/*
 * Holds a miss. Call it after searches_end(). Returns 0; -EBUSY when another search has become due: send it
 * and call this function again; -ENOBUFS when records that were sent have to be delivered first; or -ENOMEM.
 */
int searches_hold(Searches *searches, const Event *event, const void *record, size_t size, uint64_t now_usec);

/* Returns the first search that is due at `now_usec`, or NULL. */
Search *searches_next(Searches *searches, uint64_t now_usec);

/* Notes that the sink has taken the record of the search; if `recorded` is false, it did not parse. */
void searches_sent(Searches *searches, Search *search, bool recorded);

/* Notes that all records in the sink are delivered, and will be released from the ring. */
void searches_delivered(Searches *searches);

/*
 * Notes that the records in the sink are lost, and that the records that are not released will be taken from
 * the ring again.
 */
void searches_rewind(Searches *searches);

/* Counts a recorded exec, which is no miss, as a place of the search that it belongs to. */
void searches_passed(Searches *searches, const Event *event);

/*
 * Returns when the next search becomes due, in microseconds of CLOCK_MONOTONIC; 0 when one is due already;
 * UINT64_MAX when there is none.
 */
uint64_t searches_next_usec(const Searches *searches);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>

#include "condition.h"
#include "options.h"
#include "record.h"

/* Which entries of the service are wanted. */
typedef enum QueryKind {
        QUERY_EXECS, /* of programs that were executed, or failed to be */
        QUERY_NOTICES, /* of the daemon on itself: EXECTRACED_EVENT */
        QUERY_BOTH,
} QueryKind;

/* What is asked of the journal. Members that are zero ask for nothing special, but for the times. */
typedef struct Query {
        QueryKind kind;
        const Conditions *conditions; /* or NULL */
        uint64_t fields; /* what is read of each record: RECORD_BIT(), RECORD_ALL */
        uint64_t since, until; /* microseconds since the epoch, of the exec itself; or USEC_UNSET */
        uint64_t from; /* not before journald received this; 0: from where `since` says */
        const char *grep; /* a regular expression on the command line, or NULL */
        int64_t lines; /* only the newest; LINES_ALL, LINES_UNSET: all */
        bool reverse; /* newest first */
        bool failed; /* failed execs only */
        bool ran; /* no failed ones, and none that was only checked */
        bool follow; /* values that the index does not have yet may come */
        bool any_boot; /* not only the one that -b chose */
        /* Adds matches of its own, as a term that must hold besides. 1, 0 when nothing can meet it, or a
         * negative errno. */
        int (*narrow)(sd_journal *journal, void *data);
        void *narrow_data;
} Query;

/* The whole of what the options ask for. The fields and the kind are the command's. */
#define QUERY_OF_OPTIONS(options, conditions_, fields_) \
        ((Query){ .conditions = (conditions_),          \
                .fields = (fields_),                    \
                .since = (options)->since,              \
                .until = (options)->until,              \
                .grep = (options)->grep,                \
                .lines = (options)->lines,              \
                .reverse = (options)->reverse,          \
                .failed = (options)->failed })

/* An open journal, and the query that runs on it. */
typedef struct Source Source;

/* Opens the journal that the options name, and finds the boot of -b. Says what is wrong. 0 or a negative
 * errno. */
int source_open(const Options *options, Source **ret);
void source_free(Source *source);

/*
 * Starts a query; the one before it has ended. `query` and its conditions must live as long as it is read.
 * Conditions become matches that the journal's index answers, so that other entries are not looked at.
 * Returns 0, or a negative errno: -EINVAL for a regular expression that is none, which it says.
 */
int source_start(Source *source, const Query *query);

/* Reads the next record. Returns 1, 0 at the end, or a negative errno. An entry that is damaged is
 * skipped. */
int source_next(Source *source, Record *record);

/*
 * Waits until there may be more, for at most `timeout_usec`. 0 or a negative errno. source_next() then goes
 * on behind the last record.
 */
int source_wait(Source *source, uint64_t timeout_usec);

/* The journal itself, for what a query can't do. Whoever moves in it starts a new query afterwards. */
sd_journal *source_journal(Source *source);

/* The boot that -b chose. Returns false when all are wanted. */
bool source_boot(const Source *source, sd_id128_t *ret);

/* How many entries were skipped because they or their file are damaged. */
uint64_t source_damaged(const Source *source);

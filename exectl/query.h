/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>

#include "condition.h"
#include "options.h"
#include "record.h"

/* The kinds of entries of the service. */
typedef enum QueryKind {
        QUERY_EXECS, /* execs, including failed ones */
        QUERY_NOTICES, /* records of the daemon about itself, which have EXECTRACED_EVENT */
        QUERY_BOTH,
} QueryKind;

/* A query to the journal. A member that is zero has no effect, except for the times and `lines`. */
typedef struct Query {
        QueryKind kind;
        const Conditions *conditions; /* or NULL */
        uint64_t fields; /* the fields that are read of each record: RECORD_BIT(), RECORD_ALL */
        uint64_t more; /* fields that source_read_more() can be asked for */
        uint64_t since, until; /* the time of the exec, in microseconds since the epoch, or USEC_UNSET */
        uint64_t from; /* entries that journald received before are not read; 0: the same as `since` */
        const char *grep; /* a regular expression for the command line, or NULL */
        int64_t lines; /* only so many records, the newest; all with LINES_ALL and LINES_UNSET */
        bool reverse; /* newest first */
        bool failed; /* failed execs only */
        bool ran; /* neither failed execs nor those that only checked (FLAG_CHECK) */
        bool follow; /* entries may be added whose values are not in the index yet */
        bool every; /* none may be missing; else the first ones of an index are enough */
        bool any_boot; /* all boots, even if -b selects one */
        const sd_id128_t *boot; /* this boot alone, whatever -b selects; or NULL */
        /*
         * Adds further matches, which an entry has to meet in addition to the conditions. Returns 1, 0 when
         * no entry can meet them, or a negative errno. May be NULL.
         */
        int (*narrow)(sd_journal *journal, void *data);
        void *narrow_data;
} Query;

/* The query for the options. The command sets the fields and the kind. */
#define QUERY_OF_OPTIONS(options, conditions_, fields_) \
        ((Query){ .conditions = (conditions_),          \
                .fields = (fields_),                    \
                .since = (options)->since,              \
                .until = (options)->until,              \
                .grep = (options)->grep,                \
                .lines = (options)->lines,              \
                .every = true,                          \
                .reverse = (options)->reverse,          \
                .failed = (options)->failed })

/* An open journal, and the query that runs on it. */
typedef struct Source Source;

/*
 * Opens the journal that the options select, and finds the boot of -b. Returns 0 or a negative errno. Errors
 * other than -ENOMEM are reported on standard error.
 */
int source_open(const Options *options, Source **ret);
void source_free(Source *source);

/*
 * Starts a query, which replaces the previous one. `query` and its conditions must live as long as records
 * are read. Conditions become matches that the index of the journal answers, so that other entries are not
 * read. Returns 0; -EINVAL when the regular expression is not valid, which is reported on standard error; or
 * another negative errno.
 */
int source_start(Source *source, const Query *query);

/* Reads the next record. Damaged entries are skipped. Returns 1, 0 at the end, or a negative errno. */
int source_next(Source *source, Record *record);

/*
 * Reads one more field of the record that source_next() returned last, one of Query.more. Returns 0 or a
 * negative errno.
 */
int source_read_more(Source *source, Record *record, RecordField field);

/*
 * Waits for at most `timeout_usec` microseconds until there may be new entries. Returns 0 or a negative
 * errno. After that, source_next() continues after the last record.
 */
int source_wait(Source *source, uint64_t timeout_usec);

/*
 * Returns the journal. The record that was returned last is its current entry only with a query of one boot,
 * with a cursor file, or with one that follows. A caller that changes its position or its matches must start
 * a new query after that.
 */
sd_journal *source_journal(Source *source);

/*
 * Returns whether all files of the journal were opened with it. If not, source_open() has reported that.
 */
bool source_is_whole(const Source *source);

/* Returns whether the records may be of several hosts: hosts.h. The index is asked once. */
bool source_has_several_hosts(Source *source);

/* Returns true and sets *ret to the boot that -b selects, or returns false when all boots are wanted. */
bool source_boot(const Source *source, sd_id128_t *ret);

/* Returns how many entries were skipped because they or their file are damaged. */
uint64_t source_damaged(const Source *source);

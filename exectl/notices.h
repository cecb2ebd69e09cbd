/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-id128.h>

#include "coverage.h"
#include "query.h"

/* One of the daemon's records on itself, and where it is in the journal. */
typedef struct NoticeEntry {
        CoverageNotice notice;
        sd_id128_t boot;
        uint64_t monotonic, received;
        char *cursor;
        char cause[COVERAGE_CAUSE_SIZE]; /* what notice.cause points to */
} NoticeEntry;

typedef struct NoticeList {
        NoticeEntry *entry; /* in the journal's order */
        size_t n, n_allocated;
        size_t next; /* of those that notices_take() has not given yet */
} NoticeList;

void notices_done(NoticeList *list);

/*
 * Reads all notices within the query's times, by the index alone: other entries are not looked at. Ends
 * the source's query. 0 or a negative errno.
 */
int notices_read(NoticeList *list, Source *source, const Query *query);

/* The notice that the journal's current entry is, if it is the next one of the list; else NULL. */
const CoverageNotice *notices_take(
        NoticeList *list, Source *source, uint64_t received, const sd_id128_t *boot, uint64_t monotonic);

/* For Query.narrow: only what has an EXECTRACED_EVENT, found by the index. */
int notices_narrow(sd_journal *journal, void *data);

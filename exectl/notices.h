/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-id128.h>

#include "coverage.h"
#include "query.h"

/* A record of the daemon about itself, and its position in the journal. */
typedef struct NoticeEntry {
        CoverageNotice notice;
        sd_id128_t boot;
        uint64_t monotonic, received;
        bool resent; /* an earlier entry is the same one: an upload that was cut off has begun anew */
        char *cursor;
        char cause[COVERAGE_CAUSE_SIZE]; /* notice.cause points to this */
} NoticeEntry;

typedef struct NoticeList {
        NoticeEntry *entry; /* in the order of the journal */
        size_t n, n_allocated;
        size_t next; /* the first one that notices_take() has not returned yet */
} NoticeList;

void notices_done(NoticeList *list);

/*
 * Reads all notices within the times of the query, in the place of those that were in the list. It uses the
 * index, so other entries are not read. Replaces the query of the source. Returns 0 or a negative errno.
 */
int notices_read(NoticeList *list, Source *source, const Query *query);

/*
 * Returns the next notice of the list if it is the current entry of the journal, or NULL. Its text lives as
 * long as the list.
 */
const NoticeEntry *notices_take(
        NoticeList *list, Source *source, uint64_t received, const sd_id128_t *boot, uint64_t monotonic);

/* A function for Query.narrow that adds matches for all values of EXECTRACED_EVENT in the index. */
int notices_narrow(sd_journal *journal, void *data);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>

#include "query.h"

/*
 * Makes the query's conditions the journal's matches. Returns 1; 0 when no value in the index meets one of
 * them, so that there is nothing to read; or a negative errno.
 */
int matches_set(sd_journal *journal, const Options *options, const sd_id128_t *boot, const Query *query);

/* Whether the index can't answer the conditions on this thing, and each record has to be looked at. */
bool matches_need_reading(const Query *query, size_t condition);

/* The fields that matches_meets() looks at. */
uint64_t matches_fields(const Query *query);

/* Whether a record meets the conditions that the index could not answer. */
bool matches_meets(const Query *query, const Record *record);

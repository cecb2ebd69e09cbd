/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>

#include "query.h"

/*
 * Replaces the matches of the journal by those for the conditions of the query. Returns 1; 0 when no value in
 * the index meets a condition, so that no entry can match; or a negative errno.
 */
int matches_set(sd_journal *journal, const Options *options, const sd_id128_t *boot, const Query *query);

/*
 * Returns true when the index can't answer the conditions of this kind, so that each record has to be
 * checked.
 */
bool matches_need_reading(const Query *query, size_t condition);

/* Returns the set of fields that matches_meets() needs. */
uint64_t matches_fields(const Query *query);

/* Returns true when a record meets the conditions that the index can't answer. */
bool matches_meets(const Query *query, const Record *record);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>

#include "boots.h"
#include "query.h"
#include "record.h"

/* Reads the records of one query in the order in which libsystemd has the entries. */
typedef struct Reader Reader;

/* `options` and `journal` must live as long as the reader. Returns 0 or -ENOMEM. */
int reader_new(const Options *options, sd_journal *journal, Reader **ret);
void reader_free(Reader *reader);

/*
 * Starts a query, as source_start() describes it, on the records of one boot, or of all with NULL. Returns
 * what source_start() returns.
 */
int reader_start(Reader *reader, const Query *query, const sd_id128_t *boot);

/*
 * The same for one boot of a journal of several hosts, whose times do not have the order of the entries: some
 * hosts upload later than others. So what is looked up is the time since that boot. `cursor`: the query goes
 * on behind the entry (before it, in reverse) that had it; NULL: it begins. `query->lines` is to be negative,
 * or the query in reverse, if `cursor` is given.
 */
int reader_start_in(Reader *reader, const Query *query, const Boot *boot, const char *cursor);

/* Reads the next record. Damaged entries are skipped. Returns 1, 0 at the end, or a negative errno. */
int reader_next(Reader *reader, Record *record);

/*
 * Sets *ret to the cursor of the record that was returned last, which the caller frees. Returns 0 or a
 * negative errno.
 */
int reader_cursor(Reader *reader, char **ret);

/* Returns how many entries were skipped because they or their file are damaged. */
uint64_t reader_damaged(const Reader *reader);

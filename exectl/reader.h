/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>

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

/* Reads the next record. Damaged entries are skipped. Returns 1, 0 at the end, or a negative errno. */
int reader_next(Reader *reader, Record *record);

/* Returns how many entries were skipped because they or their file are damaged. */
uint64_t reader_damaged(const Reader *reader);

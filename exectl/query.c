/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "query.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boots.h"
#include "files.h"
#include "grep.h"
#include "matches.h"
#include "open.h"
#include "relieve.h"
#include "util/cleanup.h"
#include "util/timespan.h"

/* An entry that journald received up to this long after --until may be of an exec before that. */
#define LATE_USEC (5 * USEC_PER_MINUTE)

/* The data threshold when the arguments are not read. It is more than the length of a path. */
#define SHORT_VALUE 8192

/* Fields that only an exec has. If one of them is read, EXECTRACED_EVENT need not be read. */
#define PROOFS                                                                                    \
        (RECORD_BIT(RECORD_EXE) | RECORD_BIT(RECORD_FILENAME) | RECORD_BIT(RECORD_ARGV) |         \
                RECORD_BIT(RECORD_PROCESS) | RECORD_BIT(RECORD_PARENT) | RECORD_BIT(RECORD_CWD) | \
                RECORD_BIT(RECORD_PARENT_COMM))

/* After so many entries, the memory of the files is released, which is some 30 MB then. */
#define RELIEVE_ENTRIES 20000

/* After so many damaged entries in a row, reading ends. */
#define DAMAGED_MAX 1000

struct Source {
        const Options *options;
        Files *files;
        sd_journal *journal;
        bool whole; /* all of its files are open */
        bool has_boot;
        sd_id128_t boot;
        const Query *query;
        uint64_t fields; /* of the query, and those that the decision about a record needs */
        Grep *grep;
        bool empty; /* no entry can match */
        bool pending; /* the current entry of the journal is the next one to be read */
        int64_t left; /* how many records may still be returned; negative: any number */
        uint64_t damaged;
        unsigned n_read; /* how many entries were read since memory was released */
};

void source_free(Source *source) {
        if (!source)
                return;
        grep_free(source->grep);
        sd_journal_close(source->journal);
        files_free(source->files);
        free(source);
}
DEFINE_POINTER_CLEANUP(Source *, source_free);

/* Finds out whether all files were opened, and reports on standard error if not, once. */
static void look_for_all(Source *source) {
        static bool reported;
        const char *path;
        int error;
        size_t n = files_left_out(source->files, &path, &error);

        source->whole = n == 0;
        if (n == 0 || reported || source->options->quiet)
                return;
        reported = true;
        fprintf(stderr, "exectl: %zu of the journal's files can't be read, such as %s: %s\n", n, path,
                error < 0 ? strerror(-error) : "damaged, too new for this libsystemd, or one too many");
}

int source_open(const Options *options, Source **ret) {
        _cleanup_(source_freep) Source *source = calloc(1, sizeof(*source));
        int r;

        if (!source)
                return -ENOMEM;
        source->options = options;
        r = files_list(options, &source->files);
        if (r >= 0)
                r = open_journal(options, &source->journal);
        if (r < 0)
                return r;
        look_for_all(source);
        if (options->boot == BOOT_CHOSEN) {
                r = boots_choose(source->journal, options, &source->boot);
                if (r < 0)
                        return r;
                source->has_boot = true;
        }
        *ret = TAKE_PTR(source);
        return 0;
}

static bool is_of_kind(const Source *source, const Record *record) {
        bool notice = record_has(record, RECORD_EVENT);

        switch (source->query->kind) {
        case QUERY_NOTICES:
                return notice;
        case QUERY_EXECS:
                if (source->fields & PROOFS)
                        for (RecordField i = 0; i < RECORD_EXTRA; i++)
                                if ((PROOFS & RECORD_BIT(i)) && record_has(record, i))
                                        return !notice;
                /* Another program can use the same identifier. */
                return !notice && (source->fields & PROOFS) == 0 &&
                        (!(source->fields & RECORD_BIT(RECORD_PID)) || record_has(record, RECORD_PID));
        case QUERY_BOTH:
                return true;
        }
        return false;
}

/*
 * Reads the current entry. Returns 1 when the query wants it, 0 when not, -ENODATA when neither this one nor
 * any after it is wanted, or another negative errno.
 */
static int consider(Source *source, Record *record) {
        const Query *query = source->query;
        uint64_t time;
        int r;

        if (++source->n_read >= RELIEVE_ENTRIES) {
                source->n_read = 0;
                relieve_journal_memory();
        }
        r = record_read(record, source->journal, source->fields);
        if (r < 0)
                return r;
        if (!is_of_kind(source, record))
                return 0;
        if (query->ran && (record_has(record, RECORD_ERRNO) || (record->flags & FLAG_CHECK)))
                return 0;

        if (query->since != USEC_UNSET || query->until != USEC_UNSET) {
                time = record_time(record);
                if (query->reverse && query->since != USEC_UNSET && record->received < query->since)
                        return -ENODATA;
                if (!query->reverse && query->until != USEC_UNSET && record->received > query->until &&
                        record->received - query->until > LATE_USEC)
                        return -ENODATA;
                if ((query->since != USEC_UNSET && time < query->since) ||
                        (query->until != USEC_UNSET && time > query->until))
                        return 0;
        }
        return matches_meets(query, record) && (!source->grep || grep_meets(source->grep, record));
}

static int seek_end(Source *source) {
        uint64_t until = source->query->until;

        if (until != USEC_UNSET && until < USEC_UNSET - LATE_USEC)
                return sd_journal_seek_realtime_usec(source->journal, until + LATE_USEC);
        return sd_journal_seek_tail(source->journal);
}

static int seek_start(Source *source) {
        if (source->query->from > 0)
                return sd_journal_seek_realtime_usec(source->journal, source->query->from);
        if (source->query->since != USEC_UNSET)
                return sd_journal_seek_realtime_usec(source->journal, source->query->since);
        return sd_journal_seek_head(source->journal);
}

/*
 * Moves to the next or the previous entry, and skips damaged ones. Returns 1, 0 at the end, or a negative
 * errno.
 */
static int step(Source *source, bool back) {
        for (unsigned i = 0; i < DAMAGED_MAX; i++) {
                int r = back ? sd_journal_previous(source->journal) : sd_journal_next(source->journal);

                if (r != -EBADMSG && r != -EADDRNOTAVAIL)
                        return r;
                source->damaged++;
        }
        return 0;
}

/* Moves back from the end to the position from which the wanted number of records follows. */
static int seek_lines(Source *source) {
        Query back = *source->query;
        const Query *forward = source->query;
        Record record = {};
        int64_t left = forward->lines;
        int r;

        back.reverse = true;
        source->query = &back;
        r = seek_end(source);
        while (r >= 0 && left > 0) {
                r = step(source, true);
                if (r <= 0)
                        break;
                r = consider(source, &record);
                if (r == -EBADMSG || r == -EADDRNOTAVAIL)
                        r = 0;
                left -= r > 0;
        }
        source->query = forward;
        record_done(&record);
        if (r < 0 && r != -ENODATA)
                return r;
        if (left > 0)
                return seek_start(source);
        source->pending = forward->lines > 0;
        return 0;
}

static int set_grep(Source *source, const char *pattern) {
        grep_free(source->grep);
        source->grep = NULL;
        return pattern ? grep_new(pattern, &source->grep) : 0;
}

/* The boot that the query is about, or NULL: all of them. */
static const sd_id128_t *boot_of(const Source *source, const Query *query) {
        if (query->boot)
                return query->boot;
        return source->has_boot && !query->any_boot ? &source->boot : NULL;
}

int source_start(Source *source, const Query *query) {
        int r;

        source->query = query;
        source->pending = false;
        source->left = query->reverse && query->lines >= 0 ? query->lines : -1;
        source->fields = query->fields | matches_fields(query);
        if (query->kind == QUERY_NOTICES || (query->kind == QUERY_EXECS && !(source->fields & PROOFS)))
                source->fields |= RECORD_BIT(RECORD_EVENT);
        if (query->ran)
                source->fields |= RECORD_BIT(RECORD_ERRNO) | RECORD_BIT(RECORD_FLAG);
        if (query->since != USEC_UNSET || query->until != USEC_UNSET)
                source->fields |= RECORD_BIT(RECORD_TIMESTAMP);
        if (query->grep)
                source->fields |= GREP_FIELDS;

        r = set_grep(source, query->grep);
        if (r < 0)
                return r;
        (void) sd_journal_set_data_threshold(source->journal,
                source->fields & (RECORD_BIT(RECORD_ARGV) | RECORD_BIT(RECORD_EXTRA)) ? 0 : SHORT_VALUE);
        r = matches_set(source->journal, source->options, boot_of(source, query), query);
        if (r < 0)
                return r;
        source->empty = r == 0;

        if (query->lines >= 0 && !query->reverse)
                return seek_lines(source);
        return query->reverse ? seek_end(source) : seek_start(source);
}

int source_next(Source *source, Record *record) {
        int r;

        if (source->empty)
                return 0;
        for (;;) {
                if (source->left == 0)
                        return 0;
                if (!source->pending) {
                        r = step(source, source->query->reverse);
                        if (r <= 0)
                                return r;
                }
                source->pending = false;

                r = consider(source, record);
                if (r == -ENODATA)
                        return 0;
                if (r == -EBADMSG || r == -EADDRNOTAVAIL || r == -ESTALE) {
                        source->damaged++;
                        continue;
                }
                if (r < 0)
                        return r;
                if (r > 0) {
                        if (source->left > 0)
                                source->left--;
                        return 1;
                }
        }
}

int source_wait(Source *source, uint64_t timeout_usec) {
        int r = sd_journal_wait(source->journal, timeout_usec);

        return r < 0 ? r : 0;
}

sd_journal *source_journal(Source *source) {
        return source->journal;
}

bool source_is_whole(const Source *source) {
        return source->whole;
}

bool source_boot(const Source *source, sd_id128_t *ret) {
        if (source->has_boot)
                *ret = source->boot;
        return source->has_boot;
}

uint64_t source_damaged(const Source *source) {
        return source->damaged;
}

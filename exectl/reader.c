/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "reader.h"

#include <errno.h>
#include <stdlib.h>

#include "grep.h"
#include "matches.h"
#include "relieve.h"
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

struct Reader {
        const Options *options;
        sd_journal *journal;
        const Query *query;
        const Boot *boot; /* in which times are looked up; NULL: they are looked up as they are */
        uint64_t fields; /* of the query, and those that the decision about a record needs */
        Grep *grep;
        bool empty; /* no entry can match */
        bool pending; /* the current entry of the journal is the next one to be read */
        int64_t left; /* how many records may still be returned; negative: any number */
        uint64_t damaged;
        unsigned n_read; /* how many entries were read since memory was released */
};

int reader_new(const Options *options, sd_journal *journal, Reader **ret) {
        Reader *reader = calloc(1, sizeof(*reader));

        if (!reader)
                return -ENOMEM;
        reader->options = options;
        reader->journal = journal;
        *ret = reader;
        return 0;
}

void reader_free(Reader *reader) {
        if (!reader)
                return;
        grep_free(reader->grep);
        free(reader);
}

static bool is_of_kind(const Reader *reader, const Record *record) {
        bool notice = record_has(record, RECORD_EVENT);

        switch (reader->query->kind) {
        case QUERY_NOTICES:
                return notice;
        case QUERY_EXECS:
                if (reader->fields & PROOFS)
                        for (RecordField i = 0; i < RECORD_EXTRA; i++)
                                if ((PROOFS & RECORD_BIT(i)) && record_has(record, i))
                                        return !notice;
                /* Another program can use the same identifier. */
                return !notice && (reader->fields & PROOFS) == 0 &&
                        (!(reader->fields & RECORD_BIT(RECORD_PID)) || record_has(record, RECORD_PID));
        case QUERY_BOTH:
                return true;
        }
        return false;
}

/*
 * Reads the current entry. Returns 1 when the query wants it, 0 when not, -ENODATA when neither this one nor
 * any after it is wanted, or another negative errno.
 */
static int consider(Reader *reader, Record *record) {
        const Query *query = reader->query;
        uint64_t time;
        int r;

        if (++reader->n_read >= RELIEVE_ENTRIES) {
                reader->n_read = 0;
                relieve_journal_memory();
        }
        r = record_read(record, reader->journal, reader->fields);
        if (r < 0)
                return r;
        if (!is_of_kind(reader, record))
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
        return matches_meets(query, record) && (!reader->grep || grep_meets(reader->grep, record));
}

/*
 * Moves to a time of the boot, or what was it at the latest. An entry can be a step of the clock away from
 * where it would be by the clock at either end of the boot, and LATE_USEC more.
 */
static int seek_end_in_boot(Reader *reader, uint64_t until) {
        uint64_t ahead = reader->boot->ahead_least;

        if (until == USEC_UNSET || until >= USEC_UNSET - LATE_USEC || until + LATE_USEC <= ahead)
                return sd_journal_seek_tail(reader->journal);
        return sd_journal_seek_monotonic_usec(reader->journal, reader->boot->id, until + LATE_USEC - ahead);
}

/* The same, at the earliest. */
static int seek_start_in_boot(Reader *reader, uint64_t since) {
        uint64_t ahead = reader->boot->ahead_most;

        if (since == USEC_UNSET || since <= ahead + LATE_USEC)
                return sd_journal_seek_head(reader->journal);
        return sd_journal_seek_monotonic_usec(reader->journal, reader->boot->id, since - ahead - LATE_USEC);
}

static int seek_end(Reader *reader) {
        uint64_t until = reader->query->until;

        if (reader->boot)
                return seek_end_in_boot(reader, until);
        if (until != USEC_UNSET && until < USEC_UNSET - LATE_USEC)
                return sd_journal_seek_realtime_usec(reader->journal, until + LATE_USEC);
        return sd_journal_seek_tail(reader->journal);
}

static int seek_start(Reader *reader) {
        if (reader->boot)
                return seek_start_in_boot(
                        reader, reader->query->from > 0 ? reader->query->from : reader->query->since);
        if (reader->query->from > 0)
                return sd_journal_seek_realtime_usec(reader->journal, reader->query->from);
        if (reader->query->since != USEC_UNSET)
                return sd_journal_seek_realtime_usec(reader->journal, reader->query->since);
        return sd_journal_seek_head(reader->journal);
}

/*
 * Moves to the next or the previous entry, and skips damaged ones. Returns 1, 0 at the end, or a negative
 * errno.
 */
static int step(Reader *reader, bool back) {
        for (unsigned i = 0; i < DAMAGED_MAX; i++) {
                int r = back ? sd_journal_previous(reader->journal) : sd_journal_next(reader->journal);

                if (r != -EBADMSG && r != -EADDRNOTAVAIL)
                        return r;
                reader->damaged++;
        }
        return 0;
}

/* Moves back from the end to the position from which the wanted number of records follows. */
static int seek_lines(Reader *reader) {
        Query back = *reader->query;
        const Query *forward = reader->query;
        Record record = {};
        int64_t left = forward->lines;
        int r;

        back.reverse = true;
        reader->query = &back;
        r = seek_end(reader);
        while (r >= 0 && left > 0) {
                r = step(reader, true);
                if (r <= 0)
                        break;
                r = consider(reader, &record);
                if (r == -EBADMSG || r == -EADDRNOTAVAIL)
                        r = 0;
                left -= r > 0;
        }
        reader->query = forward;
        record_done(&record);
        if (r < 0 && r != -ENODATA)
                return r;
        if (left > 0)
                return seek_start(reader);
        reader->pending = forward->lines > 0;
        return 0;
}

static int set_grep(Reader *reader, const char *pattern) {
        grep_free(reader->grep);
        reader->grep = NULL;
        return pattern ? grep_new(pattern, &reader->grep) : 0;
}

/* Sets up everything but the position. */
static int prepare(Reader *reader, const Query *query, const sd_id128_t *boot) {
        int r;

        reader->query = query;
        reader->pending = false;
        /* Others come while it reads: also in their order no more are returned than were asked for. */
        reader->left = query->lines >= 0 && !query->follow ? query->lines : -1;
        reader->fields = query->fields | matches_fields(query);
        if (query->kind == QUERY_NOTICES || (query->kind == QUERY_EXECS && !(reader->fields & PROOFS)))
                reader->fields |= RECORD_BIT(RECORD_EVENT);
        if (query->ran)
                reader->fields |= RECORD_BIT(RECORD_ERRNO) | RECORD_BIT(RECORD_FLAG);
        if (query->since != USEC_UNSET || query->until != USEC_UNSET)
                reader->fields |= RECORD_BIT(RECORD_TIMESTAMP);
        if (query->grep)
                reader->fields |= GREP_FIELDS;

        r = set_grep(reader, query->grep);
        if (r < 0)
                return r;
        (void) sd_journal_set_data_threshold(reader->journal,
                reader->fields & (RECORD_BIT(RECORD_ARGV) | RECORD_BIT(RECORD_EXTRA)) ? 0 : SHORT_VALUE);
        r = matches_set(reader->journal, reader->options, boot, query);
        if (r < 0)
                return r;
        reader->empty = r == 0;
        return 0;
}

static int seek(Reader *reader) {
        const Query *query = reader->query;

        if (query->lines >= 0 && !query->reverse)
                return seek_lines(reader);
        return query->reverse ? seek_end(reader) : seek_start(reader);
}

int reader_start(Reader *reader, const Query *query, const sd_id128_t *boot) {
        int r = prepare(reader, query, boot);

        reader->boot = NULL;
        return r < 0 ? r : seek(reader);
}

/* Moves behind the entry that has the cursor. If it is gone, to where it was. */
static int seek_behind(Reader *reader, const char *cursor) {
        int r = sd_journal_seek_cursor(reader->journal, cursor);

        if (r >= 0)
                r = step(reader, reader->query->reverse);
        reader->empty = r == 0;
        if (r > 0)
                reader->pending = sd_journal_test_cursor(reader->journal, cursor) <= 0;
        return r < 0 ? r : 0;
}

int reader_start_in(Reader *reader, const Query *query, const Boot *boot, const char *cursor) {
        int r = prepare(reader, query, &boot->id);

        reader->boot = boot;
        if (r < 0 || reader->empty)
                return r;
        return cursor ? seek_behind(reader, cursor) : seek(reader);
}

int reader_cursor(Reader *reader, char **ret) {
        return sd_journal_get_cursor(reader->journal, ret);
}

int reader_next(Reader *reader, Record *record) {
        int r;

        if (reader->empty)
                return 0;
        for (;;) {
                if (reader->left == 0)
                        return 0;
                if (!reader->pending) {
                        r = step(reader, reader->query->reverse);
                        if (r <= 0)
                                return r;
                }
                reader->pending = false;

                r = consider(reader, record);
                if (r == -ENODATA)
                        return 0;
                if (r == -EBADMSG || r == -EADDRNOTAVAIL || r == -ESTALE) {
                        reader->damaged++;
                        continue;
                }
                if (r < 0)
                        return r;
                if (r > 0) {
                        if (reader->left > 0)
                                reader->left--;
                        return 1;
                }
        }
}

uint64_t reader_damaged(const Reader *reader) {
        return reader->damaged;
}

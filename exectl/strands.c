/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "strands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/timespan.h"

/*
 * Records that are held, of all boots that ran at one time together; a lot of one boot is a share of them,
 * and not less than LOT_MIN, for to go on with another boot takes as long as to read some records.
 */
#define HELD_MAX 32768
#define LOT_MIN 32
#define LOT_MAX 1024

/* A boot whose first or last entry is so much outside of the times can have others within: clocks are set. */
#define MARGIN_USEC (5 * USEC_PER_MINUTE)

typedef struct Strand {
        const Boot *boot;
        char *cursor; /* of the last record that was read; NULL: none was */
        Record *queue; /* what was read, and is still there from `next` to `n` */
        size_t n, next;
        bool end; /* nothing is there behind the queue */
} Strand;

struct Strands {
        Reader *reader;
        Query query;
        Strand *strand; /* by the time at which they can begin */
        size_t n, n_begun;
        Strand **open; /* those that have begun and have not ended */
        size_t n_open, lot;
        int64_t left; /* how many records may still be returned; negative: any number */
        Record *newest; /* for a query of the newest ones, oldest last */
        size_t n_newest;
};

static void strand_clear(Strand *strand) {
        for (size_t i = strand->next; i < strand->n; i++)
                record_done(&strand->queue[i]);
        free(strand->queue);
        free(strand->cursor);
        *strand = (Strand){ .boot = strand->boot, .end = true };
}

void strands_free(Strands *strands) {
        if (!strands)
                return;
        for (size_t i = 0; i < strands->n; i++)
                strand_clear(&strands->strand[i]);
        for (size_t i = 0; i < strands->n_newest; i++)
                record_done(&strands->newest[i]);
        free(strands->newest);
        free(strands->strand);
        free(strands->open);
        free(strands);
}
DEFINE_POINTER_CLEANUP(Strands *, strands_free);

static int by_first(const void *a, const void *b) {
        const Boot *x = ((const Strand *) a)->boot, *y = ((const Strand *) b)->boot;

        return x->first < y->first ? -1 : x->first > y->first;
}

static int by_last(const void *a, const void *b) {
        const Boot *x = ((const Strand *) a)->boot, *y = ((const Strand *) b)->boot;

        return x->last > y->last ? -1 : x->last < y->last;
}

static bool is_within(const Boot *boot, const Query *query) {
        uint64_t since = query->from > 0 ? query->from : query->since;

        if (since != USEC_UNSET && since > MARGIN_USEC && boot->last < since - MARGIN_USEC)
                return false;
        return query->until == USEC_UNSET || boot->first < MARGIN_USEC ||
                boot->first - MARGIN_USEC <= query->until;
}

/* Reads a lot. If nothing is left, the strand has ended. */
static int fill(Strands *strands, Strand *strand) {
        Record record = {};
        int r;

        if (!strand->queue)
                strand->queue = calloc(strands->lot, sizeof(*strand->queue));
        if (!strand->queue)
                return -ENOMEM;
        strand->n = strand->next = 0;
        r = reader_start_in(strands->reader, &strands->query, strand->boot, strand->cursor);
        while (r >= 0 && strand->n < strands->lot && (r = reader_next(strands->reader, &record)) > 0) {
                r = record_copy(&record, &strand->queue[strand->n]);
                if (r >= 0)
                        strand->n++;
        }
        record_done(&record);
        strand->end = r == 0 && strand->n < strands->lot;
        free(TAKE_PTR(strand->cursor));
        if (r >= 0 && !strand->end)
                r = reader_cursor(strands->reader, &strand->cursor);
        return r < 0 ? r : 0;
}

/* Begins with those of the boots that can have a record before this time (after it, in reverse). */
static int begin_until(Strands *strands, uint64_t time) {
        while (strands->n_begun < strands->n) {
                Strand *strand = &strands->strand[strands->n_begun];
                int r;

                if (strands->query.reverse ? strand->boot->last < time : strand->boot->first > time)
                        return 0;
                strands->n_begun++;
                r = fill(strands, strand);
                if (r < 0)
                        return r;
                if (strand->n > 0)
                        strands->open[strands->n_open++] = strand;
                else
                        strand_clear(strand);
        }
        return 0;
}

static bool is_before(const Strands *strands, const Strand *a, const Strand *b) {
        uint64_t x = a->queue[a->next].received, y = b->queue[b->next].received;

        if (x == y)
                return a < b;
        return strands->query.reverse ? x > y : x < y;
}

/* Returns the place of the strand whose record is next among the open ones, or n_open when there is none. */
static size_t find_next(const Strands *strands) {
        size_t best = 0;

        for (size_t i = 1; i < strands->n_open; i++)
                if (is_before(strands, strands->open[i], strands->open[best]))
                        best = i;
        return best;
}

/* Finds the strand that is next, when all have begun that can be. Returns 1, 0 at the end, or an error. */
static int choose(Strands *strands, size_t *ret) {
        for (;;) {
                size_t begun = strands->n_begun, best = find_next(strands);
                const Strand *strand = strands->n_open > 0 ? strands->open[best] : NULL;
                uint64_t time = strand           ? strand->queue[strand->next].received
                        : strands->query.reverse ? 0
                                                 : UINT64_MAX;
                int r;

                if (!strand && begun < strands->n)
                        time = strands->query.reverse ? strands->strand[begun].boot->last
                                                      : strands->strand[begun].boot->first;
                r = begin_until(strands, time);
                if (r < 0)
                        return r;
                if (strands->n_begun == begun) {
                        *ret = best;
                        return strand != NULL;
                }
        }
}

static int take(Strands *strands, Record *record) {
        Strand *strand;
        size_t at;
        int r;

        r = choose(strands, &at);
        if (r <= 0)
                return r;
        strand = strands->open[at];
        record_done(record);
        *record = strand->queue[strand->next++];
        if (strand->next < strand->n)
                return 1;
        if (!strand->end) {
                r = fill(strands, strand);
                if (r < 0)
                        return r;
        }
        if (strand->n == strand->next) {
                strand_clear(strand);
                strands->open[at] = strands->open[--strands->n_open];
        }
        return 1;
}

/* Reads the newest records, which are then returned from the oldest of them on. */
static int read_newest(Strands *strands) {
        Record record = {};
        int r = 0;

        while (strands->left > 0 && (r = take(strands, &record)) > 0) {
                Record *grown = reallocarray(strands->newest, strands->n_newest + 1, sizeof(*grown));

                if (!grown) {
                        r = -ENOMEM;
                        break;
                }
                strands->newest = grown;
                strands->newest[strands->n_newest++] = record;
                record = (Record){};
                strands->left--;
        }
        record_done(&record);
        strands->left = (int64_t) strands->n_newest;
        return r < 0 ? r : 0;
}

int strands_start(Reader *reader, const Boot *boots, size_t n, const Query *query, Strands **ret) {
        _cleanup_(strands_freep) Strands *strands = calloc(1, sizeof(*strands));
        bool newest = query->lines >= 0 && !query->reverse;
        int r = 0;

        if (!strands)
                return -ENOMEM;
        strands->reader = reader;
        strands->query = *query;
        strands->query.fields |= query->more;
        strands->query.lines = LINES_ALL;
        strands->query.reverse = query->reverse || newest;
        strands->left = query->lines >= 0 ? query->lines : -1;
        strands->strand = calloc(n + 1, sizeof(*strands->strand));
        strands->open = calloc(n + 1, sizeof(Strand *));
        if (!strands->strand || !strands->open)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                if (is_within(&boots[i], query))
                        strands->strand[strands->n++].boot = &boots[i];
        qsort(strands->strand, strands->n, sizeof(*strands->strand),
                strands->query.reverse ? by_last : by_first);
        strands->lot = HELD_MAX / (strands->n + 1);
        if (strands->lot > LOT_MAX || strands->lot < LOT_MIN)
                strands->lot = strands->lot > LOT_MAX ? LOT_MAX : LOT_MIN;
        if (newest)
                r = read_newest(strands);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(strands);
        return 0;
}

int strands_next(Strands *strands, Record *record) {
        int r;

        if (strands->left == 0)
                return 0;
        if (strands->newest) {
                record_done(record);
                *record = strands->newest[--strands->n_newest];
                r = 1;
        } else
                r = take(strands, record);
        if (r > 0 && strands->left > 0)
                strands->left--;
        return r;
}

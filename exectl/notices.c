/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "notices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "util/cleanup.h"

void notices_done(NoticeList *list) {
        for (size_t i = 0; i < list->n; i++)
                free(list->entry[i].cursor);
        free(list->entry);
        *list = (NoticeList){};
}

/* Finds the value of NAME=VALUE. Returns false when the field has another name. */
static bool value_of(Bytes field, const char *name, Bytes *ret) {
        size_t n = strlen(name);

        if (field.size <= n || memcmp(field.data, name, n) != 0 || field.data[n] != '=')
                return false;
        *ret = (Bytes){ field.data + n + 1, field.size - n - 1 };
        return true;
}

static NoticeType type_of(Bytes event) {
        static const struct {
                const char *name;
                NoticeType type;
        } types[] = {
                { "started", TYPE_STARTED },
                { "stopped", TYPE_STOPPED },
                { "lost", TYPE_LOST },
                { "suppressed", TYPE_SUPPRESSED },
                { "alive", TYPE_ALIVE },
        };

        for (size_t i = 0; i < ELEMENTSOF(types); i++)
                if (bytes_equal(event, bytes_of_string(types[i].name)))
                        return types[i].type;
        return TYPE_OTHER;
}

static void take_field(NoticeEntry *entry, Bytes field) {
        CoverageNotice *notice = &entry->notice;
        const struct {
                const char *name;
                uint64_t *number;
        } numbers[] = {
                { "EXECTRACED_RESUMED", &notice->accounted },
                { "EXEC_RECORDED", &notice->recorded },
                { "EXEC_LOST", &notice->lost },
                { "EXEC_SUPPRESSED", &notice->suppressed },
                { "EXEC_FILTERED", &notice->unnumbered },
                { "EXEC_LOST_FIRST", &notice->first },
                { "EXEC_LOST_LAST", &notice->last },
                { "EXEC_LOST_SEQ_FIRST", &notice->seq_first },
                { "EXEC_LOST_SEQ_LAST", &notice->seq_last },
        };
        Bytes value;

        for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
                if (value_of(field, numbers[i].name, &value)) {
                        if (!number_read(value, numbers[i].number))
                                *numbers[i].number = 0;
                        notice->resumed |= numbers[i].number == &notice->accounted;
                        notice->has_totals |= numbers[i].number == &notice->recorded;
                }
        if (value_of(field, "EXEC_LOST_CAUSE", &value)) {
                size_t n = value.size < sizeof(entry->cause) - 1 ? value.size : sizeof(entry->cause) - 1;

                memcpy(entry->cause, value.data, n);
                entry->cause[n] = '\0';
        }
}

static void take_record(NoticeEntry *entry, const Record *record) {
        CoverageNotice *notice = &entry->notice;

        notice->type = type_of(record->field[RECORD_EVENT]);
        notice->time = record->received;
        (void) record_number(record, RECORD_SEQ, &notice->seq);
        for (size_t i = 0; i < record->n_extra; i++)
                take_field(entry, record->extra[i]);
        if (notice->type == TYPE_LOST)
                notice->n = notice->lost;
        else if (notice->type == TYPE_SUPPRESSED)
                notice->n = notice->suppressed;
        /* Without a field for the last number, the totals have it as their sum. */
        if (notice->has_totals && notice->seq == 0)
                notice->seq = notice->recorded + notice->lost + notice->suppressed;
}

static int append(NoticeList *list, sd_journal *journal, const Record *record) {
        NoticeEntry *entry;
        int r;

        if (list->n == list->n_allocated) {
                size_t n = list->n_allocated ? 2 * list->n_allocated : 64;
                NoticeEntry *grown = reallocarray(list->entry, n, sizeof(*grown));

                if (!grown)
                        return -ENOMEM;
                list->entry = grown;
                list->n_allocated = n;
        }
        entry = list->entry + list->n;
        *entry = (NoticeEntry){ .received = record->received };
        r = sd_journal_get_monotonic_usec(journal, &entry->monotonic, &entry->boot);
        if (r >= 0)
                r = sd_journal_get_cursor(journal, &entry->cursor);
        if (r < 0)
                return r == -ENOMEM ? r : 0; /* damaged */
        take_record(entry, record);
        list->n++;
        return 0;
}

/* Adds a match for each value of EXECTRACED_EVENT. */
int notices_narrow(sd_journal *journal, void *data) {
        const void *value;
        size_t size;
        int r, n = 0;

        (void) data;

        r = sd_journal_query_unique(journal, "EXECTRACED_EVENT");
        if (r < 0)
                return r;
        while ((r = sd_journal_enumerate_available_unique(journal, &value, &size)) > 0) {
                r = sd_journal_add_match(journal, value, size);
                if (r < 0)
                        return r;
                n++;
        }
        return r < 0 ? r : n > 0;
}

/* The order of the host that wrote them, and of entries that are the same, the order in which they came. */
static int by_origin(const void *a, const void *b) {
        const NoticeEntry *x = *(NoticeEntry *const *) a, *y = *(NoticeEntry *const *) b;
        int r;

        r = memcmp(&x->boot, &y->boot, sizeof(x->boot));
        if (r != 0)
                return r;
        if (x->monotonic != y->monotonic)
                return x->monotonic < y->monotonic ? -1 : 1;
        if (x->received != y->received)
                return x->received < y->received ? -1 : 1;
        return x < y ? -1 : x > y;
}

static bool is_same(const NoticeEntry *x, const NoticeEntry *y) {
        return x->monotonic == y->monotonic && x->received == y->received &&
                x->notice.type == y->notice.type && x->notice.n == y->notice.n &&
                sd_id128_equal(x->boot, y->boot) && strcmp(x->cause, y->cause) == 0;
}

/* Marks the entries that came once more. Returns 0 or -ENOMEM. */
static int mark_resent(NoticeList *list) {
        _cleanup_free_ NoticeEntry **sorted = NULL;

        if (list->n < 2)
                return 0;
        sorted = calloc(list->n, sizeof(*sorted));
        if (!sorted)
                return -ENOMEM;
        for (size_t i = 0; i < list->n; i++)
                sorted[i] = list->entry + i;
        qsort(sorted, list->n, sizeof(*sorted), by_origin);
        for (size_t i = 1; i < list->n; i++)
                sorted[i]->resent = is_same(sorted[i], sorted[i - 1]);
        return 0;
}

int notices_read(NoticeList *list, Source *source, const Query *query) {
        _cleanup_(record_done) Record record = {};
        Query notices = *query;
        int r;

        notices_done(list);
        notices.kind = QUERY_NOTICES;
        notices.fields = RECORD_BIT(RECORD_SEQ) | RECORD_BIT(RECORD_EXTRA);
        notices.narrow = notices_narrow;
        r = source_start(source, &notices);
        while (r >= 0 && (r = source_next(source, &record)) > 0)
                r = append(list, source_journal(source), &record);
        for (size_t i = 0; i < list->n; i++)
                list->entry[i].notice.cause = list->entry[i].cause;
        return r < 0 ? r : mark_resent(list);
}

const NoticeEntry *notices_take(
        NoticeList *list, Source *source, uint64_t received, const sd_id128_t *boot, uint64_t monotonic) {
        const NoticeEntry *entry = list->entry + list->next;

        if (list->next == list->n || entry->received != received || entry->monotonic != monotonic ||
                !sd_id128_equal(entry->boot, *boot) ||
                sd_journal_test_cursor(source_journal(source), entry->cursor) <= 0)
                return NULL;
        list->next++;
        return entry;
}

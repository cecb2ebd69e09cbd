/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * exectl new: lists programs that were never executed before --since. The index finds the first record of
 * each.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "print.h"
#include "string-set.h"
#include "time-parse.h"
#include "util/cleanup.h"
#include "util/timespan.h"

/* The field with the name of a program, and a match that its records must meet, too. */
typedef struct Kind {
        const char *field;
        const char *also; /* a match, or NULL */
} Kind;

static const Kind kinds[] = {
        { "EXEC_EXE", NULL },
        /* The name of a script, because EXEC_EXE is its interpreter. */
        { "EXEC_FILENAME", "EXEC_FLAG=script" },
};

typedef struct New {
        Context *context;
        const Conditions *conditions;
        Printer *printer;
        uint64_t since;
        Record *record; /* the first of each new program */
        size_t n, allocated;
} New;

/* The argument of narrow(), which is a value of a kind. */
typedef struct Value {
        const Kind *kind;
        Bytes match; /* FIELD=VALUE */
} Value;

static int narrow(sd_journal *journal, void *data) {
        const Value *value = data;
        int r;

        r = sd_journal_add_match(journal, value->match.data, value->match.size);
        if (r >= 0 && value->kind->also)
                r = sd_journal_add_match(journal, value->kind->also, 0);
        return r < 0 ? r : 1;
}

static int keep(New *new, const Record *record) {
        int r;

        /* With conditions, the first record of a script and that of its interpreter can be the same. */
        for (size_t i = new->n; i > 0; i--)
                if (record_time(&new->record[i - 1]) == record_time(record) &&
                        bytes_equal(new->record[i - 1].field[RECORD_PROCESS], record->field[RECORD_PROCESS]))
                        return 0;
        if (new->n == new->allocated) {
                size_t n = new->allocated ? 2 * new->allocated : 16;
                Record *grown = reallocarray(new->record, n, sizeof(*grown));

                if (!grown)
                        return -ENOMEM;
                new->record = grown;
                new->allocated = n;
        }
        r = record_copy(record, &new->record[new->n]);
        new->n += r >= 0;
        return r;
}

/* Reads the first record of a program, and keeps it if it is not before --since. */
static int look_at(New *new, Record *record, Value *value) {
        const Options *options = new->context->options;
        Query query = {
                .conditions = new->conditions,
                .fields = printer_fields(new->printer) | RECORD_BIT(RECORD_TIMESTAMP) |
                        RECORD_BIT(RECORD_PROCESS),
                .since = USEC_UNSET,
                .until = options->until,
                .grep = options->grep,
                .lines = LINES_ALL,
                .ran = true,
                .narrow = narrow,
                .narrow_data = value,
        };
        int r;

        r = source_start(new->context->source, &query);
        if (r >= 0)
                r = source_next(new->context->source, record);
        if (r <= 0 || record_time(record) < new->since)
                return r;
        return keep(new, record);
}

static int look_at_all(New *new, const Kind *kind) {
        sd_journal *journal = source_journal(new->context->source);
        _cleanup_(string_set_done) StringSet values = {};
        _cleanup_(record_done) Record record = {};
        const void *data;
        size_t size;
        int r;

        r = sd_journal_query_unique(journal, kind->field);
        if (r < 0)
                return r;
        while ((r = sd_journal_enumerate_available_unique(journal, &data, &size)) > 0)
                if (string_set_add(&values, (Bytes){ data, size }) == STRING_SET_NONE)
                        return -ENOMEM;
        for (uint32_t i = 0; i < values.n && r >= 0; i++)
                r = look_at(new, &record, &(Value){ .kind = kind, .match = string_set_bytes(&values, i) });
        return r;
}

static int compare(const void *a, const void *b) {
        uint64_t x = record_time(a), y = record_time(b);

        return x < y ? -1 : x > y;
}

static int print(New *new) {
        int64_t lines = new->context->options->lines;
        bool reverse = new->context->options->reverse;
        size_t from = lines >= 0 && (size_t) lines < new->n ? new->n - (size_t) lines : 0;
        int r = 0;

        if (new->n == 0)
                return 0;
        qsort(new->record, new->n, sizeof(*new->record), compare);
        output_open(&new->context->output, false);
        for (size_t i = from; i < new->n &&r >= 0; i++)
                r = printer_print(new->printer, &new->record[reverse ? new->n - 1 - (i - from) : i]);
        if (r >= 0)
                r = printer_flush(new->printer);
        return r < 0 ? r : 1;
}

/* Warns when the records begin after --since, because everything is new then. */
static int warn_of_beginning(New *new) {
        _cleanup_(record_done) Record record = {};
        Query query = {
                .fields = RECORD_BIT(RECORD_TIMESTAMP) | RECORD_BIT(RECORD_PID),
                .since = USEC_UNSET,
                .until = USEC_UNSET,
                .lines = LINES_ALL,
        };
        _cleanup_(buffer_done) Buffer text = BUFFER_NULL;
        const char *string;
        int r;

        r = source_start(new->context->source, &query);
        if (r >= 0)
                r = source_next(new->context->source, &record);
        if (r <= 0 || record_time(&record) < new->since || new->context->options->quiet)
                return r;
        show_time(&text, record_time(&record), new->context->options->utc, false);
        string = show_string(&text);
        if (!string)
                return -ENOMEM;
        fprintf(stderr, "exectl: the records begin at %s, after --since=: everything is new\n", string);
        return 0;
}

int command_run_new(Context *context) {
        _cleanup_(conditions_done) Conditions conditions = {};
        _cleanup_(printer_freep) Printer *printer = NULL;
        New new = {
                .context = context,
                .conditions = &conditions,
                .since = context->options->since,
        };
        int r;

        if (new.since == USEC_UNSET)
                (void) time_parse("today", (uint64_t) time(NULL) * USEC_PER_SEC, &new.since);
        r = conditions_of_options(context->options, &conditions);
        if (r < 0)
                return r;
        r = printer_new(&context->output, false, &printer);
        if (r < 0)
                return r;
        new.printer = printer;
        r = warn_of_beginning(&new);
        for (size_t i = 0; i < ELEMENTSOF(kinds) && r >= 0; i++)
                r = look_at_all(&new, &kinds[i]);
        if (r >= 0)
                r = print(&new);
        for (size_t i = 0; i < new.n; i++)
                record_done(&new.record[i]);
        free(new.record);
        return r;
}

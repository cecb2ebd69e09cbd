/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * exectl new: lists programs that were never executed before --since. The index finds the first record of
 * each; only those of scripts with a relative path are all read.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "path.h"
#include "print.h"
#include "string-set.h"
#include "time-parse.h"
#include "util/cleanup.h"
#include "util/timespan.h"

/* The field with the name of a program, and a match that its records must meet, too. */
typedef struct Kind {
        const char *field;
        const char *also; /* a match, or NULL */
        bool script; /* the field has the path as it was given, which may be relative */
} Kind;

static const Kind kinds[] = {
        { "EXEC_EXE", NULL, false },
        /* The name of a script, because EXEC_EXE is its interpreter. */
        { "EXEC_FILENAME", "EXEC_FLAG=script", true },
};

typedef struct New {
        Context *context;
        const Conditions *conditions;
        Printer *printer;
        uint64_t since;
        bool has_boot; /* only what is new in this boot is shown */
        sd_id128_t boot;
        StringSet programs; /* the field and the path; by number: */
        uint64_t *first; /* when it was executed for the first time */
        size_t n_first;
        Record *record; /* those that seemed to be the first of a program when they were read */
        uint32_t *program; /* the number of its program, for each of them */
        size_t n, allocated;
        Buffer key;
} New;

/* The argument of narrow(), which is a value of a kind. */
typedef struct Value {
        const Kind *kind;
        Bytes match; /* FIELD=VALUE */
        bool relative; /* a path that begins in the working directory */
} Value;

/* The fields of which the key of a program is made, and those that tell one exec and one boot from others. */
#define KEY_FIELDS                                                                                 \
        (RECORD_BIT(RECORD_TIMESTAMP) | RECORD_BIT(RECORD_PROCESS) | RECORD_BIT(RECORD_FILENAME) | \
                RECORD_BIT(RECORD_CWD) | RECORD_BIT(RECORD_BOOT_ID))

static int narrow(sd_journal *journal, void *data) {
        const Value *value = data;
        int r;

        r = sd_journal_add_match(journal, value->match.data, value->match.size);
        if (r >= 0 && value->kind->also)
                r = sd_journal_add_match(journal, value->kind->also, 0);
        return r < 0 ? r : 1;
}

static int keep(New *new, const Record *record, uint32_t program) {
        int r;

        if (new->n == new->allocated) {
                size_t n = new->allocated ? 2 * new->allocated : 16;
                uint32_t *programs = reallocarray(new->program, n, sizeof(*programs));
                Record *grown;

                if (!programs)
                        return -ENOMEM;
                new->program = programs;
                grown = reallocarray(new->record, n, sizeof(*grown));
                if (!grown)
                        return -ENOMEM;
                new->record = grown;
                new->allocated = n;
        }
        r = record_copy(record, &new->record[new->n]);
        if (r >= 0)
                new->program[new->n++] = program;
        return r;
}

/* Makes the key of the program: the field, and the absolute path. */
static void set_key(New *new, const Value *value, const Record *record) {
        size_t name = strlen(value->kind->field) + 1;

        buffer_clear(&new->key);
        if (!value->relative) {
                buffer_append_bytes(&new->key, value->match);
                return;
        }
        buffer_append(&new->key, value->match.data, name);
        if (!path_append(&new->key, record->field[RECORD_CWD], record->field[RECORD_FILENAME]))
                buffer_append_bytes(&new->key, record->field[RECORD_FILENAME]);
}

/* Returns true when the record is of the time and the boot that are wanted. */
static bool is_wanted(const New *new, const Record *record) {
        char boot[SD_ID128_STRING_MAX];

        if (record_time(record) < new->since)
                return false;
        return !new->has_boot ||
                bytes_equal(
                        record->field[RECORD_BOOT_ID], bytes_of_string(sd_id128_to_string(new->boot, boot)));
}

/* Takes a record of a program into account, and keeps it if it may be the first one. */
static int take(New *new, const Record *record, const Value *value) {
        uint64_t time = record_time(record);
        uint32_t number;

        set_key(new, value, record);
        if (buffer_error(&new->key) < 0)
                return -ENOMEM;
        number = string_set_add(&new->programs, buffer_bytes(&new->key));
        if (number == STRING_SET_NONE)
                return -ENOMEM;
        if (number == new->n_first) {
                uint64_t *grown = reallocarray(new->first, new->programs.allocated, sizeof(*grown));

                if (!grown)
                        return -ENOMEM;
                new->first = grown;
                new->first[new->n_first++] = UINT64_MAX;
        }
        if (time >= new->first[number])
                return 0;
        new->first[number] = time;
        return is_wanted(new, record) ? keep(new, record, number) : 0;
}

/*
 * Reads the first record with a value of the field. A relative path is another program in another directory,
 * so all its records are read.
 */
static int look_at(New *new, Record *record, Value *value) {
        const Options *options = new->context->options;
        Query query = {
                .conditions = new->conditions,
                .fields = printer_fields(new->printer) | KEY_FIELDS,
                .since = USEC_UNSET,
                .until = options->until,
                .grep = options->grep,
                .lines = LINES_ALL,
                .ran = true,
                .every = value->relative,
                .any_boot = true,
                .narrow = narrow,
                .narrow_data = value,
        };
        int r;

        r = source_start(new->context->source, &query);
        while (r >= 0 && (r = source_next(new->context->source, record)) > 0) {
                r = take(new, record, value);
                if (r < 0 || !value->relative)
                        break;
        }
        return r;
}

static int look_at_all(New *new, const Kind *kind) {
        sd_journal *journal = source_journal(new->context->source);
        _cleanup_(string_set_done) StringSet values = {};
        _cleanup_(record_done) Record record = {};
        size_t skip = strlen(kind->field) + 1;
        const void *data;
        size_t size;
        int r;

        r = sd_journal_query_unique(journal, kind->field);
        if (r < 0)
                return r;
        while ((r = sd_journal_enumerate_available_unique(journal, &data, &size)) > 0)
                if (string_set_add(&values, (Bytes){ data, size }) == STRING_SET_NONE)
                        return -ENOMEM;
        for (uint32_t i = 0; i < values.n && r >= 0; i++) {
                Value value = { .kind = kind, .match = string_set_bytes(&values, i) };

                value.relative = kind->script && value.match.size > skip && value.match.data[skip] != '/';
                r = look_at(new, &record, &value);
        }
        return r;
}

/* Removes the records of programs that turned out to have been executed before. */
static void remove_known(New *new) {
        size_t n = 0;

        for (size_t i = 0; i < new->n; i++)
                if (record_time(&new->record[i]) == new->first[new->program[i]])
                        new->record[n++] = new->record[i];
                else
                        record_done(&new->record[i]);
        new->n = n;
}

/* With conditions, the first record of a script can be that of its interpreter: removes one of the two. */
static void remove_twice(New *new) {
        size_t n = 0;

        for (size_t i = 0; i < new->n; i++) {
                bool twice = false;

                for (size_t k = n;
                        k > 0 && !twice && record_time(&new->record[k - 1]) == record_time(&new->record[i]);
                        k--)
                        twice = bytes_equal(new->record[k - 1].field[RECORD_PROCESS],
                                new->record[i].field[RECORD_PROCESS]);
                if (twice)
                        record_done(&new->record[i]);
                else
                        new->record[n++] = new->record[i];
        }
        new->n = n;
}

static int compare(const void *a, const void *b) {
        uint64_t x = record_time(a), y = record_time(b);

        return x < y ? -1 : x > y;
}

static int print(New *new) {
        int64_t lines = new->context->options->lines;
        bool reverse = new->context->options->reverse;
        size_t from;
        int r = 0;

        remove_known(new);
        if (new->n == 0)
                return 0;
        qsort(new->record, new->n, sizeof(*new->record), compare);
        remove_twice(new);
        from = lines >= 0 && (size_t) lines < new->n ? new->n - (size_t) lines : 0;
        output_open(&new->context->output, false);
        for (size_t i = from; i < new->n &&r >= 0; i++)
                r = printer_print(new->printer, &new->record[reverse ? new->n - 1 - (i - from) : i]);
        if (r >= 0)
                r = printer_flush(new->printer);
        return r < 0 ? r : 1;
}

/* Warns when the records begin after --since, or in the boot of -b, because everything is new then. */
static int warn_of_beginning(New *new) {
        _cleanup_(record_done) Record record = {};
        Query query = {
                .fields = RECORD_BIT(RECORD_TIMESTAMP) | RECORD_BIT(RECORD_PID) | RECORD_BIT(RECORD_BOOT_ID),
                .since = USEC_UNSET,
                .until = USEC_UNSET,
                .lines = LINES_ALL,
                .any_boot = true,
        };
        _cleanup_(buffer_done) Buffer text = BUFFER_NULL;
        const char *string;
        int r;

        r = source_start(new->context->source, &query);
        if (r >= 0)
                r = source_next(new->context->source, &record);
        if (r <= 0 || !is_wanted(new, &record) || new->context->options->quiet)
                return r;
        show_time(&text, record_time(&record), new->context->options->utc, false);
        string = show_string(&text);
        if (!string)
                return -ENOMEM;
        fprintf(stderr, "exectl: the records begin at %s, %s: everything is new\n", string,
                new->has_boot ? "in the boot that is looked at" : "after --since=");
        return 0;
}

static void new_done(New *new) {
        for (size_t i = 0; i < new->n; i++)
                record_done(&new->record[i]);
        free(new->record);
        free(new->program);
        free(new->first);
        string_set_done(&new->programs);
        buffer_done(&new->key);
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

        r = command_refuse_failed(context, "new");
        if (r < 0)
                return r;
        new.has_boot = source_boot(context->source, &new.boot);
        if (new.since == USEC_UNSET &&new.has_boot)
                new.since = 0;
        else if (new.since == USEC_UNSET)
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
        new_done(&new);
        return r;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* exectl top: shows what was executed most often, by a criterion of the user's choice. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "counts.h"
#include "names.h"
#include "show.h"
#include "table.h"
#include "util/cleanup.h"
#include "util/timespan.h"

typedef struct Top Top;

/* One --by=. */
typedef struct Criterion {
        const char *name;
        const char *heading;
        uint64_t fields;
        uint64_t more; /* those that some records are read for */
        const char *only; /* only records with this field are counted, which the index finds; or NULL */
        /*
         * Counts the record under its key or keys, which are values as they are in the records; that of a
         * command is quoted. Returns 0 or a negative errno.
         */
        int (*count)(Top *top, Record *record);
} Criterion;

struct Top {
        Context *context;
        const Criterion *by;
        Counts counts;
        Names *names;
        CommandLine line;
        Buffer text;
        bool local; /* all records are of this machine */
        StringSet numbers; /* the ids of users whose count is known */
        uint32_t *label; /* the number of that count, for each of these ids */
        size_t n_labels;
};

static int count_value(Top *top, const Record *record, RecordField field) {
        if (!record_has(record, field))
                return 0;
        return counts_add(&top->counts, record->field[field], record->received);
}

static int count_parent(Top *top, Record *record) {
        return count_value(top, record, RECORD_PARENT_COMM);
}

static int count_error(Top *top, Record *record) {
        return count_value(top, record, RECORD_ERROR);
}

static int count_container(Top *top, Record *record) {
        return count_value(top, record, RECORD_CONTAINER);
}

/* Counts by the program that runs, or by the file name of a failed exec. */
static int count_exe(Top *top, Record *record) {
        return count_value(top, record, record_has(record, RECORD_EXE) ? RECORD_EXE : RECORD_FILENAME);
}

/*
 * Counts by unit. Units of a user manager are in user@.service, so few records have to be read for
 * EXEC_USER_UNIT.
 */
static int count_unit(Top *top, Record *record) {
        static const char prefix[] = "user@";
        Bytes unit = record->field[RECORD_UNIT];
        int r;

        if (!bytes_is_set(unit) ||
                (unit.size >= strlen(prefix) && memcmp(unit.data, prefix, strlen(prefix)) == 0)) {
                r = source_read_more(top->context->source, record, RECORD_USER_UNIT);
                if (r < 0)
                        return r;
                unit = record->field[record_has(record, RECORD_USER_UNIT) ? RECORD_USER_UNIT : RECORD_UNIT];
        }
        if (!bytes_is_set(unit))
                return 0;
        return counts_add(&top->counts, unit, record->received);
}

static int count_command(Top *top, Record *record) {
        const char *command = command_line_of(&top->line, record);

        return command ? counts_add(&top->counts, bytes_of_string(command), record->received) : -ENOMEM;
}

/* Notes that the count of the last id in `numbers` is that of top->text. Returns 0 or -ENOMEM. */
static int remember_label(Top *top) {
        uint32_t *grown;

        if (top->numbers.n == 0 || top->numbers.n == top->n_labels)
                return 0;
        grown = reallocarray(top->label, top->numbers.n, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        top->label = grown;
        top->label[top->n_labels++] = string_set_find(&top->counts.keys, buffer_bytes(&top->text));
        return 0;
}

/*
 * Counts by the name of a user. Most records have no name, and finding that out takes longer than all the
 * rest, so the name of each id is looked up once. This is not possible with records of several machines,
 * where an id can be different users.
 */
static int count_by_name(Top *top, Record *record, RecordField number, RecordField name,
        Bytes (*name_of)(Names *, const Record *)) {
        Source *source = top->context->source;
        uint32_t known = top->local && record_has(record, number)
                ? string_set_find(&top->numbers, record->field[number])
                : STRING_SET_NONE;
        int r;

        if (known == STRING_SET_NONE) {
                r = source_read_more(source, record, name);
                if (r >= 0 && !top->local)
                        r = source_read_more(source, record, RECORD_MACHINE_ID);
                if (r < 0)
                        return r;
                buffer_clear(&top->text);
                buffer_append_bytes(&top->text, name_of(top->names, record));
                if (top->text.size == 0)
                        buffer_append_string(&top->text, "unset");
                if (top->local && record_has(record, number) &&
                        string_set_add(&top->numbers, record->field[number]) == STRING_SET_NONE)
                        return -ENOMEM;
                r = counts_add(&top->counts, buffer_bytes(&top->text), record->received);
                return r < 0 ? r : remember_label(top);
        }
        counts_add_known(&top->counts, top->label[known], record->received);
        return 0;
}

static int count_user(Top *top, Record *record) {
        return count_by_name(top, record, RECORD_UID, RECORD_USER, names_user);
}

static int count_login(Top *top, Record *record) {
        return count_by_name(top, record, RECORD_LOGINUID, RECORD_LOGIN_USER, names_login);
}

/* Counts each tag of a record. */
static int count_tag(Top *top, Record *record) {
        Bytes rest = record->field[RECORD_TAG];
        int r = 0;

        while (rest.size > 0 && r >= 0) {
                const char *comma = memchr(rest.data, ',', rest.size);
                size_t n = comma ? (size_t) (comma - rest.data) : rest.size;

                r = counts_add(&top->counts, (Bytes){ rest.data, n }, record->received);
                n += comma ? 1 : 0;
                rest.data += n;
                rest.size -= n;
        }
        return r;
}

#define PROGRAM_FIELDS (RECORD_BIT(RECORD_EXE) | RECORD_BIT(RECORD_FILENAME))
#define FILENAME_FIELD RECORD_BIT(RECORD_FILENAME)

/* FILENAME_FIELD is read because it tells execs from other entries. */
static const Criterion criteria[] = {
        { "exe", "EXECUTABLE", PROGRAM_FIELDS, 0, NULL, count_exe },
        { "command", "COMMAND", COMMAND_LINE_FIELDS, 0, NULL, count_command },
        { "unit", "UNIT", RECORD_BIT(RECORD_UNIT) | FILENAME_FIELD, RECORD_BIT(RECORD_USER_UNIT), NULL,
                count_unit },
        { "user", "USER", RECORD_BIT(RECORD_UID) | FILENAME_FIELD,
                RECORD_BIT(RECORD_USER) | RECORD_BIT(RECORD_MACHINE_ID), NULL, count_user },
        { "login", "LOGIN", RECORD_BIT(RECORD_LOGINUID) | FILENAME_FIELD,
                RECORD_BIT(RECORD_LOGIN_USER) | RECORD_BIT(RECORD_MACHINE_ID), NULL, count_login },
        { "parent", "PARENT", RECORD_BIT(RECORD_PARENT_COMM), 0, NULL, count_parent },
        { "tag", "TAG", RECORD_BIT(RECORD_TAG) | FILENAME_FIELD, 0, "EXEC_TAG", count_tag },
        { "error", "ERROR", RECORD_BIT(RECORD_ERROR) | FILENAME_FIELD, 0, "EXEC_ERROR", count_error },
        { "container", "CONTAINER", RECORD_BIT(RECORD_CONTAINER) | FILENAME_FIELD, 0, "EXEC_CONTAINER",
                count_container },
};

static const Criterion *find_criterion(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(criteria); i++)
                if (!name || strcmp(criteria[i].name, name) == 0)
                        return &criteria[i];
        fprintf(stderr,
                "exectl: --by=%s: expected exe, command, unit, user, login, parent, tag, error or "
                "container\n",
                name);
        return NULL;
}

/* Appends the rate in the time that the records cover, in a unit in which it has one to three digits. */
static void append_rate(Buffer *cell, uint64_t n, uint64_t span) {
        static const struct {
                const char *unit;
                uint64_t usec;
        } units[] = {
                { "/s", USEC_PER_SEC },
                { "/min", USEC_PER_MINUTE },
                { "/h", USEC_PER_HOUR },
                { "/d", USEC_PER_DAY },
        };
        char text[64];
        size_t i = 0;

        if (span < USEC_PER_SEC)
                return;
        while (i + 1 < ELEMENTSOF(units) && (double) n * (double) units[i].usec / (double) span < 1)
                i++;
        (void) snprintf(text, sizeof(text), "%.1f%s", (double) n * (double) units[i].usec / (double) span,
                units[i].unit);
        buffer_append_string(cell, text);
}

static double share_of(const Top *top, const Count *count) {
        return top->counts.total > 0 ? 100.0 * (double) count->n / (double) top->counts.total : 0;
}

static int print_row(Top *top, Table *table, uint32_t number) {
        const Count *count = &top->counts.count[number];
        char share[32];

        buffer_append_u64(table_cell(table, 0), count->n);
        (void) snprintf(share, sizeof(share), "%.1f%%", share_of(top, count));
        buffer_append_string(table_cell(table, 1), share);
        append_rate(table_cell(table, 2), count->n, top->counts.last - top->counts.first);
        table_time(table, 3, count->first);
        table_time(table, 4, count->last);
        if (top->by->count == count_command)
                buffer_append_bytes(table_cell(table, 5), string_set_bytes(&top->counts.keys, number));
        else
                show_text(table_cell(table, 5), string_set_bytes(&top->counts.keys, number));
        return table_end_row(table);
}

static void print_json(Top *top, uint32_t number) {
        const Count *count = &top->counts.count[number];
        const uint64_t span = top->counts.last - top->counts.first;
        JsonWriter *writer = output_json_begin(&top->context->output);

        json_string(writer, top->by->name, string_set_bytes(&top->counts.keys, number));
        json_number(writer, "count", count->n);
        json_fraction(writer, "share", share_of(top, count));
        if (span >= USEC_PER_SEC)
                json_fraction(writer, "rate", (double) count->n * USEC_PER_SEC / (double) span);
        json_number(writer, "first", count->first);
        json_number(writer, "last", count->last);
        output_json_end(&top->context->output);
}

static int print_all(Top *top) {
        const TableColumn columns[] = {
                { "COUNT", COLUMN_RIGHT, 0 },
                { "SHARE", COLUMN_RIGHT, 4 },
                { "RATE", COLUMN_RIGHT, 3 },
                { "FIRST", 0, 1 },
                { "LAST", 0, 2 },
                { top->by->heading, COLUMN_CUT, 0 },
        };
        Output *output = &top->context->output;
        _cleanup_free_ uint32_t *order = counts_sort(&top->counts);
        int64_t limit = top->context->options->lines;
        Table *table = NULL;
        int r;

        if (!order)
                return -ENOMEM;
        r = table_new(output, columns, ELEMENTSOF(columns), &table);
        output_open(output, false);
        for (size_t i = 0; i < top->counts.keys.n && r >= 0 && (limit < 0 || i < (size_t) limit); i++)
                if (options_json(output->options))
                        print_json(top, order[i]);
                else
                        r = print_row(top, table, order[i]);
        if (r >= 0)
                r = table_flush(table);
        table_free(table);
        return r;
}

/* All values that the field has. */
static int narrow(sd_journal *journal, void *data) {
        const void *match;
        size_t size;
        int r, n = 0;

        r = sd_journal_query_unique(journal, data);
        while (r >= 0 && (r = sd_journal_enumerate_available_unique(journal, &match, &size)) > 0) {
                r = sd_journal_add_match(journal, match, size);
                n = 1;
        }
        return r < 0 ? r : n;
}

static int count_all(Top *top, const Conditions *conditions) {
        _cleanup_(record_done) Record record = {};
        Query query = QUERY_OF_OPTIONS(top->context->options, conditions, top->by->fields);
        Counts *counts = &top->counts;
        int r;

        query.more = top->by->more;
        query.lines = LINES_ALL;
        query.reverse = false;
        if (top->by->only) {
                query.narrow = narrow;
                query.narrow_data = (void *) top->by->only;
        }
        counts->first = UINT64_MAX;
        r = source_start(top->context->source, &query);
        while (r >= 0 && (r = source_next(top->context->source, &record)) > 0) {
                counts->total++;
                if (record.received < counts->first)
                        counts->first = record.received;
                if (record.received > counts->last)
                        counts->last = record.received;
                r = top->by->count(top, &record);
        }
        return r;
}

int command_run_top(Context *context) {
        _cleanup_(conditions_done) Conditions conditions = {};
        Top top = {
                .context = context,
                .by = find_criterion(context->options->by),
                .local = options_is_local(context->options),
        };
        int r;

        if (!top.by)
                return -EINVAL;
        r = conditions_of_options(context->options, &conditions);
        if (r < 0)
                return r;
        r = names_new(context->options, &top.names);
        if (r >= 0)
                r = count_all(&top, &conditions);
        if (r >= 0 && top.counts.keys.n > 0) {
                r = print_all(&top);
                r = r < 0 ? r : 1;
        }
        counts_done(&top.counts);
        string_set_done(&top.numbers);
        free(top.label);
        names_free(top.names);
        command_line_done(&top.line);
        buffer_done(&top.text);
        return r;
}

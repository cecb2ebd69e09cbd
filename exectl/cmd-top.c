/* SPDX-License-Identifier: GPL-2.0-or-later */

/* exectl top: what was executed most, by whatever one likes. */

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

typedef struct Top Top;

/* One --by=. */
typedef struct Criterion {
        const char *name;
        const char *heading;
        uint64_t fields;
        /* Counts the record under its key or keys. 0 or a negative errno. */
        int (*count)(Top *top, const Record *record);
} Criterion;

struct Top {
        Context *context;
        const Criterion *by;
        Counts counts;
        Names *names;
        CommandLine line;
        Buffer text;
};

/* Under the value of the first of the criterion's fields that the record has. */
static int count_value(Top *top, const Record *record) {
        for (RecordField i = 0; i < RECORD_EXTRA; i++)
                if ((top->by->fields & RECORD_BIT(i)) && record_has(record, i)) {
                        buffer_clear(&top->text);
                        show_text(&top->text, record->field[i]);
                        return counts_add(&top->counts, buffer_bytes(&top->text), record->received);
                }
        return 0;
}

/* What ran, or should have. */
static int count_exe(Top *top, const Record *record) {
        Bytes exe = record->field[record_has(record, RECORD_EXE) ? RECORD_EXE : RECORD_FILENAME];

        if (!bytes_is_set(exe))
                return 0;
        buffer_clear(&top->text);
        show_text(&top->text, exe);
        return counts_add(&top->counts, buffer_bytes(&top->text), record->received);
}

static int count_unit(Top *top, const Record *record) {
        Bytes unit = record->field[record_has(record, RECORD_USER_UNIT) ? RECORD_USER_UNIT : RECORD_UNIT];

        if (!bytes_is_set(unit))
                return 0;
        buffer_clear(&top->text);
        show_text(&top->text, unit);
        return counts_add(&top->counts, buffer_bytes(&top->text), record->received);
}

static int count_command(Top *top, const Record *record) {
        const char *command = command_line_of(&top->line, record);

        return command ? counts_add(&top->counts, bytes_of_string(command), record->received) : -ENOMEM;
}

static int count_user(Top *top, const Record *record) {
        buffer_clear(&top->text);
        names_append_user(top->names, &top->text, record);
        return counts_add(&top->counts, buffer_bytes(&top->text), record->received);
}

static int count_login(Top *top, const Record *record) {
        buffer_clear(&top->text);
        names_append_login(top->names, &top->text, record);
        if (top->text.size == 0)
                buffer_append_string(&top->text, "unset");
        return counts_add(&top->counts, buffer_bytes(&top->text), record->received);
}

/* Each of several tags is counted. */
static int count_tag(Top *top, const Record *record) {
        Bytes rest = record->field[RECORD_TAG];
        int r = 0;

        while (rest.size > 0 && r >= 0) {
                const char *comma = memchr(rest.data, ',', rest.size);
                size_t n = comma ? (size_t) (comma - rest.data) : rest.size;

                buffer_clear(&top->text);
                show_text(&top->text, (Bytes){ rest.data, n });
                r = counts_add(&top->counts, buffer_bytes(&top->text), record->received);
                n += comma ? 1 : 0;
                rest.data += n;
                rest.size -= n;
        }
        return r;
}

static const Criterion criteria[] = {
        { "exe", "EXECUTABLE", RECORD_BIT(RECORD_EXE) | RECORD_BIT(RECORD_FILENAME), count_exe },
        { "command", "COMMAND", COMMAND_LINE_FIELDS, count_command },
        { "unit", "UNIT", RECORD_BIT(RECORD_UNIT) | RECORD_BIT(RECORD_USER_UNIT), count_unit },
        { "user", "USER", RECORD_BIT(RECORD_UID) | RECORD_BIT(RECORD_USER) | RECORD_BIT(RECORD_MACHINE_ID), count_user },
        { "login", "LOGIN", RECORD_BIT(RECORD_LOGINUID) | RECORD_BIT(RECORD_LOGIN_USER) | RECORD_BIT(RECORD_MACHINE_ID),
                count_login },
        { "parent", "PARENT", RECORD_BIT(RECORD_PARENT_COMM), count_value },
        { "tag", "TAG", RECORD_BIT(RECORD_TAG), count_tag },
        { "error", "ERROR", RECORD_BIT(RECORD_ERROR), count_value },
        { "container", "CONTAINER", RECORD_BIT(RECORD_CONTAINER), count_value },
};

static const Criterion *find_criterion(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(criteria); i++)
                if (!name || strcmp(criteria[i].name, name) == 0)
                        return &criteria[i];
        fprintf(stderr, "exectl: --by=%s: expected exe, command, unit, user, login, parent, tag, error or container\n", name);
        return NULL;
}

/* So many in the time that the records cover, in the unit that makes it a number of one to three digits. */
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
        (void) snprintf(text, sizeof(text), "%.1f%s", (double) n * (double) units[i].usec / (double) span, units[i].unit);
        buffer_append_string(cell, text);
}

static double share_of(const Top *top, const Count *count) {
        return top->counts.total > 0 ? 100.0 * (double) count->n / (double) top->counts.total : 0;
}

static int print_row(Top *top, Table *table, uint32_t number) {
        const Count *count = &top->counts.count[number];
        const bool utc = top->context->options->utc;
        char share[32];

        buffer_append_u64(table_cell(table, 0), count->n);
        (void) snprintf(share, sizeof(share), "%.1f%%", share_of(top, count));
        buffer_append_string(table_cell(table, 1), share);
        append_rate(table_cell(table, 2), count->n, top->counts.last - top->counts.first);
        show_time(table_cell(table, 3), count->first, utc, false);
        show_time(table_cell(table, 4), count->last, utc, false);
        buffer_append_bytes(table_cell(table, 5), string_set_bytes(&top->counts.keys, number));
        return table_end_row(table);
}

static void print_json(Top *top, uint32_t number) {
        const Count *count = &top->counts.count[number];
        JsonWriter *writer = output_json_begin(&top->context->output);

        json_string(writer, top->by->name, string_set_bytes(&top->counts.keys, number));
        json_number(writer, "count", count->n);
        json_fraction(writer, "share", share_of(top, count));
        json_number(writer, "first", count->first);
        json_number(writer, "last", count->last);
        output_json_end(&top->context->output);
}

static int print_all(Top *top) {
        const TableColumn columns[] = {
                { "COUNT", SCOLS_FL_RIGHT },
                { "SHARE", SCOLS_FL_RIGHT },
                { "RATE", SCOLS_FL_RIGHT },
                { "FIRST", 0 },
                { "LAST", 0 },
                { top->by->heading, SCOLS_FL_TRUNC },
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

static int count_all(Top *top, const Conditions *conditions) {
        _cleanup_(record_done) Record record = {};
        Query query = QUERY_OF_OPTIONS(top->context->options, conditions, top->by->fields);
        Counts *counts = &top->counts;
        int r;

        query.lines = LINES_ALL;
        query.reverse = false;
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
        names_free(top.names);
        command_line_done(&top.line);
        buffer_done(&top.text);
        return r;
}

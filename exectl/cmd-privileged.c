/* SPDX-License-Identifier: GPL-2.0-or-later */

/* exectl privileged: what gained privileges, asked for them, or ran as another user than who had logged
 * in. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "event/flags.h"
#include "names.h"
#include "print.h"
#include "record-json.h"
#include "row.h"
#include "show.h"
#include "string-set.h"
#include "table.h"
#include "util/cleanup.h"

static const char *const askers[] = { "sudo", "su", "pkexec", "doas", "run0", "systemd-run", "runuser",
        "newgrp", "sg" };

static bool is_asker(Bytes path) {
        Bytes name = show_basename(path);

        for (size_t i = 0; i < ELEMENTSOF(askers); i++)
                if (bytes_equal(name, bytes_of_string(askers[i])))
                        return true;
        return false;
}

/* Reads all values of a field from the index, each as FIELD=VALUE. */
static int read_values(sd_journal *journal, const char *field, StringSet *ret) {
        const void *data;
        size_t size;
        int r;

        r = sd_journal_query_unique(journal, field);
        if (r < 0)
                return r;
        while ((r = sd_journal_enumerate_available_unique(journal, &data, &size)) > 0)
                if (string_set_add(ret, (Bytes){ data, size }) == STRING_SET_NONE)
                        return -ENOMEM;
        return r;
}

static int add_value(sd_journal *journal, const StringSet *values, uint32_t i) {
        Bytes match = string_set_bytes(values, i);

        return sd_journal_add_match(journal, match.data, match.size);
}

/* Adds matches for all records with the field. An effective id is a field only if it is not the real one. */
static int add_any(sd_journal *journal, const char *field) {
        _cleanup_(string_set_done) StringSet values = {};
        int r, n = 0;

        r = read_values(journal, field, &values);
        if (r >= 0)
                r = sd_journal_add_disjunction(journal);
        for (uint32_t i = 0; i < values.n && r >= 0; i++, n++)
                r = add_value(journal, &values, i);
        return r < 0 ? r : n;
}

static int add_askers(sd_journal *journal) {
        _cleanup_(string_set_done) StringSet values = {};
        size_t skip = strlen("EXEC_EXE=");
        int r, n = 0;

        r = read_values(journal, "EXEC_EXE", &values);
        if (r >= 0)
                r = sd_journal_add_disjunction(journal);
        for (uint32_t i = 0; i < values.n && r >= 0; i++) {
                Bytes match = string_set_bytes(&values, i);

                if (!is_asker((Bytes){ match.data + skip, match.size - skip }))
                        continue;
                r = add_value(journal, &values, i);
                n++;
        }
        return r < 0 ? r : n;
}

static bool same_number(Bytes login, Bytes uid) {
        size_t a = strlen("EXEC_LOGINUID="), b = strlen("EXEC_UID=");

        return bytes_equal((Bytes){ login.data + a, login.size - a }, (Bytes){ uid.data + b, uid.size - b });
}

/* Adds, for each login user, matches for all records of other users. */
static int add_others(sd_journal *journal) {
        _cleanup_(string_set_done) StringSet logins = {}, uids = {};
        int r, n = 0;

        r = read_values(journal, "EXEC_LOGINUID", &logins);
        if (r >= 0)
                r = read_values(journal, "EXEC_UID", &uids);
        for (uint32_t i = 0; i < logins.n && r >= 0; i++) {
                int others = 0;

                r = sd_journal_add_disjunction(journal);
                for (uint32_t k = 0; k < uids.n && r >= 0; k++) {
                        if (same_number(string_set_bytes(&logins, i), string_set_bytes(&uids, k)))
                                continue;
                        r = add_value(journal, &uids, k);
                        others++;
                }
                if (r >= 0 && others > 0)
                        r = add_value(journal, &logins, i);
                n += others;
        }
        return r < 0 ? r : n;
}

static int narrow(sd_journal *journal, void *data) {
        static const char *const flags[] = { "EXEC_FLAG=setuid", "EXEC_FLAG=setgid", "EXEC_FLAG=filecaps" };
        int r = 0;

        (void) data;
        for (size_t i = 0; i < ELEMENTSOF(flags) && r >= 0; i++)
                r = sd_journal_add_match(journal, flags[i], 0);
        if (r >= 0)
                r = add_any(journal, "EXEC_EUID");
        if (r >= 0)
                r = add_any(journal, "EXEC_EGID");
        if (r >= 0)
                r = add_askers(journal);
        if (r >= 0)
                r = add_others(journal);
        return r < 0 ? r : 1;
}

enum {
        COLUMN_TIME,
        COLUMN_HOST,
        COLUMN_PID,
        COLUMN_LOGIN,
        COLUMN_USER,
        COLUMN_TTY,
        COLUMN_REASON,
        COLUMN_COMMAND,
        _COLUMN_MAX,
};

static const TableColumn columns[_COLUMN_MAX] = {
        [COLUMN_TIME] = { "TIME", 0, 0 },
        [COLUMN_HOST] = { "HOST", 0, 4 },
        [COLUMN_PID] = { "PID", COLUMN_RIGHT, 2 },
        [COLUMN_LOGIN] = { "LOGIN", 0, 5 },
        [COLUMN_USER] = { "USER", 0, 6 },
        [COLUMN_TTY] = { "TTY", 0, 1 },
        [COLUMN_REASON] = { "REASON", COLUMN_CUT, 3 },
        [COLUMN_COMMAND] = { "COMMAND", COLUMN_CUT, 0 },
};

typedef struct Privileged {
        Output *output;
        Names *names;
        Table *table; /* of the usual forms of the output */
        Printer *printer; /* of those that have no reason */
        CommandLine line;
        Arguments arguments;
} Privileged;

static void append_comma(Buffer *why) {
        if (why->size > 0)
                buffer_append_char(why, ',');
}

/* Appends why a record is privileged. */
static void append_reason(Buffer *why, const Record *record) {
        static const uint32_t gains = FLAG_SETUID | FLAG_SETGID | FLAG_FILECAPS;

        for (unsigned bit = 0; bit < 32; bit++)
                if (record->flags & gains & (1U << bit)) {
                        append_comma(why);
                        buffer_append_string(why, flag_name(bit));
                }
        if (!(record->flags & gains) &&
                (record_has(record, RECORD_EUID) || record_has(record, RECORD_EGID))) {
                append_comma(why);
                buffer_append_string(why, "effective");
        }
        if (record_has(record, RECORD_LOGINUID) &&
                !bytes_equal(record->field[RECORD_LOGINUID], record->field[RECORD_UID])) {
                append_comma(why);
                buffer_append_string(why, "other-user");
        }
        if (record_has(record, RECORD_EXE) && is_asker(record->field[RECORD_EXE])) {
                append_comma(why);
                buffer_append_string(why, "asks");
        }
}

static int print_row(Privileged *p, const Record *record) {
        const char *command = command_line_of(&p->line, record);
        Table *table = p->table;

        if (!command)
                return -ENOMEM;
        table_time(table, COLUMN_TIME, record_time(record));
        show_text(table_cell(table, COLUMN_HOST), record->field[RECORD_HOSTNAME]);
        show_text(table_cell(table, COLUMN_PID), record->field[RECORD_PID]);
        names_append_login(p->names, table_cell(table, COLUMN_LOGIN), record);
        names_append_user(p->names, table_cell(table, COLUMN_USER), record);
        show_text(table_cell(table, COLUMN_TTY), record->field[RECORD_TTY]);
        append_reason(table_cell(table, COLUMN_REASON), record);
        if (record_has(record, RECORD_ERROR)) {
                show_text(table_cell(table, COLUMN_COMMAND), record->field[RECORD_ERROR]);
                buffer_append_string(table_cell(table, COLUMN_COMMAND), ": ");
        }
        buffer_append_string(table_cell(table, COLUMN_COMMAND), command);
        table_style(table, COLUMN_COMMAND, row_style(record));
        return table_end_row(table);
}

static int print_json(Privileged *p, const Record *record) {
        _cleanup_(buffer_done) Buffer reason = BUFFER_NULL;
        JsonWriter *writer;

        append_reason(&reason, record);
        if (buffer_error(&reason) < 0)
                return -ENOMEM;
        writer = output_json_begin(p->output);
        json_string(writer, "reason", buffer_bytes(&reason));
        record_json_members(writer, record, &p->arguments);
        output_json_end(p->output);
        return 0;
}

static int print_record(Privileged *p, const Record *record) {
        if (options_json(p->output->options))
                return print_json(p, record);
        return p->table ? print_row(p, record) : printer_print(p->printer, record);
}

/* Creates what prints in the form of the output. */
static int prepare(Privileged *p) {
        TableColumn shown[_COLUMN_MAX];
        OutputMode mode = p->output->options->output;
        int r;

        r = names_new(p->output->options, &p->names);
        if (r < 0)
                return r;
        if (mode == OUTPUT_CAT || mode == OUTPUT_VERBOSE)
                return printer_new(p->output, true, &p->printer);
        memcpy(shown, columns, sizeof(shown));
        if (!p->output->several_hosts)
                shown[COLUMN_HOST].flags |= COLUMN_HIDDEN;
        return table_new(p->output, shown, _COLUMN_MAX, &p->table);
}

static int print_all(Context *context, Privileged *p, const Conditions *conditions) {
        _cleanup_(record_done) Record record = {};
        Query query =
                QUERY_OF_OPTIONS(context->options, conditions, RECORD_ALL & ~RECORD_BIT(RECORD_MESSAGE));
        int r, n = 0;

        if (!options_json(context->options) && context->options->output != OUTPUT_VERBOSE)
                query.fields &= ~RECORD_BIT(RECORD_EXTRA);
        query.narrow = narrow;
        r = source_start(context->source, &query);
        while (r >= 0 && !output_is_gone(p->output) && (r = source_next(context->source, &record)) > 0) {
                output_open(p->output, false);
                n = 1;
                r = print_record(p, &record);
        }
        if (r >= 0 && p->table)
                r = table_flush(p->table);
        return r < 0 ? r : n;
}

int command_run_privileged(Context *context) {
        _cleanup_(conditions_done) Conditions conditions = {};
        Privileged p = { .output = &context->output };
        int r;

        r = conditions_of_options(context->options, &conditions);
        if (r >= 0)
                r = prepare(&p);
        if (r >= 0)
                r = print_all(context, &p, &conditions);
        names_free(p.names);
        table_free(p.table);
        printer_free(p.printer);
        command_line_done(&p.line);
        arguments_done(&p.arguments);
        return r;
}

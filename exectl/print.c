/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "print.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record-json.h"
#include "table.h"

struct Printer {
        Output *output;
        Names *names;
        Table *table;
        CommandLine line;
        Arguments arguments;
        Buffer text;
};

enum {
        COLUMN_TIME,
        COLUMN_HOST,
        COLUMN_PID,
        COLUMN_USER,
        COLUMN_LOGIN,
        COLUMN_TTY,
        COLUMN_UNIT,
        COLUMN_FLAGS,
        COLUMN_COMMAND,
        _COLUMN_MAX,
};

/*
 * What is no column any more is in the other forms of the output. The names of users are never cut, because
 * different ones could look the same.
 */
static const TableColumn columns[_COLUMN_MAX] = {
        [COLUMN_TIME] = { "TIME", 0, 0 },
        [COLUMN_HOST] = { "HOST", 0, 5 },
        [COLUMN_PID] = { "PID", COLUMN_RIGHT, 6 },
        [COLUMN_USER] = { "USER", 0, 7 },
        [COLUMN_LOGIN] = { "LOGIN", 0, 3 },
        [COLUMN_TTY] = { "TTY", 0, 1 },
        [COLUMN_UNIT] = { "UNIT", COLUMN_CUT, 2 },
        [COLUMN_FLAGS] = { "FLAGS", 0, 4 },
        [COLUMN_COMMAND] = { "COMMAND", COLUMN_CUT, 0 },
};

static bool is_table(const Printer *printer) {
        const Options *options = printer->output->options;

        return !options_json(options) && (options->output == OUTPUT_SHORT || options->output == OUTPUT_FULL);
}

void printer_free(Printer *printer) {
        if (!printer)
                return;
        names_free(printer->names);
        table_free(printer->table);
        command_line_done(&printer->line);
        arguments_done(&printer->arguments);
        buffer_done(&printer->text);
        free(printer);
}

static int new_table(Printer *printer) {
        TableColumn shown[_COLUMN_MAX];

        memcpy(shown, columns, sizeof(shown));
        if (!printer->output->several_hosts)
                shown[COLUMN_HOST].flags |= COLUMN_HIDDEN;
        return table_new(printer->output, shown, _COLUMN_MAX, &printer->table);
}

int printer_new(Output *output, bool lines, Printer **ret) {
        _cleanup_(printer_freep) Printer *printer = calloc(1, sizeof(*printer));
        int r;

        if (!printer)
                return -ENOMEM;
        printer->output = output;
        r = names_new(output->options, &printer->names);
        if (r >= 0 && is_table(printer) && !lines)
                r = new_table(printer);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(printer);
        return 0;
}

uint64_t printer_fields(const Printer *printer) {
        const Options *options = printer->output->options;

        if (options_json(options) || options->output == OUTPUT_VERBOSE)
                return RECORD_ALL & ~RECORD_BIT(RECORD_MESSAGE);
        if (options->output == OUTPUT_CAT)
                return RECORD_BIT(RECORD_PID) | COMMAND_LINE_FIELDS;
        return RECORD_BIT(RECORD_TIMESTAMP) | RECORD_BIT(RECORD_PID) | NAMES_FIELDS | RECORD_BIT(RECORD_TTY) |
                ROW_FIELDS | COMMAND_LINE_FIELDS | RECORD_BIT(RECORD_ERROR) |
                (printer->output->several_hosts ? RECORD_BIT(RECORD_HOSTNAME) : 0);
}

static int print_row(Printer *printer, const Record *record) {
        const char *command = command_line_of(&printer->line, record);
        Table *table = printer->table;
        Style style = row_style(record);

        if (!command)
                return -ENOMEM;
        table_time(table, COLUMN_TIME, record_time(record));
        show_text(table_cell(table, COLUMN_HOST), record->field[RECORD_HOSTNAME]);
        show_text(table_cell(table, COLUMN_PID), record->field[RECORD_PID]);
        names_append_user(printer->names, table_cell(table, COLUMN_USER), record);
        names_append_login(printer->names, table_cell(table, COLUMN_LOGIN), record);
        show_text(table_cell(table, COLUMN_TTY), record->field[RECORD_TTY]);
        show_text(table_cell(table, COLUMN_UNIT), row_unit(record));
        show_flags(table_cell(table, COLUMN_FLAGS), record);
        if (record_has(record, RECORD_ERROR)) {
                show_text(table_cell(table, COLUMN_COMMAND), record->field[RECORD_ERROR]);
                buffer_append_string(table_cell(table, COLUMN_COMMAND), ": ");
        }
        buffer_append_string(table_cell(table, COLUMN_COMMAND), command);
        table_style(table, COLUMN_FLAGS, style);
        table_style(table, COLUMN_COMMAND, style);
        return table_end_row(table);
}

/* Prints the values of a row as a line without columns. */
static int print_short_line(Printer *printer, const Record *record) {
        const Options *options = printer->output->options;
        const char *command = command_line_of(&printer->line, record), *line;
        Buffer *text = &printer->text;
        size_t before;

        if (!command)
                return -ENOMEM;
        buffer_clear(text);
        show_time(text, record_time(record), options->utc, options->output == OUTPUT_FULL);
        buffer_append_char(text, ' ');
        if (record_has(record, RECORD_HOSTNAME)) {
                show_text(text, record->field[RECORD_HOSTNAME]);
                buffer_append_char(text, ' ');
        }
        show_text(text, record->field[RECORD_PID]);
        buffer_append_char(text, ' ');
        names_append_user(printer->names, text, record);
        if (record_has(record, RECORD_LOGINUID) &&
                !bytes_equal(record->field[RECORD_LOGINUID], record->field[RECORD_UID])) {
                buffer_append_char(text, '/');
                names_append_login(printer->names, text, record);
        }
        if (record_has(record, RECORD_TTY)) {
                buffer_append_char(text, ' ');
                show_text(text, record->field[RECORD_TTY]);
        }
        if (bytes_is_set(row_unit(record))) {
                buffer_append_char(text, ' ');
                show_text(text, row_unit(record));
        }
        buffer_append_char(text, ' ');
        before = text->size;
        show_flags(text, record);
        if (text->size > before)
                buffer_append_char(text, ' ');
        buffer_append_string(text, "| ");
        if (record_has(record, RECORD_ERROR)) {
                show_text(text, record->field[RECORD_ERROR]);
                buffer_append_string(text, ": ");
        }
        buffer_append_string(text, command);
        line = show_string(text);
        if (!line)
                return -ENOMEM;
        output_line(printer->output, line, row_style(record), true);
        return 0;
}

static int print_json(Printer *printer, const Record *record) {
        record_json_members(output_json_begin(printer->output), record, &printer->arguments);
        output_json_end(printer->output);
        return 0;
}

static int print_line(Printer *printer, Buffer *text) {
        const char *line = show_string(text);

        if (!line)
                return -ENOMEM;
        output_line(printer->output, line, STYLE_NORMAL, false);
        buffer_clear(text);
        return 0;
}

/* Prints all fields in the format of journalctl -o verbose, but quoted. */
static int print_verbose(Printer *printer, const Record *record) {
        Buffer *text = &printer->text;
        int r;

        buffer_clear(text);
        show_time(text, record_time(record), printer->output->options->utc, true);
        r = print_line(printer, text);
        for (RecordField i = 0; i < RECORD_EXTRA && r >= 0; i++) {
                if (!record_has(record, i))
                        continue;
                buffer_append_string(text, "    ");
                buffer_append_string(text, record_fields[i].name);
                buffer_append_char(text, '=');
                show_text(text, record->field[i]);
                r = print_line(printer, text);
        }
        for (size_t i = 0; i < record->n_extra && r >= 0; i++) {
                buffer_append_string(text, "    ");
                show_text(text, record->extra[i]);
                r = print_line(printer, text);
        }
        return r;
}

int printer_print(Printer *printer, const Record *record) {
        const Options *options = printer->output->options;
        const char *command;

        if (options_json(options))
                return print_json(printer, record);
        if (options->output == OUTPUT_VERBOSE)
                return print_verbose(printer, record);
        if (is_table(printer))
                return printer->table ? print_row(printer, record) : print_short_line(printer, record);

        command = command_line_of(&printer->line, record);
        if (!command)
                return -ENOMEM;
        output_line(printer->output, command, STYLE_NORMAL, false);
        return 0;
}

int printer_flush(Printer *printer) {
        return printer->table ? table_flush(printer->table) : 0;
}

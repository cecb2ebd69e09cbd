/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "show.h"
#include "util/cleanup.h"

#define COLUMNS_MAX 16
#define LOT 512

struct Table {
        Output *output;
        struct libscols_table *smartcols;
        struct libscols_column *column[COLUMNS_MAX];
        size_t n_columns, n_rows;
        bool printed; /* the heading was printed, and the widths are fixed */
        Buffer cell[COLUMNS_MAX];
        Style style[COLUMNS_MAX + 1];
};

void table_free(Table *table) {
        if (!table)
                return;
        if (table->smartcols)
                scols_unref_table(table->smartcols);
        for (size_t i = 0; i < COLUMNS_MAX; i++)
                buffer_done(&table->cell[i]);
        free(table);
}
DEFINE_POINTER_CLEANUP(Table *, table_free);

int table_new(Output *output, const TableColumn *columns, size_t n, Table **ret) {
        _cleanup_(table_freep) Table *table = calloc(1, sizeof(*table));

        if (!table || n > COLUMNS_MAX)
                return table ? -EINVAL : -ENOMEM;
        table->output = output;
        table->n_columns = n;
        table->smartcols = scols_new_table();
        if (!table->smartcols)
                return -ENOMEM;
        (void) scols_table_enable_colors(table->smartcols, output->colors);
        (void) scols_table_enable_ascii(table->smartcols, !output->utf8);
        (void) scols_table_enable_noheadings(table->smartcols, output->options->no_legend);
        (void) scols_table_set_termforce(
                table->smartcols, output->width > 0 ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
        if (output->width > 0)
                (void) scols_table_set_termwidth(table->smartcols, output->width);
        for (size_t i = 0; i < n; i++) {
                table->column[i] =
                        scols_table_new_column(table->smartcols, columns[i].name, 0, columns[i].flags);
                if (!table->column[i])
                        return -ENOMEM;
        }
        *ret = TAKE_PTR(table);
        return 0;
}

Buffer *table_cell(Table *table, size_t column) {
        return &table->cell[column];
}

void table_style(Table *table, size_t column, Style style) {
        table->style[column < table->n_columns ? column : COLUMNS_MAX] = style;
}

int table_end_row(Table *table) {
        struct libscols_line *line = scols_table_new_line(table->smartcols, NULL);
        const char *color;

        if (!line)
                return -ENOMEM;
        for (size_t i = 0; i < table->n_columns; i++) {
                const char *text = show_string(&table->cell[i]);

                if (!text || scols_line_set_data(line, i, text) != 0)
                        return -ENOMEM;
                color = output_cell_style(table->output, table->style[i]);
                if (color)
                        (void) scols_cell_set_color(scols_line_get_cell(line, i), color);
                table->style[i] = STYLE_NORMAL;
                buffer_clear(&table->cell[i]);
        }
        color = output_cell_style(table->output, table->style[COLUMNS_MAX]);
        if (color)
                (void) scols_line_set_color(line, color);
        table->style[COLUMNS_MAX] = STYLE_NORMAL;

        return ++table->n_rows == LOT ? table_flush(table) : 0;
}

/* Keeps the widths of the first lot for all others. A wider cell moves the rest of its row. */
static void fix_widths(Table *table) {
        (void) scols_table_enable_noheadings(table->smartcols, 1);
        for (size_t i = 0; i + 1 < table->n_columns; i++)
                (void) scols_column_set_whint(
                        table->column[i], (double) scols_column_get_width(table->column[i]));
}

int table_flush(Table *table) {
        int r;

        if (table->n_rows == 0)
                return 0;
        r = scols_print_table(table->smartcols);
        if (r != 0)
                return r < 0 ? r : -EIO;
        if (!table->printed)
                fix_widths(table);
        table->printed = true;
        scols_table_remove_lines(table->smartcols);
        table->n_rows = 0;
        return 0;
}

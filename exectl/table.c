/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show.h"
#include "util/cleanup.h"

#define COLUMNS_MAX 16

/* The rows that decide the widths. */
#define FIRST_ROWS 512

/* With fewer columns, the short form of the time is used. */
#define NARROW 100

typedef struct Cell {
        size_t start, size; /* in Table.text */
        size_t width; /* in columns of the output */
        Style style;
} Cell;

struct Table {
        Output *output;
        const char *name[COLUMNS_MAX];
        LayoutColumn column[COLUMNS_MAX];
        size_t n_columns, n_rows;
        bool printed; /* the heading was printed, and the widths are fixed */
        Cell *cells; /* of all rows that wait, row by row */
        Buffer text;
        Buffer cell[COLUMNS_MAX];
        Style style[COLUMNS_MAX];
};

void table_free(Table *table) {
        if (!table)
                return;
        for (size_t i = 0; i < COLUMNS_MAX; i++)
                buffer_done(&table->cell[i]);
        buffer_done(&table->text);
        free(table->cells);
        free(table);
}
DEFINE_POINTER_CLEANUP(Table *, table_free);

int table_new(Output *output, const TableColumn *columns, size_t n, Table **ret) {
        _cleanup_(table_freep) Table *table = calloc(1, sizeof(*table));

        if (!table || n > COLUMNS_MAX)
                return table ? -EINVAL : -ENOMEM;
        table->output = output;
        table->n_columns = n;
        table->cells = calloc(FIRST_ROWS * n, sizeof(*table->cells));
        if (!table->cells)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                table->name[i] = columns[i].name;
                table->column[i] = (LayoutColumn){
                        .flags = columns[i].flags,
                        .drop = columns[i].drop,
                        .wanted = output->options->no_legend ? 0 : strlen(columns[i].name),
                };
        }
        *ret = TAKE_PTR(table);
        return 0;
}

Buffer *table_cell(Table *table, size_t column) {
        return &table->cell[column];
}

void table_time(Table *table, size_t column, uint64_t usec) {
        const Output *output = table->output;
        const Options *options = output->options;

        if (output->width > 0 && output->width < NARROW && options->output != OUTPUT_FULL)
                show_time_short(&table->cell[column], usec, options->utc);
        else
                show_time(&table->cell[column], usec, options->utc, options->output == OUTPUT_FULL);
}

void table_style(Table *table, size_t column, Style style) {
        table->style[column] = style;
}

int table_end_row(Table *table) {
        Cell *row = table->cells + table->n_rows * table->n_columns;

        for (size_t i = 0; i < table->n_columns; i++) {
                Buffer *cell = &table->cell[i];

                if (buffer_error(cell) < 0)
                        return -ENOMEM;
                row[i] = (Cell){
                        .start = table->text.size,
                        .size = cell->size,
                        .width = output_text_width(table->output, cell->data, cell->size),
                        .style = table->style[i],
                };
                if (!table->printed && row[i].width > table->column[i].wanted)
                        table->column[i].wanted = row[i].width;
                buffer_append_bytes(&table->text, buffer_bytes(cell));
                buffer_clear(cell);
                table->style[i] = STYLE_NORMAL;
        }
        table->n_rows++;
        return table->printed || table->n_rows == FIRST_ROWS ? table_flush(table) : 0;
}

static void put_spaces(size_t n) {
        for (size_t i = 0; i < n; i++)
                putchar(' ');
}

/*
 * Prints a cell whose column begins at `start`. `at` is where the output is: behind `start` if a cell was
 * wider than its column. Returns where it is then.
 */
static size_t print_cell(
        const Table *table, size_t i, const char *text, const Cell *cell, size_t start, size_t at) {
        const LayoutColumn *column = &table->column[i];
        size_t limit = table->output->width > 0 ? table->output->width : SIZE_MAX;
        size_t width = cell->width, begin;

        if (table->output->width > 0 && (column->flags & COLUMN_CUT) && i + 1 < table->n_columns &&
                width > column->width)
                width = column->width;
        if (width == 0)
                return at;
        begin = start;
        if ((column->flags & COLUMN_RIGHT) && width < column->width)
                begin += column->width - width;
        if (at > 0 && begin <= at)
                begin = at + 1;
        if (begin >= limit)
                return at;
        if (width > limit - begin)
                width = limit - begin;

        put_spaces(begin - at);
        if (cell->style != STYLE_NORMAL)
                fputs(output_style(table->output, cell->style), stdout);
        output_text(table->output, text, cell->size, width);
        if (cell->style != STYLE_NORMAL)
                fputs(output_reset(table->output), stdout);
        return begin + width;
}

static void print_row(const Table *table, const Cell *row) {
        size_t start = 0, at = 0;

        for (size_t i = 0; i < table->n_columns; i++) {
                if (!table->column[i].shown)
                        continue;
                if (row)
                        at = print_cell(table, i, table->text.data + row[i].start, &row[i], start, at);
                else {
                        size_t n = strlen(table->name[i]);

                        at = print_cell(
                                table, i, table->name[i], &(Cell){ .size = n, .width = n }, start, at);
                }
                start += table->column[i].width + 1;
        }
        putchar('\n');
}

int table_flush(Table *table) {
        if (table->n_rows == 0)
                return 0;
        if (buffer_error(&table->text) < 0)
                return -ENOMEM;
        if (!table->printed) {
                layout_fit(table->column, table->n_columns, table->output->width);
                if (!table->output->options->no_legend)
                        print_row(table, NULL);
        }
        table->printed = true;
        for (size_t i = 0; i < table->n_rows; i++)
                print_row(table, table->cells + i * table->n_columns);
        buffer_clear(&table->text);
        table->n_rows = 0;
        return 0;
}

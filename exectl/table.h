/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "layout.h"
#include "output.h"
#include "util/buffer.h"

/*
 * Prints a table of any length. The first rows wait for each other, and decide the widths of the columns.
 * Each further row is printed at once, in these widths, so that the memory does not grow. A later cell that
 * is wider and is not cut moves what follows in its own row only.
 */

typedef struct TableColumn {
        const char *name;
        unsigned flags; /* COLUMN_RIGHT ... */
        unsigned drop; /* as in LayoutColumn */
} TableColumn;

typedef struct Table Table;

/* Creates a table with `n` columns, at most 16. Returns 0, -EINVAL when there are more, or -ENOMEM. */
int table_new(Output *output, const TableColumn *columns, size_t n, Table **ret);

/* Frees the table, without printing the rows that wait. */
void table_free(Table *table);

/* Returns the buffer for the cell of this column in the current row. */
Buffer *table_cell(Table *table, size_t column);

/* Appends a time to this cell: to the microsecond with -o full, and short where the output is narrow. */
void table_time(Table *table, size_t column, uint64_t usec);

/* Sets the style of this cell in the current row. */
void table_style(Table *table, size_t column, Style style);

/* Ends the current row, and prints it unless it is one of the first. Returns 0 or -ENOMEM. */
int table_end_row(Table *table);

/* Prints the rows that wait. Returns 0 or -ENOMEM. */
int table_flush(Table *table);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <libsmartcols.h>
#include <stdbool.h>
#include <stddef.h>

#include "output.h"
#include "util/buffer.h"

/*
 * Prints a table of any length by libsmartcols. The first rows are printed together, and decide the widths of
 * the columns. Further rows are printed in lots, so that the memory does not grow.
 */

typedef struct TableColumn {
        const char *name;
        int flags; /* SCOLS_FL_RIGHT, SCOLS_FL_TRUNC ... */
} TableColumn;

typedef struct Table Table;

/* Creates a table with `n` columns, at most 16. Returns 0, -EINVAL when there are more, or -ENOMEM. */
int table_new(Output *output, const TableColumn *columns, size_t n, Table **ret);

/* Frees the table, without printing the rows that wait. */
void table_free(Table *table);

/* Returns the buffer for the cell of this column in the current row. */
Buffer *table_cell(Table *table, size_t column);

/* Sets the style of this cell, or of the whole row if the column is not less than the number of columns. */
void table_style(Table *table, size_t column, Style style);

/* Ends the current row, and prints the lot if it is full. Returns 0, -ENOMEM, or another negative errno. */
int table_end_row(Table *table);

/* Prints the rows that wait. Returns 0 or a negative errno. */
int table_flush(Table *table);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <libsmartcols.h>
#include <stdbool.h>
#include <stddef.h>

#include "output.h"
#include "util/buffer.h"

/*
 * A table on the terminal, by libsmartcols, of any length: the first rows decide how wide the columns are,
 * and are printed together; those after them are printed in lots, so that the memory stays the same.
 */

typedef struct TableColumn {
        const char *name;
        int flags; /* SCOLS_FL_RIGHT, SCOLS_FL_TRUNC ... */
} TableColumn;

typedef struct Table Table;

/* At most 16 columns. 0 or -ENOMEM. */
int table_new(Output *output, const TableColumn *columns, size_t n, Table **ret);

/* Prints nothing that was not printed yet. */
void table_free(Table *table);

/* The buffer for the cell of that column in the row that is being made. */
Buffer *table_cell(Table *table, size_t column);

/* The style of that cell, or of the whole row for a column past the last. */
void table_style(Table *table, size_t column, Style style);

/* Ends the row. 0 or -ENOMEM. */
int table_end_row(Table *table);

/* Prints the rows that are waiting. */
int table_flush(Table *table);

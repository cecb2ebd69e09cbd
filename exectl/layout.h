/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Decides how wide the columns of a table are, and which of them are shown. */

typedef enum ColumnFlags {
        COLUMN_RIGHT = 1 << 0, /* aligned to the right */
        COLUMN_CUT = 1 << 1, /* it can be cut, which shows a mark, where the table is too wide */
        COLUMN_HIDDEN = 1 << 2,
} ColumnFlags;

typedef struct LayoutColumn {
        unsigned flags;
        unsigned drop; /* the column with the lowest number is left out first; 0: it never is */
        size_t wanted; /* the width of its widest cell */
        size_t width;
        bool shown;
} LayoutColumn;

/*
 * Sets `width` and `shown` of the columns, so that the table, with one space between columns, is not wider
 * than `available`; 0 means that there is no limit. First the columns are made narrower that can be cut,
 * down to a width that still says something. Then columns are left out, because a value that was cut can
 * look like another one. If not even that is enough, the last column gets what is left, which may be
 * nothing.
 */
void layout_fit(LayoutColumn *columns, size_t n, size_t available);

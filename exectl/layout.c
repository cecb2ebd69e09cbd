/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "layout.h"

/* The widths down to which columns are cut before others are left out: in the middle, and at the end. */
#define CUT_MIN 8
#define LAST_MIN 16

typedef struct Sum {
        size_t rigid; /* the columns that are not cut, and the spaces between all */
        size_t least; /* those that can be cut, when they are */
        size_t last, n_cut; /* the last column, and the number of the others that can be cut */
} Sum;

static size_t smaller(size_t a, size_t b) {
        return a < b ? a : b;
}

static Sum add_up(const LayoutColumn *columns, size_t n) {
        Sum sum = {};
        size_t n_shown = 0;

        for (size_t i = 0; i < n; i++)
                if (columns[i].shown)
                        sum.last = i;
        for (size_t i = 0; i < n; i++) {
                if (!columns[i].shown)
                        continue;
                n_shown++;
                if (!(columns[i].flags & COLUMN_CUT))
                        sum.rigid += columns[i].wanted;
                else if (i == sum.last)
                        sum.least += smaller(columns[i].wanted, LAST_MIN);
                else {
                        sum.least += smaller(columns[i].wanted, CUT_MIN);
                        sum.n_cut++;
                }
        }
        sum.rigid += n_shown > 0 ? n_shown - 1 : 0;
        return sum;
}

static bool drop_one(LayoutColumn *columns, size_t n) {
        LayoutColumn *chosen = NULL;

        for (size_t i = 0; i < n; i++)
                if (columns[i].shown && columns[i].drop > 0 && (!chosen || columns[i].drop < chosen->drop))
                        chosen = &columns[i];
        if (chosen)
                chosen->shown = false;
        return chosen;
}

/*
 * Shares out what the rigid columns leave. The last one gets the most of it, and all that others do not
 * want.
 */
static void share_out(LayoutColumn *columns, size_t n, size_t available, const Sum *sum) {
        size_t left = available > sum->rigid ? available - sum->rigid : 0;
        size_t last = columns[sum->last].flags & COLUMN_CUT ? columns[sum->last].wanted : 0;
        size_t room = left > last ? left - last : 0;
        size_t share = sum->n_cut > 0 ? 2 * left / 5 : 0;

        if (share < room)
                share = room;
        for (size_t i = 0; i < n; i++) {
                if (!columns[i].shown || !(columns[i].flags & COLUMN_CUT) || i == sum->last)
                        continue;
                columns[i].width = smaller(columns[i].wanted, share / sum->n_cut);
                left -= columns[i].width;
        }
        if (columns[sum->last].flags & COLUMN_CUT)
                columns[sum->last].width = smaller(columns[sum->last].wanted, left);
}

void layout_fit(LayoutColumn *columns, size_t n, size_t available) {
        Sum sum;

        for (size_t i = 0; i < n; i++) {
                columns[i].shown = !(columns[i].flags & COLUMN_HIDDEN);
                columns[i].width = columns[i].wanted;
        }
        if (available == 0)
                return;
        do
                sum = add_up(columns, n);
        while (sum.rigid + sum.least > available && drop_one(columns, n));
        share_out(columns, n, available, &sum);
}

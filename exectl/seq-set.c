/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "seq-set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void seq_set_begin(SeqSet *set, uint64_t first) {
        set->next = first;
}

void seq_set_done(SeqSet *set) {
        free(set->missing);
        *set = (SeqSet){};
}

static int reserve(SeqSet *set) {
        size_t n = set->n_allocated ? 2 * set->n_allocated : 16;
        SeqRange *grown;

        if (set->n_missing < set->n_allocated)
                return 0;
        grown = reallocarray(set->missing, n, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        set->missing = grown;
        set->n_allocated = n;
        return 0;
}

/* Returns the index of the first range that does not end before `seq`. */
static size_t find(const SeqSet *set, uint64_t seq) {
        size_t low = 0, high = set->n_missing;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (set->missing[middle].last < seq)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* Adds a number that was missing: its range is shortened, split, or removed. */
static int fill(SeqSet *set, uint64_t seq) {
        size_t i = find(set, seq), behind;
        SeqRange *range;

        if (i == set->n_missing || set->missing[i].first > seq)
                return 0;
        if (reserve(set) < 0)
                return -ENOMEM;
        range = set->missing + i;
        behind = set->n_missing - i - 1;
        if (range->first == range->last) {
                memmove(range, range + 1, behind * sizeof(*range));
                set->n_missing--;
        } else if (range->first == seq)
                range->first++;
        else if (range->last == seq)
                range->last--;
        else {
                memmove(range + 2, range + 1, behind * sizeof(*range));
                range[1] = (SeqRange){ seq + 1, range->last };
                range->last = seq - 1;
                set->n_missing++;
        }
        set->sum_missing--;
        set->n_seen++;
        return 1;
}

int seq_set_extend(SeqSet *set, uint64_t last) {
        SeqRange *before;

        if (last < set->next || last == UINT64_MAX)
                return 0;
        before = set->n_missing > 0 ? set->missing + set->n_missing - 1 : NULL;
        if (before && before->last + 1 == set->next)
                before->last = last;
        else {
                if (reserve(set) < 0)
                        return -ENOMEM;
                set->missing[set->n_missing++] = (SeqRange){ set->next, last };
        }
        set->sum_missing += last - set->next + 1;
        set->next = last + 1;
        return 0;
}

int seq_set_add(SeqSet *set, uint64_t seq) {
        if (seq == UINT64_MAX)
                return 0;
        if (seq < set->next)
                return fill(set, seq);
        if (seq > set->next && seq_set_extend(set, seq - 1) < 0)
                return -ENOMEM;
        set->next = seq + 1;
        set->n_seen++;
        return 1;
}

bool seq_set_missing(const SeqSet *set, uint64_t from, uint64_t to, SeqRange *ret) {
        size_t first = find(set, from), behind = find(set, to);
        uint64_t last;

        /* Of a range that contains `to`, only the numbers before `to` are used. */
        if (behind < set->n_missing && set->missing[behind].first < to)
                last = to - 1;
        else if (behind > 0)
                last = set->missing[behind - 1].last;
        else
                return false;
        if (first == set->n_missing || last < from || set->missing[first].first > last)
                return false;
        *ret = (SeqRange){ set->missing[first].first > from ? set->missing[first].first : from, last };
        return true;
}

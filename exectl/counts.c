/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "counts.h"

#include <errno.h>
#include <stdlib.h>

void counts_done(Counts *counts) {
        string_set_done(&counts->keys);
        free(counts->count);
        *counts = (Counts){};
}

int counts_add(Counts *counts, Bytes key, uint64_t time) {
        uint32_t number = string_set_add(&counts->keys, key);

        if (number == STRING_SET_NONE)
                return -ENOMEM;
        if (counts->keys.n > counts->allocated) {
                size_t n = counts->keys.allocated;
                Count *grown = reallocarray(counts->count, n, sizeof(*grown));

                if (!grown)
                        return -ENOMEM;
                counts->count = grown;
                for (size_t i = counts->allocated; i < n; i++)
                        grown[i] = (Count){ .first = UINT64_MAX };
                counts->allocated = n;
        }
        counts_add_known(counts, number, time);
        return 0;
}

void counts_add_known(Counts *counts, uint32_t number, uint64_t time) {
        Count *count = &counts->count[number];

        count->n++;
        if (time < count->first)
                count->first = time;
        if (time > count->last)
                count->last = time;
}

static int compare(const void *a, const void *b, void *data) {
        const Counts *counts = data;
        const uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

        if (counts->count[x].n != counts->count[y].n)
                return counts->count[x].n > counts->count[y].n ? -1 : 1;
        return x < y ? -1 : x > y;
}

uint32_t *counts_sort(const Counts *counts) {
        uint32_t *order = calloc(counts->keys.n + 1, sizeof(*order));

        if (!order)
                return NULL;
        for (size_t i = 0; i < counts->keys.n; i++)
                order[i] = (uint32_t) i;
        qsort_r(order, counts->keys.n, sizeof(*order), compare, (void *) counts);
        return order;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/limits.h"

#include <stdlib.h>
#include <string.h>

void limits_done(Limits *limits) {
        free(limits->list);
        *limits = (Limits){};
}

static int compare_uids(const void *a, const void *b) {
        const LimitedUser *x = a, *y = b;

        return (x->uid > y->uid) - (x->uid < y->uid);
}

/*
 * Returns how much more was dropped of a user. The kernel side forgets users who had no failures for long; of
 * those it counts from 0 again.
 */
static uint64_t grown(const Limits *before, const LimitedUser *user) {
        const LimitedUser *same = NULL;

        if (before->n > 0)
                same = bsearch(user, before->list, before->n, sizeof(*user), compare_uids);
        return user->n - (same && same->n <= user->n ? same->n : 0);
}

/* Puts a user where it belongs in a list of the largest. Returns the new size of the list. */
static size_t insert(LimitedUser list[], size_t n, size_t max, LimitedUser user) {
        size_t i = n;

        while (i > 0 && list[i - 1].n < user.n)
                i--;
        if (i >= max)
                return n;
        if (n == max)
                n--;
        memmove(&list[i + 1], &list[i], (n - i) * sizeof(*list));
        list[i] = user;
        return n + 1;
}

size_t limits_update(Limits *limits, LimitedUser *now, size_t n, LimitedUser ret[], size_t max) {
        size_t found = 0;

        for (size_t i = 0; i < n; i++) {
                uint64_t more = grown(limits, &now[i]);

                if (more > 0)
                        found = insert(ret, found, max, (LimitedUser){ .uid = now[i].uid, .n = more });
        }
        if (n > 0)
                qsort(now, n, sizeof(*now), compare_uids);
        free(limits->list);
        *limits = (Limits){ .list = now, .n = n };
        return found;
}

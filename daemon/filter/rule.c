/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "filter/rule.h"

#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

#define DIGITS "0123456789"

void rule_list_done(RuleList *list) {
        free(list->ranges);
        for (size_t i = 0; i < list->n_globs; i++)
                free(list->globs[i].text);
        free(list->globs);
        *list = (RuleList){};
}

bool rule_list_is_empty(const RuleList *list) {
        return list->n_ranges == 0 && list->n_open == 0 && list->n_globs == 0;
}

/* Parses an id of `size` digits. (uid_t) -1 means "no id", and is not a valid one. */
static int parse_id(const char *digits, size_t size, uint32_t *ret) {
        uint64_t id = 0;

        for (size_t i = 0; i < size; i++) {
                id = id * 10 + (uint64_t) (digits[i] - '0');
                if (id >= UINT32_MAX)
                        return -EINVAL;
        }

        *ret = (uint32_t) id;
        return 0;
}

static int parse_range(const char *word, IdRange *ret) {
        size_t first = strspn(word, DIGITS), last;
        uint32_t a = 0, b = 0;
        int r;

        if (word[0] == '\0')
                return -EINVAL;

        if (first > 0 && word[first] == '\0') {
                r = parse_id(word, first, &a);
                b = a;
        } else if (first > 0 && word[first] == '-' && (last = strspn(word + first + 1, DIGITS)) > 0 &&
                word[first + 1 + last] == '\0') {
                r = parse_id(word, first, &a);
                if (r >= 0)
                        r = parse_id(word + first + 1, last, &b);
        } else
                return -ENOENT;
        if (r < 0)
                return r;
        if (a > b || b == UINT32_MAX)
                return -EINVAL;

        *ret = (IdRange){ .first = a, .last = b };
        return 0;
}

static int add_range(RuleList *list, IdRange range) {
        IdRange *ranges;

        ranges = reallocarray(list->ranges, list->n_ranges + 1, sizeof(*ranges));
        if (!ranges)
                return -ENOMEM;
        list->ranges = ranges;
        list->ranges[list->n_ranges++] = range;
        return 0;
}

int rule_list_add_ids(RuleList *list, const char *word) {
        IdRange range;
        int r;

        r = parse_range(word, &range);
        return r < 0 ? r : add_range(list, range);
}

int rule_list_add_id(RuleList *list, uint32_t id) {
        return add_range(list, (IdRange){ .first = id, .last = id });
}

int rule_list_add_glob(RuleList *list, const char *glob) {
        _cleanup_free_ char *copy = NULL;
        Glob *globs;

        if (glob[0] == '\0')
                return -EINVAL;

        copy = strdup(glob);
        if (!copy)
                return -ENOMEM;
        globs = reallocarray(list->globs, list->n_globs + 1, sizeof(*globs));
        if (!globs)
                return -ENOMEM;
        list->globs = globs;
        glob_init(&list->globs[list->n_globs++], TAKE_PTR(copy));
        return 0;
}

static int compare_ranges(const void *a, const void *b) {
        const IdRange *x = a, *y = b;

        return x->first < y->first ? -1 : x->first > y->first;
}

int rule_list_merge_ids(const RuleList *list, IdRange *ret, size_t max, size_t *ret_n) {
        _cleanup_free_ IdRange *sorted = NULL;
        size_t n = 0;

        if (list->n_ranges > 0) {
                sorted = reallocarray(NULL, list->n_ranges, sizeof(*sorted));
                if (!sorted)
                        return -ENOMEM;
                memcpy(sorted, list->ranges, list->n_ranges * sizeof(*sorted));
                qsort(sorted, list->n_ranges, sizeof(*sorted), compare_ranges);
        }

        for (size_t i = 0; i < list->n_ranges; i++)
                if (n > 0 && sorted[i].first <= sorted[n - 1].last + 1ULL) {
                        if (sorted[i].last > sorted[n - 1].last)
                                sorted[n - 1].last = sorted[i].last;
                } else
                        sorted[n++] = sorted[i];
        if (n > max)
                return -E2BIG;
        if (n > 0)
                memcpy(ret, sorted, n * sizeof(*sorted));
        *ret_n = n;
        return 0;
}

bool rule_list_equal(const RuleList *a, const RuleList *b) {
        if (a->n_ranges != b->n_ranges || a->n_open != b->n_open || a->n_globs != b->n_globs)
                return false;
        for (size_t i = 0; i < a->n_ranges; i++)
                if (a->ranges[i].first != b->ranges[i].first || a->ranges[i].last != b->ranges[i].last)
                        return false;
        for (size_t i = 0; i < a->n_globs; i++)
                if (strcmp(a->globs[i].text, b->globs[i].text) != 0)
                        return false;
        return true;
}

bool rule_list_match_id(const RuleList *list, uint32_t id) {
        for (size_t i = 0; i < list->n_ranges; i++)
                if (id >= list->ranges[i].first && id <= list->ranges[i].last)
                        return true;
        return false;
}

bool rule_list_match_text(const RuleList *list, Bytes text) {
        if (!bytes_is_set(text))
                return false;
        for (size_t i = 0; i < list->n_globs; i++)
                if (glob_apply(&list->globs[i], text))
                        return true;
        return false;
}

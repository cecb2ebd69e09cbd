/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "enrich/redact-pattern.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define DIGITS "0123456789"

/* A part of an expression: what it costs, and how many groups and repetitions are in each other in it. */
typedef struct Part {
        uint64_t cost;
        unsigned depth;
} Part;

/* What there is of a group so far; a repetition concerns its last part alone. */
typedef struct Group {
        Part before;
        Part last;
} Group;

typedef struct Sum {
        Group groups[PATTERN_DEPTH_MAX + 1];
        size_t depth;
} Sum;

/* The last character of the bracket expression at `p`; of the pattern, where it does not end. */
static const char *bracket_end(const char *p) {
        p++;
        if (*p == '^')
                p++;
        if (*p == ']')
                p++;
        while (*p && *p != ']') {
                /* "[:alpha:]", "[.x.]", "[=x=]": a "]" may be in the middle. */
                if (p[0] == '[' && p[1] && strchr(".:=", p[1])) {
                        const char end[] = { p[1], ']', '\0' }, *found = strstr(p + 2, end);

                        if (!found)
                                return p + strlen(p) - 1;
                        p = found + 2;
                } else
                        p++;
        }
        return *p ? p : p - 1;
}

static uint64_t read_count(const char **p) {
        uint64_t count = 0;

        for (; **p && strchr(DIGITS, **p); (*p)++)
                if (count <= PATTERN_COST_MAX)
                        count = count * 10 + (uint64_t) (**p - '0');
        return count;
}

/* How many copies "{2,5}" at `*p` asks for. *p moves to its last character; 0: it is none, *p stays. */
static uint64_t read_interval(const char **p) {
        const char *end = *p + 1;
        uint64_t least = read_count(&end), most = least;

        if (*end == ',') {
                end++;
                most = *end == '}' ? least + 1 : read_count(&end);
        }
        if (*end != '}')
                return 0;
        *p = end;
        return most > least ? most : least + 1;
}

static Part group_whole(const Group *group) {
        return (Part){
                .cost = group->before.cost + group->last.cost,
                .depth = group->before.depth > group->last.depth ? group->before.depth : group->last.depth,
        };
}

static void sum_add(Sum *sum, Part part) {
        Group *group = &sum->groups[sum->depth];

        group->before = group_whole(group);
        group->last = part;
}

static void sum_add_one(Sum *sum) {
        sum_add(sum, (Part){ .cost = 1 });
}

static void sum_repeat(Sum *sum, uint64_t times) {
        Part *last = &sum->groups[sum->depth].last;

        last->cost = (last->cost + 1) * times;
        last->depth++;
}

static void sum_close(Sum *sum) {
        Part whole = group_whole(&sum->groups[sum->depth--]);

        sum_add(sum, (Part){ .cost = whole.cost + 2, .depth = whole.depth + 1 });
}

/* Takes what begins at `p` into the sum; returns its last character. */
static const char *sum_take(Sum *sum, const char *p) {
        uint64_t times;

        switch (*p) {
        case '(':
                sum->groups[++sum->depth] = (Group){};
                return p;
        case ')':
                if (sum->depth > 0)
                        sum_close(sum);
                else
                        sum_add_one(sum);
                return p;
        case '*':
        case '?':
                sum_repeat(sum, 1);
                return p;
        case '+':
                sum_repeat(sum, 2);
                return p;
        case '{':
                times = read_interval(&p);
                if (times > 0)
                        sum_repeat(sum, times);
                else
                        sum_add_one(sum);
                return p;
        case '[':
                sum_add_one(sum);
                return bracket_end(p);
        case '\\':
                sum_add_one(sum);
                return p[1] ? p + 1 : p;
        default: /* "|" among them, which what is repeated ends at, too */
                sum_add_one(sum);
                return p;
        }
}

const char *pattern_refuse(const char *pattern) {
        Sum sum = {};

        for (const char *p = pattern; *p; p++) {
                Part whole;

                if (p[0] == '\\' && p[1] >= '1' && p[1] <= '9')
                        return "back-references are not supported";
                if (*p == '(' && sum.depth == PATTERN_DEPTH_MAX)
                        return "too many groups and repetitions in each other";
                p = sum_take(&sum, p);
                whole = group_whole(&sum.groups[sum.depth]);
                if (whole.cost > PATTERN_COST_MAX)
                        return "too long, with all its repetitions";
                if (whole.depth > PATTERN_DEPTH_MAX)
                        return "too many groups and repetitions in each other";
        }
        return NULL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "redact/pattern.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define DIGITS "0123456789"
#define ANCHOR_ESCAPES "bB<>`'" /* "\b" and the like, of GNU */

/*
 * A part of an expression. What can be passed with nothing read has a weight, for what regcomp(3) does with a run of
 * it: its time grows with the cube of the run's length, and doubles with each anchor, each choice between two ways to
 * read nothing, and more than that where one can go round in circles on which nothing is read.
 */
typedef struct Part {
        uint64_t cost;
        unsigned depth; /* groups and repetitions in each other */
        bool passable; /* it matches the empty text */
        uint64_t heaviest; /* of the runs in it */
        uint64_t open; /* of the run at its end, which may go on in the next part */
} Part;

#define WEIGHT_FORK 32U
#define WEIGHT_CIRCLE (2 * WEIGHT_FORK)

#define PART_EMPTY ((Part){ .passable = true })

/* What there is of a group so far: alternatives, then the parts of the one that is open. A repetition concerns the last
 * part alone. */
typedef struct Group {
        Part alternatives;
        bool has_alternatives;
        Part before;
        Part last;
} Group;

#define GROUP_EMPTY ((Group){ .before = PART_EMPTY, .last = PART_EMPTY })

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

/* How often a part is repeated. */
typedef struct Interval {
        uint64_t least, most; /* most: of no use where it is endless */
        bool endless;
} Interval;

/* Reads "{2,5}" at `*p`, which moves to its last character. False: there is none, *p stays. */
static bool read_interval(const char **p, Interval *ret) {
        const char *end = *p + 1;
        Interval interval = {};

        interval.least = interval.most = read_count(&end);
        if (*end == ',') {
                end++;
                interval.endless = *end == '}';
                interval.most = read_count(&end);
        }
        if (*end != '}')
                return false;
        if (interval.most < interval.least)
                interval.most = interval.least;
        *p = end;
        *ret = interval;
        return true;
}

static uint64_t max_u64(uint64_t a, uint64_t b) {
        return a > b ? a : b;
}

/* One behind the other. */
static Part part_join(Part a, Part b) {
        uint64_t joined = a.open + b.heaviest;

        return (Part){
                .cost = a.cost + b.cost,
                .depth = a.depth > b.depth ? a.depth : b.depth,
                .passable = a.passable && b.passable,
                .heaviest = max_u64(a.heaviest, joined),
                .open = b.passable ? joined : b.open,
        };
}

/* One or the other. */
static Part part_choose(Part a, Part b) {
        uint64_t heaviest = max_u64(a.heaviest, b.heaviest);

        if (a.passable && b.passable)
                heaviest = a.heaviest + b.heaviest + WEIGHT_FORK;
        return (Part){
                .cost = a.cost + b.cost,
                .depth = a.depth > b.depth ? a.depth : b.depth,
                .passable = a.passable || b.passable,
                .heaviest = heaviest,
                .open = heaviest,
        };
}

/* regcomp(3) makes a copy for each time that is asked for, the endless rest being one more. */
static Part part_repeat(Part part, Interval interval) {
        uint64_t copies = interval.endless ? interval.least + 1 : max_u64(interval.most, 1), heaviest;

        if (part.passable) {
                heaviest = copies * (part.heaviest + 1);
                if (interval.endless)
                        heaviest += heaviest + WEIGHT_CIRCLE;
                else
                        heaviest += (interval.most - interval.least) * WEIGHT_FORK;
        } else
                heaviest = part.open + part.heaviest + (interval.least == 0);

        return (Part){
                .cost = (part.cost + 1) * copies,
                .depth = part.depth + 1,
                .passable = part.passable || interval.least == 0,
                .heaviest = heaviest,
                .open = heaviest,
        };
}

static Part group_whole(const Group *group) {
        Part branch = part_join(group->before, group->last);

        return group->has_alternatives ? part_choose(group->alternatives, branch) : branch;
}

static void sum_add(Sum *sum, Part part) {
        Group *group = &sum->groups[sum->depth];

        group->before = part_join(group->before, group->last);
        group->last = part;
}

/* A character or a set of them. */
static void sum_add_one(Sum *sum) {
        sum_add(sum, (Part){ .cost = 1 });
}

/* What is true of a place and reads nothing: "^", "\b". */
static void sum_add_anchor(Sum *sum) {
        sum_add(sum, (Part){ .cost = 1, .passable = true, .heaviest = WEIGHT_FORK, .open = WEIGHT_FORK });
}

static void sum_repeat(Sum *sum, Interval interval) {
        Part *last = &sum->groups[sum->depth].last;

        *last = part_repeat(*last, interval);
}

static void sum_open(Sum *sum) {
        sum->groups[++sum->depth] = GROUP_EMPTY;
}

static void sum_close(Sum *sum) {
        Part whole = group_whole(&sum->groups[sum->depth--]);

        whole.cost += 2;
        whole.depth++;
        if (whole.passable && whole.heaviest == 0)
                whole.heaviest = whole.open = 1;
        sum_add(sum, whole);
}

static void sum_choose(Sum *sum) {
        Group *group = &sum->groups[sum->depth];
        Part alternatives = group_whole(group);

        alternatives.cost++;
        *group = GROUP_EMPTY;
        group->alternatives = alternatives;
        group->has_alternatives = true;
}

/* Takes what begins at `p` into the sum; returns its last character. */
static const char *sum_take(Sum *sum, const char *p) {
        Interval interval = {};

        switch (*p) {
        case '(':
                sum_open(sum);
                return p;
        case ')':
                if (sum->depth > 0)
                        sum_close(sum);
                else
                        sum_add_one(sum);
                return p;
        case '|':
                sum_choose(sum);
                return p;
        case '*':
                sum_repeat(sum, (Interval){ .endless = true });
                return p;
        case '?':
                sum_repeat(sum, (Interval){ .most = 1 });
                return p;
        case '+':
                sum_repeat(sum, (Interval){ .least = 1, .endless = true });
                return p;
        case '{':
                if (read_interval(&p, &interval))
                        sum_repeat(sum, interval);
                else
                        sum_add_one(sum);
                return p;
        case '^':
        case '$':
                sum_add_anchor(sum);
                return p;
        case '[':
                sum_add_one(sum);
                return bracket_end(p);
        case '\\':
                if (p[1] && strchr(ANCHOR_ESCAPES, p[1]))
                        sum_add_anchor(sum);
                else
                        sum_add_one(sum);
                return p[1] ? p + 1 : p;
        default:
                sum_add_one(sum);
                return p;
        }
}

const char *pattern_refuse(const char *pattern) {
        Sum sum = { .groups = { GROUP_EMPTY } };

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
                if (whole.heaviest > PATTERN_WEIGHT_MAX)
                        return "too much in a row that matches the empty text";
        }
        return NULL;
}

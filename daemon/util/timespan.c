/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "util/timespan.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "util/cleanup.h"

/* The mean lengths that systemd.time(7) gives. */
#define USEC_PER_MONTH (UINT64_C(2629800) * USEC_PER_SEC)
#define USEC_PER_YEAR (UINT64_C(31557600) * USEC_PER_SEC)

static const struct {
        const char *name;
        uint64_t usec;
} units[] = {
        { "usec", 1 },
        { "us", 1 },
        { "\xc2\xb5s", 1 }, /* with the micro sign, and with the letter mu */
        { "\xce\xbcs", 1 },
        { "msec", 1000 },
        { "ms", 1000 },
        { "seconds", USEC_PER_SEC },
        { "second", USEC_PER_SEC },
        { "sec", USEC_PER_SEC },
        { "s", USEC_PER_SEC },
        { "minutes", USEC_PER_MINUTE },
        { "minute", USEC_PER_MINUTE },
        { "min", USEC_PER_MINUTE },
        { "m", USEC_PER_MINUTE },
        { "hours", USEC_PER_HOUR },
        { "hour", USEC_PER_HOUR },
        { "hr", USEC_PER_HOUR },
        { "h", USEC_PER_HOUR },
        { "days", USEC_PER_DAY },
        { "day", USEC_PER_DAY },
        { "d", USEC_PER_DAY },
        { "weeks", 7 * USEC_PER_DAY },
        { "week", 7 * USEC_PER_DAY },
        { "w", 7 * USEC_PER_DAY },
        { "months", USEC_PER_MONTH },
        { "month", USEC_PER_MONTH },
        { "M", USEC_PER_MONTH },
        { "years", USEC_PER_YEAR },
        { "year", USEC_PER_YEAR },
        { "y", USEC_PER_YEAR },
};

static bool is_digit(char c) {
        return c >= '0' && c <= '9';
}

static void skip_space(const char **p) {
        *p += strspn(*p, " \t");
}

/* Reads a unit. Without letters the unit is a second. Returns false when there is no such unit. */
static bool take_unit(const char **p, uint64_t *ret) {
        size_t size = strcspn(*p, " \t0123456789.");

        *ret = USEC_PER_SEC;
        for (size_t i = 0; size > 0; i++) {
                if (i == ELEMENTSOF(units))
                        return false;
                if (strlen(units[i].name) != size || strncmp(*p, units[i].name, size) != 0)
                        continue;
                *ret = units[i].usec;
                *p += size;
                return true;
        }
        return true;
}

/* Adds the digits after the point, each of which counts a tenth of the one before it. */
static int add_fraction(const char *digits, uint64_t unit, uint64_t *sum) {
        for (; is_digit(*digits); digits++) {
                unit /= 10;
                if (__builtin_add_overflow(*sum, (uint64_t) (*digits - '0') * unit, sum))
                        return -ERANGE;
        }
        return 0;
}

/* Reads one number and its unit, and moves *p after them. */
static int take_part(const char **p, uint64_t *sum) {
        const char *fraction = "";
        uint64_t number = 0, unit;
        bool overflow = false;

        if (!is_digit(**p) && !(**p == '.' && is_digit((*p)[1])))
                return -EINVAL;
        for (; is_digit(**p); (*p)++)
                overflow |= __builtin_mul_overflow(number, UINT64_C(10), &number) ||
                        __builtin_add_overflow(number, (uint64_t) (**p - '0'), &number);
        if (**p == '.') {
                fraction = ++(*p);
                if (!is_digit(*fraction))
                        return -EINVAL;
                *p += strspn(*p, "0123456789");
        }
        skip_space(p);
        if (!take_unit(p, &unit))
                return -EINVAL;
        if (overflow || __builtin_mul_overflow(number, unit, &number) ||
                __builtin_add_overflow(*sum, number, sum))
                return -ERANGE;
        return add_fraction(fraction, unit, sum);
}

int timespan_parse(const char *value, uint64_t *ret) {
        uint64_t sum = 0;
        int r, range = 0;

        skip_space(&value);
        do {
                r = take_part(&value, &sum);
                if (r == -ERANGE)
                        range = r; /* the rest may still make it invalid */
                else if (r < 0)
                        return r;
                skip_space(&value);
        } while (*value != '\0');
        if (range < 0)
                return range;
        *ret = sum;
        return 0;
}

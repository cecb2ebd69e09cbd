/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "time-span.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "util/cleanup.h"

/* The mean lengths in systemd.time(7). */
#define USEC_PER_MONTH (UINT64_C(2629800) * USEC_PER_SEC)
#define USEC_PER_YEAR (UINT64_C(31557600) * USEC_PER_SEC)

typedef struct Unit {
        const char *name;
        uint64_t usec;
} Unit;

/* Longer names come first, because the first one that the text begins with is used. */
static const Unit units[] = {
        { "seconds", USEC_PER_SEC },
        { "second", USEC_PER_SEC },
        { "sec", USEC_PER_SEC },
        { "s", USEC_PER_SEC },
        { "minutes", USEC_PER_MINUTE },
        { "minute", USEC_PER_MINUTE },
        { "min", USEC_PER_MINUTE },
        { "months", USEC_PER_MONTH },
        { "month", USEC_PER_MONTH },
        { "msec", UINT64_C(1000) },
        { "ms", UINT64_C(1000) },
        { "m", USEC_PER_MINUTE },
        { "M", USEC_PER_MONTH },
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
        { "years", USEC_PER_YEAR },
        { "year", USEC_PER_YEAR },
        { "y", USEC_PER_YEAR },
        { "usec", 1 },
        { "us", 1 },
        { "µs", 1 },
        { "μs", 1 },
};

static const char *skip_space(const char *p) {
        return p + strspn(p, " \t\n\r");
}

static uint64_t read_unit(const char **p) {
        for (size_t i = 0; i < ELEMENTSOF(units); i++) {
                size_t n = strlen(units[i].name);

                if (strncmp(*p, units[i].name, n) == 0 && !isalpha((unsigned char) (*p)[n])) {
                        *p += n;
                        return units[i].usec;
                }
        }
        return 0;
}

/*
 * Reads the digits after the point. Returns their value, and sets *scale to the power of ten by which it is
 * divided, which is at most a million. Further digits are ignored.
 */
static uint64_t read_fraction(const char **p, uint64_t *scale) {
        uint64_t value = 0;

        *scale = 1;
        for (; isdigit((unsigned char) **p); (*p)++)
                if (*scale < UINT64_C(1000000)) {
                        value = value * 10 + (uint64_t) (**p - '0');
                        *scale *= 10;
                }
        return value;
}

/* Reads a number and its unit. Returns 0 and sets *ret to microseconds, or -EINVAL or -ERANGE. */
static int read_component(const char **p, uint64_t *ret) {
        uint64_t whole = 0, fraction = 0, scale = 1, unit, usec;
        const char *start = *p;
        bool digits;

        for (; isdigit((unsigned char) **p); (*p)++)
                if (__builtin_mul_overflow(whole, 10, &whole) ||
                        __builtin_add_overflow(whole, (uint64_t) (**p - '0'), &whole))
                        return -ERANGE;
        digits = *p > start;
        if (**p == '.') {
                const char *point = ++*p;

                fraction = read_fraction(p, &scale);
                digits = digits || *p > point;
        }
        if (!digits)
                return -EINVAL;

        *p = skip_space(*p);
        unit = read_unit(p);
        if (unit == 0) {
                if (**p != '\0' && !isdigit((unsigned char) **p))
                        return -EINVAL;
                unit = USEC_PER_SEC;
        }
        if (__builtin_mul_overflow(whole, unit, &usec))
                return -ERANGE;
        /*
         * It is computed in two parts, neither of which overflows, because the fraction is less than its
         * scale, which is at most a million.
         */
        fraction = fraction * (unit / scale) + fraction * (unit % scale) / scale;
        return __builtin_add_overflow(usec, fraction, ret) ? -ERANGE : 0;
}

int time_span_parse(const char *text, uint64_t *ret) {
        const char *p = skip_space(text);
        uint64_t sum = 0;

        if (*p == '\0')
                return -EINVAL;
        while (*p != '\0') {
                uint64_t part;
                int r;

                r = read_component(&p, &part);
                if (r < 0)
                        return r;
                if (__builtin_add_overflow(sum, part, &sum) || sum == USEC_UNSET)
                        return -ERANGE;
                p = skip_space(p);
        }

        *ret = sum;
        return 0;
}

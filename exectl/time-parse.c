/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "time-parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/timespan.h"

#define TEXT_SIZE_MAX 128

/* The time zone after a time: none (local time), UTC or an offset, or a name. */
typedef struct Zone {
        bool utc;
        int offset_s;
        const char *name;
} Zone;

static const char *const weekdays[] = {
        "Sunday",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
};

/*
 * Takes a weekday or its first three letters, and the spaces after it. Returns the day (Sunday is 0), or -1.
 */
static int read_weekday(char **p) {
        for (size_t i = 0; i < ELEMENTSOF(weekdays); i++) {
                size_t lengths[] = { strlen(weekdays[i]), 3 };

                for (size_t k = 0; k < ELEMENTSOF(lengths); k++)
                        if (strncasecmp(*p, weekdays[i], lengths[k]) == 0 && (*p)[lengths[k]] == ' ') {
                                *p += lengths[k];
                                *p += strspn(*p, " ");
                                return (int) i;
                        }
        }
        return -1;
}

static bool zone_exists(const char *name) {
        char path[256];

        if (name[0] == '/' || strstr(name, ".."))
                return false;
        (void) snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
        return access(path, R_OK) == 0;
}

/* Removes an offset such as +01:00, +0100 or +01 from the end of the text, where it must follow a digit. */
static bool cut_offset(char *text, Zone *zone) {
        size_t n = strlen(text);
        unsigned hours, minutes = 0;
        const char *sign;
        int end = 0;

        sign = strrchr(text, '+');
        if (!sign && n > 6 && strchr(text, ':') && strrchr(text, '-') > strchr(text, ':'))
                sign = strrchr(text, '-');
        if (!sign || sign == text || !isdigit((unsigned char) sign[-1]))
                return false;
        if (!((sscanf(sign + 1, "%2u:%2u%n", &hours, &minutes, &end) == 2 && sign[1 + end] == '\0' &&
                      end == 5) ||
                    (sscanf(sign + 1, "%2u%2u%n", &hours, &minutes, &end) == 2 && sign[1 + end] == '\0' &&
                            end == 4) ||
                    (sscanf(sign + 1, "%2u%n", &hours, &end) == 1 && sign[1 + end] == '\0' && end == 2)))
                return false;
        if (hours > 14 || minutes > 59)
                return false;

        zone->utc = true;
        zone->offset_s = (int) (hours * 3600 + minutes * 60) * (*sign == '-' ? -1 : 1);
        text[sign - text] = '\0';
        return true;
}

/* Removes the zone from the end of the text. */
static void cut_zone(char *text, Zone *zone) {
        char *space = strrchr(text, ' ');
        size_t n = strlen(text);

        *zone = (Zone){};
        if (n > 1 && text[n - 1] == 'Z' && isdigit((unsigned char) text[n - 2])) {
                zone->utc = true;
                text[n - 1] = '\0';
                return;
        }
        if (cut_offset(text, zone) || !space)
                return;

        if (strcmp(space + 1, "UTC") == 0)
                zone->utc = true;
        else if (isalpha((unsigned char) space[1]) && zone_exists(space + 1))
                zone->name = space + 1;
        else {
                tzset();
                /* The abbreviation of the local zone, which journalctl prints. */
                if (strcmp(space + 1, tzname[0]) != 0 && strcmp(space + 1, tzname[1]) != 0)
                        return;
        }
        *space = '\0';
}

static void split_time(time_t t, const Zone *zone, struct tm *ret) {
        if (zone->utc) {
                t += zone->offset_s;
                (void) gmtime_r(&t, ret);
        } else
                (void) localtime_r(&t, ret);
}

static time_t join_time(struct tm *tm, const Zone *zone) {
        return zone->utc ? timegm(tm) - zone->offset_s : mktime(tm);
}

/* Reads the fraction after the seconds (".123456") as microseconds. Returns 0 or -EINVAL. */
static int read_fraction(const char *p, uint64_t *ret) {
        uint64_t usec = 0, digit = USEC_PER_SEC / 10;

        if (*p == '\0') {
                *ret = 0;
                return 0;
        }
        if (*p++ != '.' || !isdigit((unsigned char) *p))
                return -EINVAL;
        for (; isdigit((unsigned char) *p); p++, digit /= 10)
                usec += (uint64_t) (*p - '0') * digit;
        *ret = usec;
        return *p == '\0' ? 0 : -EINVAL;
}

/*
 * Reads the whole text in a format of systemd.time(7). Fields that the text does not have are those of `tm`.
 */
static int read_calendar(const char *text, struct tm *tm, uint64_t *ret_fraction) {
        static const struct {
                const char *format;
                bool seconds, clock, day;
        } formats[] = {
                { "%y-%m-%d %H:%M:%S", true, true, true },
                { "%Y-%m-%d %H:%M:%S", true, true, true },
                { "%Y-%m-%dT%H:%M:%S", true, true, true },
                { "%y-%m-%d %H:%M", false, true, true },
                { "%Y-%m-%d %H:%M", false, true, true },
                { "%Y-%m-%dT%H:%M", false, true, true },
                { "%y-%m-%d", false, false, true },
                { "%Y-%m-%d", false, false, true },
                { "%H:%M:%S", true, true, false },
                { "%H:%M", false, true, false },
        };

        for (size_t i = 0; i < ELEMENTSOF(formats); i++) {
                struct tm copy = *tm;
                const char *rest = strptime(text, formats[i].format, &copy);

                if (!rest || (*rest != '\0' && !(formats[i].seconds && *rest == '.')))
                        continue;
                if (formats[i].seconds && read_fraction(rest, ret_fraction) < 0)
                        continue;
                if (!formats[i].seconds)
                        copy.tm_sec = 0;
                if (!formats[i].clock)
                        copy.tm_hour = copy.tm_min = 0;
                *tm = copy;
                return 0;
        }
        return -EINVAL;
}

/*
 * Reads "today", "yesterday" or "tomorrow". Returns 0 and sets *ret to the number of days from now, or
 * -EINVAL.
 */
static int read_day(const char *text, int *ret) {
        if (strcmp(text, "today") == 0)
                *ret = 0;
        else if (strcmp(text, "yesterday") == 0)
                *ret = -1;
        else if (strcmp(text, "tomorrow") == 0)
                *ret = 1;
        else
                return -EINVAL;
        return 0;
}

static int parse_absolute(char *text, const Zone *zone, uint64_t now, uint64_t *ret) {
        uint64_t fraction = 0;
        struct tm tm, wanted;
        int weekday, days;
        time_t t;

        weekday = read_weekday(&text);
        split_time((time_t) (now / USEC_PER_SEC), zone, &tm);
        tm.tm_isdst = -1;
        if (weekday < 0 && read_day(text, &days) == 0) {
                tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
                tm.tm_mday += days;
        } else if (read_calendar(text, &tm, &fraction) < 0)
                return -EINVAL;

        wanted = tm;
        t = join_time(&tm, zone);
        /* The day may not exist in that month, and the weekday may be wrong. */
        if ((weekday >= 0 || read_day(text, &days) < 0) && tm.tm_mday != wanted.tm_mday)
                return -EINVAL;
        if (weekday >= 0 && tm.tm_wday != weekday)
                return -EINVAL;
        if (t < 0 || (uint64_t) t > UINT64_MAX / USEC_PER_SEC - 1)
                return -ERANGE;
        *ret = (uint64_t) t * USEC_PER_SEC + fraction;
        return 0;
}

/* Parses a time in the zone, for which TZ has to be set, because the C library has no other way. */
static int parse_in_zone(char *text, const Zone *zone, uint64_t now, uint64_t *ret) {
        _cleanup_free_ char *before = NULL;
        char name[TEXT_SIZE_MAX + 1];
        const char *set;
        int r;

        if (!zone->name)
                return parse_absolute(text, zone, now, ret);

        set = getenv("TZ");
        if (set) {
                before = strdup(set);
                if (!before)
                        return -ENOMEM;
        }
        (void) snprintf(name, sizeof(name), ":%s", zone->name);
        if (setenv("TZ", name, 1) < 0)
                return -errno;
        tzset();
        r = parse_absolute(text, zone, now, ret);
        if (before)
                (void) setenv("TZ", before, 1);
        else
                (void) unsetenv("TZ");
        tzset();
        return r;
}

static int shift(uint64_t now, const char *span, bool back, uint64_t *ret) {
        uint64_t usec;
        int r;

        r = timespan_parse(span, &usec);
        if (r < 0)
                return r;
        if (back ? usec > now : usec >= USEC_UNSET - now)
                return -ERANGE;
        *ret = back ? now - usec : now + usec;
        return 0;
}

static bool cut_suffix(char *text, const char *suffix) {
        size_t n = strlen(text), m = strlen(suffix);

        if (n <= m || strcmp(text + n - m, suffix) != 0)
                return false;
        text[n - m] = '\0';
        return true;
}

int time_parse(const char *text, uint64_t now, uint64_t *ret) {
        char copy[TEXT_SIZE_MAX];
        size_t n;
        Zone zone;

        text += strspn(text, " ");
        n = strlen(text);
        if (n >= sizeof(copy))
                return -EINVAL;
        memcpy(copy, text, n + 1);
        while (n > 0 && copy[n - 1] == ' ')
                copy[--n] = '\0';

        if (strcmp(copy, "now") == 0) {
                *ret = now;
                return 0;
        }
        if (copy[0] == '+' || copy[0] == '-')
                return shift(now, copy + 1, copy[0] == '-', ret);
        if (copy[0] == '@')
                return isdigit((unsigned char) copy[1]) && strspn(copy + 1, "0123456789.") == n - 1
                        ? shift(0, copy + 1, false, ret)
                        : -EINVAL;
        if (cut_suffix(copy, " ago"))
                return shift(now, copy, true, ret);
        if (cut_suffix(copy, " left"))
                return shift(now, copy, false, ret);

        cut_zone(copy, &zone);
        return parse_in_zone(copy, &zone, now, ret);
}

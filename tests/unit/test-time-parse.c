/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "time-parse.h"
#include "util/cleanup.h"
#include "util/timespan.h"

/* Monday 2026-11-23 10:20:30.5 UTC */
#define NOW UINT64_C(1795429230500000)
#define SEC UINT64_C(1000000)

static void test_spans(void **state) {
        static const struct {
                const char *text;
                uint64_t usec;
        } cases[] = {
                { "1", SEC },
                { "1s", SEC },
                { "2.5s", 2500000 },
                { ".5", 500000 },
                { "1h 30min", 5400 * SEC },
                { "1h30min", 5400 * SEC },
                { " 2 days ", 172800 * SEC },
                { "3w", 1814400 * SEC },
                { "1M", 2629800 * SEC },
                { "1month", 2629800 * SEC },
                { "1m", 60 * SEC },
                { "1y", UINT64_C(31557600) * SEC },
                { "12ms", 12000 },
                { "7us", 7 },
                { "7µs", 7 },
                { "0.0000001s", 0 },
                { "1.5y", UINT64_C(47336400) * SEC },
        };
        static const char *const wrong[] = { "", " ", "x", "1x", "1 2x", "-1", "1..2s", ".", "1 h z", "s",
                "1sec5mins" };
        uint64_t usec;

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_int_equal(timespan_parse(cases[i].text, &usec), 0);
                assert_int_equal(usec, cases[i].usec);
        }
        for (size_t i = 0; i < ELEMENTSOF(wrong); i++)
                assert_int_equal(timespan_parse(wrong[i], &usec), -EINVAL);
        assert_int_equal(timespan_parse("99999999999999999999s", &usec), -ERANGE);
        assert_int_equal(timespan_parse("999999999y", &usec), -ERANGE);
}

static void check_times(const char *zone, const char *const texts[][2], size_t n) {
        assert_int_equal(setenv("TZ", zone, 1), 0);
        tzset();
        for (size_t i = 0; i < n; i++) {
                uint64_t usec = 0, wanted = strtoull(texts[i][1], NULL, 10);

                if (time_parse(texts[i][0], NOW, &usec) != 0 || usec != wanted)
                        fail_msg("%s in %s: %" PRIu64 ", wanted %" PRIu64, texts[i][0], zone, usec, wanted);
        }
}

/* The figures are those of `date -u -d`. */
static void test_utc(void **state) {
        static const char *const texts[][2] = {
                { "now", "1795429230500000" },
                { "today", "1795392000000000" },
                { "yesterday", "1795305600000000" },
                { "tomorrow", "1795478400000000" },
                { "-1h", "1795425630500000" },
                { "+1h", "1795432830500000" },
                { "-1h 30min", "1795423830500000" },
                { "2h ago", "1795422030500000" },
                { "2h left", "1795436430500000" },
                { "@1395716396", "1395716396000000" },
                { "@1395716396.25", "1395716396250000" },
                { "2026-11-23 18:15:22", "1795457722000000" },
                { "2026-11-23 18:15:22.123456", "1795457722123456" },
                { "2026-11-23T18:15:22", "1795457722000000" },
                { "2026-11-23T18:15:22Z", "1795457722000000" },
                { "2026-11-23T18:15:22+01:00", "1795454122000000" },
                { "2026-11-23T18:15:22-0130", "1795463122000000" },
                { "26-11-23 18:15:22", "1795457722000000" },
                { "2026-11-23 18:15", "1795457700000000" },
                { "2026-11-23", "1795392000000000" },
                { "18:15:22", "1795457722000000" },
                { "18:15", "1795457700000000" },
                { "Mon 2026-11-23 18:15:22 UTC", "1795457722000000" },
                { "Monday 2026-11-23", "1795392000000000" },
                { "mon 2026-11-23", "1795392000000000" },
                { "  today ", "1795392000000000" },
                { "2024-02-29", "1709164800000000" },
                { "1970-01-01 00:00:00", "0" },
        };

        (void) state;
        check_times("UTC", texts, ELEMENTSOF(texts));
}

/* Berlin is an hour before UTC in November, two in July. */
static void test_zones(void **state) {
        static const char *const texts[][2] = {
                { "today", "1795388400000000" },
                { "2026-11-23 18:15:22", "1795454122000000" },
                { "2026-07-01 12:00:00", "1782900000000000" },
                { "2026-11-23 18:15:22 UTC", "1795457722000000" },
                { "2026-11-23 18:15:22 Asia/Tokyo", "1795425322000000" },
                { "2026-11-23 18:15:22 CET", "1795454122000000" },
                { "today UTC", "1795392000000000" },
                { "yesterday Asia/Tokyo", "1795273200000000" },
        };

        (void) state;
        check_times("Europe/Berlin", texts, ELEMENTSOF(texts));
        assert_string_equal(getenv("TZ"), "Europe/Berlin");
}

static void test_wrong(void **state) {
        static const char *const wrong[] = {
                "",
                " ",
                "never",
                "2026",
                "2026-11",
                "2026-13-01",
                "2026-02-30",
                "2025-02-29",
                "2026-11-23 25:00",
                "2026-11-23 18:15:61x",
                "2026-11-23 18:15:22.",
                "Tue 2026-11-23",
                "Mon",
                "Mon now",
                "@",
                "@-1",
                "@x",
                "-",
                "-x",
                "+",
                "ago",
                "x ago",
                "2026-11-23 Nowhere/City",
                "2026-11-23 ../../etc/passwd",
                "12",
                "1:2:3:4",
                "2026-11-23 18:15 22",
        };
        char text[300];
        uint64_t usec = 42;

        (void) state;
        assert_int_equal(setenv("TZ", "UTC", 1), 0);
        tzset();
        for (size_t i = 0; i < ELEMENTSOF(wrong); i++)
                if (time_parse(wrong[i], NOW, &usec) != -EINVAL)
                        fail_msg("\"%s\" was taken for %" PRIu64, wrong[i], usec);
        assert_int_equal(time_parse("-9999y", NOW, &usec), -ERANGE);
        assert_int_equal(time_parse("1969-12-31", NOW, &usec), -ERANGE);
        for (size_t i = 0; i < sizeof(text) - 1; i++)
                text[i] = '1';
        text[sizeof(text) - 1] = '\0';
        assert_int_equal(time_parse(text, NOW, &usec), -EINVAL);
        assert_int_equal(usec, 42);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_spans),
                cmocka_unit_test(test_utc),
                cmocka_unit_test(test_zones),
                cmocka_unit_test(test_wrong),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "coverage.h"

#define SECOND 1000000ULL

static const char *const names[_FINDING_KIND_MAX] = {
        [FINDING_COVERED] = "covered",
        [FINDING_NOT_STARTED] = "not-started",
        [FINDING_NEVER] = "never",
        [FINDING_STOPPED] = "stopped",
        [FINDING_DIED] = "died",
        [FINDING_SHUTDOWN] = "shutdown",
        [FINDING_LOST] = "lost",
        [FINDING_FILTERED] = "filtered",
        [FINDING_REMOVED] = "removed",
        [FINDING_MISSING] = "missing",
        [FINDING_TWICE] = "twice",
        [FINDING_MISMATCH] = "mismatch",
};

/*
 * What the journal has, one word each, a second after the other: a number is the record of an exec, "5-9"
 * several; "+" started, "+7" started, going on after 7, "-r,s,l,q" stopped with totals; "!n" lost, "~n"
 * suppressed, "=r,s,l" alive; "." nothing, a minute.
 */
static void play(Coverage *c, const char *script, uint64_t *time) {
        char copy[512];

        (void) snprintf(copy, sizeof(copy), "%s", script);
        for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
                CoverageNotice notice = { .time = *time += SECOND };
                unsigned long long a = 0, b = 0, l = 0, q = 0;

                if (*word == '.') {
                        *time += 60 * SECOND;
                        continue;
                }
                if (*word >= '0' && *word <= '9') {
                        int n = sscanf(word, "%llu-%llu", &a, &b);

                        for (uint64_t i = a; i <= (n == 2 ? b : a); i++)
                                assert_int_equal(coverage_exec(c, i, *time), 0);
                        continue;
                }
                (void) sscanf(word + 1, "%llu,%llu,%llu,%llu", &a, &b, &l, &q);
                switch (*word) {
                case '+':
                        notice.type = TYPE_STARTED;
                        notice.accounted = a;
                        notice.resumed = a > 0;
                        break;
                case '-':
                case '=':
                        notice.type = *word == '-' ? TYPE_STOPPED : TYPE_ALIVE;
                        notice.has_totals = true;
                        notice.recorded = a;
                        notice.suppressed = b;
                        notice.lost = l;
                        notice.seq = a + b + l;
                        break;
                case '!':
                        notice.type = TYPE_LOST;
                        notice.n = a;
                        notice.cause = "ring-full";
                        notice.first = *time;
                        break;
                default:
                        notice.type = TYPE_SUPPRESSED;
                        notice.n = a;
                }
                assert_int_equal(coverage_notice(c, &notice), 0);
        }
}

/* All findings as words: kind, numbers, and the times in seconds. */
static void assert_found(bool partial, const char *script, bool running, const char *expected) {
        const Finding *findings;
        char text[1024] = "";
        uint64_t time = 100 * SECOND;
        Coverage *c;
        size_t n;

        assert_int_equal(coverage_new(partial, &c), 0);
        play(c, script, &time);
        assert_int_equal(coverage_end(c, 100 * SECOND, time + 5 * SECOND, running), 0);
        n = coverage_findings(c, &findings);
        for (size_t i = 0; i < n; i++) {
                const Finding *f = findings + i;
                size_t size = strlen(text);

                (void) snprintf(text + size, sizeof(text) - size, "%s%s %llu-%llu n=%llu", i > 0 ? "; " : "",
                        names[f->kind], (unsigned long long) (f->from / SECOND),
                        (unsigned long long) (f->to / SECOND), (unsigned long long) f->n);
                size = strlen(text);
                if (f->seq_last > 0)
                        (void) snprintf(text + size, sizeof(text) - size, " %llu..%llu",
                                (unsigned long long) f->seq_first, (unsigned long long) f->seq_last);
                size = strlen(text);
                if (f->kind == FINDING_MISMATCH)
                        (void) snprintf(text + size, sizeof(text) - size, " %s found=%llu", f->cause,
                                (unsigned long long) f->found);
        }
        assert_string_equal(text, expected);
        coverage_free(c);
}

static void test_whole(void **state) {
        (void) state;
        assert_found(false, "+ 1-5 -5,0,0", false,
                "not-started 100-101 n=0; covered 101-103 n=5 1..5; shutdown 103-108 n=0");
        assert_found(false, "+ 1-5", true, "not-started 100-101 n=0; covered 101-107 n=5 1..5");
        assert_found(
                false, "+ 1-5", false, "not-started 100-101 n=0; covered 101-102 n=5 1..5; died 102-107 n=0");
        assert_found(false, "", true, "never 100-105 n=0");
}

static void test_restarts(void **state) {
        (void) state;
        /* Without a gap: the numbers go on. */
        assert_found(false, "+ 1-5 +5 6-9 -9,0,0", false,
                "not-started 100-101 n=0; covered 101-105 n=9 1..9; shutdown 105-110 n=0");
        /* With one. */
        assert_found(false, "+ 1-5 -5,0,0 . + 1-2", true,
                "not-started 100-101 n=0; covered 101-103 n=5 1..5; stopped 103-165 n=0; covered 165-171 n=2 "
                "1..2");
        /* It was stopped, and the system went on; it was stopped with the system. */
        assert_found(false, "+ 1-5 -5,0,0", true,
                "not-started 100-101 n=0; covered 101-103 n=5 1..5; stopped 103-108 n=0");
        assert_found(false, "+ 1-5 -5,0,0 . . . .", false,
                "not-started 100-101 n=0; covered 101-103 n=5 1..5; stopped 103-352 n=0");
        /* It was killed, and nobody went on. */
        assert_found(false, "+ 1-5 . + 1-2", true,
                "not-started 100-101 n=0; covered 101-102 n=5 1..5; died 102-164 n=0; covered 164-170 n=2 "
                "1..2");
}

static void test_explained(void **state) {
        (void) state;
        assert_found(false, "+ 1-3 6-9 !2 12 ~2 -8,2,2", false,
                "not-started 100-101 n=0; covered 101-107 n=8 1..12; filtered 101-106 n=2; lost 104-104 n=2; "
                "shutdown 107-112 n=0");
        /* What is filtered behind the last record is explained before it shows. */
        assert_found(false, "+ 1-3 ~2 6 ~0 -4,2,0", false,
                "not-started 100-101 n=0; covered 101-106 n=4 1..6; filtered 101-103 n=2; filtered 103-105 "
                "n=0; "
                "shutdown 106-111 n=0");
}

static void test_missing(void **state) {
        (void) state;
        /* Deleted in between: the totals tell it, and so do the numbers. */
        assert_found(false, "+ 1-3 7-9 -9,0,0", false,
                "not-started 100-101 n=0; covered 101-104 n=6 1..9; missing 101-104 n=3 4..6; "
                "shutdown 104-109 n=0; mismatch 104-104 n=9 recorded found=6");
        /* At the end: only the total tells. */
        assert_found(false, "+ 1-3 -5,0,0", false,
                "not-started 100-101 n=0; covered 101-103 n=3 1..5; missing 101-103 n=2 4..5; "
                "shutdown 103-108 n=0; mismatch 103-103 n=5 recorded found=3");
        /* Some of it is explained. */
        assert_found(false, "+ 1-3 7-9 ~1 -6,3,0", false,
                "not-started 100-101 n=0; covered 101-105 n=6 1..9; filtered 101-104 n=1; missing 101-104 "
                "n=2 4..6; "
                "shutdown 105-110 n=0; mismatch 105-105 n=3 suppressed found=1");
        /* `alive` knows it, too, and what it says of filters counts before the filters' own notice. */
        assert_found(false, "+ 1-3 7-9 =9,0,0", true,
                "not-started 100-101 n=0; covered 101-109 n=6 1..9; missing 101-104 n=3 4..6; "
                "mismatch 104-104 n=9 recorded found=6");
        assert_found(false, "+ 1-3 7-9 =6,3,0 ~3", true,
                "not-started 100-101 n=0; covered 101-110 n=6 1..9; filtered 104-105 n=3");
}

static void test_running(void **state) {
        (void) state;
        /* The notice is not due yet; it was due. */
        assert_found(false, "+ 1-3 7-9", true, "not-started 100-101 n=0; covered 101-108 n=6 1..9");
        assert_found(false, "+ 1-3 7-9 . . .", true,
                "not-started 100-101 n=0; covered 101-291 n=6 1..9; missing 101-103 n=3 4..6");
        assert_found(false, "+ 1-3 7-9 . . . 10 . . . 11 12 15", true,
                "not-started 100-101 n=0; covered 101-478 n=10 1..15; missing 101-473 n=3 4..6");
}

static void test_removed(void **state) {
        (void) state;
        assert_found(false, "11-13 -13,0,0", false,
                "removed 0-101 n=10 1..10; covered 101-102 n=3 11..13; shutdown 102-107 n=0");
        /* It was not asked for. */
        assert_found(true, "11-13 -13,0,0", false, "covered 101-102 n=3 11..13; shutdown 102-107 n=0");
        /* Nothing is left but a sign of life, which has the last number: no number is covered. */
        assert_found(true, "=5,0,0 -5,0,0", false, "covered 101-102 n=0; shutdown 102-107 n=0");
        assert_found(false, "+7 8 -8,0,0", false,
                "removed 0-101 n=7 1..7; covered 101-103 n=1 8..8; shutdown 103-108 n=0");
}

/* systemctl restart: the service is stopped, and the next process goes on with the numbers. */
static void test_goes_on(void **state) {
        (void) state;
        assert_found(false, "+ 1-3 -3,0,0 +3 4-5 -5,0,0", false,
                "not-started 100-101 n=0; covered 101-106 n=5 1..5; shutdown 106-111 n=0");
        /* The first record is in the journal before the word that it goes on. */
        assert_found(false, "+ 1-3 -3,0,0 4 +3 5 -5,0,0", false,
                "not-started 100-101 n=0; covered 101-107 n=5 1..5; shutdown 107-112 n=0");
        assert_found(false, "+ 1-3 -3,0,0 +4 5 -5,0,0", false,
                "not-started 100-101 n=0; covered 101-106 n=4 1..5; missing 103-106 n=1 4..4; shutdown "
                "106-111 "
                "n=0; mismatch 106-106 n=5 recorded found=4");
        /* Numbers that begin anew without a word are not those of before. */
        assert_found(false, "+ 1-3 -3,0,0 2-4 -4,0,0", false,
                "removed 0-104 n=1 1..1; not-started 100-101 n=0; covered 101-103 n=3 1..3; covered 104-105 "
                "n=3 "
                "2..4; shutdown 105-110 n=0");
}

static void test_twice(void **state) {
        (void) state;
        assert_found(false, "+ 1-5 4-5 6 -6,0,0", false,
                "not-started 100-101 n=0; covered 101-105 n=6 1..6; twice 101-105 n=2 4..5; shutdown 105-110 "
                "n=0");
        /* Late is not twice. */
        assert_found(false, "+ 1-2 5 4 3 6 -6,0,0", false,
                "not-started 100-101 n=0; covered 101-107 n=6 1..6; shutdown 107-112 n=0");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_whole),
                cmocka_unit_test(test_restarts),
                cmocka_unit_test(test_explained),
                cmocka_unit_test(test_missing),
                cmocka_unit_test(test_running),
                cmocka_unit_test(test_removed),
                cmocka_unit_test(test_goes_on),
                cmocka_unit_test(test_twice),
        };

        return cmocka_run_group_tests_name("coverage", tests, NULL, NULL);
}

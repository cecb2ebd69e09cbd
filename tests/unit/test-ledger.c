/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "notice/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <syslog.h>

#include "text.h"
#include "util/buffer.h"
#include "util/cleanup.h"

/* "KIND PRIORITY MESSAGE|NAME=value|..." */
static void assert_notice(const Notice *notice, const char *expected) {
        _cleanup_(buffer_done) Buffer found = BUFFER_NULL;

        buffer_append_string(&found, notice_kind_to_string(notice->kind));
        buffer_append_char(&found, ' ');
        buffer_append_i64(&found, notice->priority);
        buffer_append_char(&found, ' ');
        buffer_append_bytes(&found, notice->message);
        for (size_t i = 0; i < notice->n_fields; i++) {
                const NoticeField *field = &notice->fields[i];

                buffer_append_char(&found, '|');
                buffer_append_string(&found, field->name);
                buffer_append_char(&found, '=');
                if (bytes_is_set(field->text))
                        buffer_append_bytes(&found, field->text);
                else
                        buffer_append_i64(&found, field->number);
        }
        assert_buffer(&found, expected);
}

static void assert_started(Start start, const char *verb, const char *text, const char *fields) {
        char expected[1024];
        struct utsname u;
        Ledger ledger = {};
        Notice notice;

        assert_int_equal(uname(&u), 0);
        assert_true(snprintf(expected, sizeof(expected),
                            "started 5 exectraced " EXECTRACED_VERSION " %s on Linux %s%s"
                            "|EXECTRACED_VERSION=" EXECTRACED_VERSION "|EXECTRACED_HOOKS=a b%s",
                            verb, u.release, text, fields) < (int) sizeof(expected));
        start.hooks = "a b";
        ledger_started(&ledger, &start, &notice);
        assert_notice(&notice, expected);
}

static void test_started(void **state) {
        (void) state;
        assert_started((Start){}, "records", "", "");
        assert_started((Start){ .unknown_names = "user x" }, "records", "; not known: user x",
                "|EXECTRACED_UNKNOWN_NAMES=user x");
        assert_started((Start){ .not_covered = "this and that" }, "records", ", but not: this and that",
                "|EXECTRACED_NOT_COVERED=this and that");
        assert_started((Start){ .running = 77, .accounted = 5 }, "records", "", "|EXECTRACED_RUNNING=77");
        assert_started((Start){ .resumed = true, .accounted = 5000000000, .running = 77 },
                "goes on to record", "", "|EXECTRACED_RESUMED=5000000000");
        assert_started((Start){ .rate_limited = true }, "records",
                "; journald may drop records: run it as exectraced.service, whose rate limit is lifted, or "
                "set "
                "RateLimitIntervalSec=0 in journald.conf",
                "|EXECTRACED_RATE_LIMITED=yes");
        assert_started((Start){ .resumed = true, .not_covered = "x" }, "goes on to record", ", but not: x",
                "|EXECTRACED_NOT_COVERED=x|EXECTRACED_RESUMED=0");
}

static void test_status_and_stopped(void **state) {
        Figures figures = {
                .totals = { .recorded = 1, .suppressed = 20, .malformed = 300 },
                .filtered = { [EXEC_RULE_EXCLUDE_USER] = 20000, [EXEC_RULE_PID_NAMESPACE] = 30000 },
                .ring_used = 4096,
                .ring_size = 65536,
        };
        Ledger ledger = {};
        uint64_t lost = 0;
        char expected[256];
        Notice notice;

        (void) state;
        ledger_status(&ledger, &figures);
        assert_string_equal(ledger.text, "Recorded 1, suppressed 20, lost 0");
        assert_int_equal(figures_lost(&figures), 0);

        /* All causes together, said before or not. */
        for (size_t i = 0; i < _LOST_CAUSE_MAX; i++) {
                figures.lost[i] = 1ULL << (33 + i);
                lost += figures.lost[i];
                ledger.lost[i] = i;
        }
        assert_int_equal(figures_lost(&figures), lost);
        ledger_stopped(&ledger, &figures, &notice);
        (void) snprintf(expected, sizeof(expected),
                "stopped 5 Recorded 1, suppressed 20, lost %llu|EXEC_RECORDED=1|EXEC_LOST=%llu"
                "|EXEC_SUPPRESSED=20|EXEC_FILTERED=50000|EXEC_SEQ=%llu"
                "|EXECTRACED_RING_USED=4096|EXECTRACED_RING_SIZE=65536",
                (unsigned long long) lost, (unsigned long long) lost, (unsigned long long) lost + 21);
        assert_notice(&notice, expected);
}

static void test_alive_and_blind(void **state) {
        Figures figures = {
                .totals = { .recorded = 7, .suppressed = 2 }, .ring_used = 8, .ring_size = 65536
        };
        Ledger ledger = {};
        Notice notice;

        (void) state;
        ledger_alive(&ledger, &figures, 8042, false, &notice);
        assert_notice(&notice,
                "alive 6 Alive: recorded 7, suppressed 2, lost 0; an exec of its own was seen within 8.042 ms"
                "|EXEC_RECORDED=7|EXEC_LOST=0|EXEC_SUPPRESSED=2|EXEC_FILTERED=0|EXEC_SEQ=9"
                "|EXECTRACED_RING_USED=8|EXECTRACED_RING_SIZE=65536|EXECTRACED_SEEN_USEC=8042");
        figures.failure_ring_used = 16;
        figures.failure_ring_size = 4096;
        ledger_alive(&ledger, &figures, 5, true, &notice);
        assert_notice(&notice,
                "alive 6 Alive again, after the programs in the kernel were attached anew: recorded 7, "
                "suppressed 2, lost 0; an exec of its own was seen within 0.005 ms"
                "|EXEC_RECORDED=7|EXEC_LOST=0|EXEC_SUPPRESSED=2|EXEC_FILTERED=0|EXEC_SEQ=9"
                "|EXECTRACED_RING_USED=8|EXECTRACED_RING_SIZE=65536"
                "|EXECTRACED_FAILURE_RING_USED=16|EXECTRACED_FAILURE_RING_SIZE=4096|EXECTRACED_SEEN_USEC=5"
                "|EXECTRACED_HEALED=yes");
        ledger_blind(&ledger, &figures, false, &notice);
        assert_notice(&notice,
                "blind 3 Blind: execs of its own are not seen, the programs in the kernel are attached anew"
                "|EXEC_RECORDED=7|EXEC_LOST=0|EXEC_SUPPRESSED=2|EXEC_FILTERED=0|EXEC_SEQ=9"
                "|EXECTRACED_RING_USED=8|EXECTRACED_RING_SIZE=65536"
                "|EXECTRACED_FAILURE_RING_USED=16|EXECTRACED_FAILURE_RING_SIZE=4096");
        ledger_blind(&ledger, &figures, true, &notice);
        assert_notice(&notice,
                "blind 3 Blind: execs of its own are not seen, also after the programs in the kernel were "
                "attached anew"
                "|EXEC_RECORDED=7|EXEC_LOST=0|EXEC_SUPPRESSED=2|EXEC_FILTERED=0|EXEC_SEQ=9"
                "|EXECTRACED_RING_USED=8|EXECTRACED_RING_SIZE=65536"
                "|EXECTRACED_FAILURE_RING_USED=16|EXECTRACED_FAILURE_RING_SIZE=4096");
}

static void test_reloaded(void **state) {
        Ledger ledger = {};
        Notice notice;

        (void) state;
        ledger_reloaded(&ledger, NULL, NULL, &notice);
        assert_notice(&notice, "reloaded 5 Configuration reloaded");
        ledger_reloaded(&ledger, "A= waits", NULL, &notice);
        assert_notice(&notice, "reloaded 5 Configuration reloaded; A= waits");
        ledger_reloaded(&ledger, "A= waits", "user x, group y z", &notice);
        assert_notice(&notice,
                "reloaded 5 Configuration reloaded; A= waits; not known: user x, group y z"
                "|EXECTRACED_UNKNOWN_NAMES=user x, group y z");
        ledger_reload_failed(&ledger, "it is wrong", &notice);
        assert_notice(&notice, "reload-failed 3 Configuration not reloaded, the old one stays: it is wrong");
}

/* Each loss is said once, and the sum of what is said is what was lost. */
static void test_lost(void **state) {
        static const char *const causes[_LOST_CAUSE_MAX] = {
                [LOST_RING_FULL] = "ring-full",
                [LOST_SLOT_BUSY] = "slot-busy",
                [LOST_FAILURES_FULL] = "failures-full",
                [LOST_SKIPPED] = "skipped",
                [LOST_MALFORMED] = "malformed",
        };

        (void) state;
        for (LostCause cause = 0; cause < _LOST_CAUSE_MAX; cause++) {
                Figures figures = { .next_seq = 1000000000000 };
                Ledger ledger = {};
                char expected[256];
                Notice notice;

                assert_int_equal(ledger_lost(&ledger, &figures, cause, &notice), 0);
                figures.lost[cause] = 3;
                assert_int_equal(ledger_lost(&ledger, &figures, cause, &notice), 1);
                (void) snprintf(expected, sizeof(expected),
                        "lost 3 3 execs are not recorded: %s|EXEC_LOST=3|EXEC_LOST_CAUSE=%s%s", causes[cause],
                        causes[cause],
                        cause == LOST_MALFORMED
                                ? ""
                                : "|EXEC_LOST_SEQ_FIRST=1000000000000|EXEC_LOST_SEQ_LAST=1000000000002");
                assert_notice(&notice, expected);
                for (LostCause other = 0; other < _LOST_CAUSE_MAX; other++)
                        assert_int_equal(ledger_lost(&ledger, &figures, other, &notice), 0);

                figures.lost[cause] = 3 + 5000000000;
                figures.lost_times[cause].first_usec = 10;
                figures.lost_times[cause].last_usec = 20;
                assert_int_equal(ledger_lost(&ledger, &figures, cause, &notice), 1);
                /*
                 * What did not parse had numbers, each its own; what did not come takes the next that are
                 * free.
                 */
                (void) snprintf(expected, sizeof(expected),
                        "lost 3 5000000000 execs are not recorded: "
                        "%s|EXEC_LOST=5000000000|EXEC_LOST_CAUSE=%s%s",
                        causes[cause], causes[cause],
                        cause == LOST_MALFORMED
                                ? "|EXEC_LOST_FIRST=10|EXEC_LOST_LAST=20"
                                : "|EXEC_LOST_FIRST=10|EXEC_LOST_LAST=20"
                                  "|EXEC_LOST_SEQ_FIRST=1000000000003|EXEC_LOST_SEQ_LAST=1005000000002");
                assert_notice(&notice, expected);
                assert_int_equal(ledger_lost(&ledger, &figures, cause, &notice), 0);
        }
}

/* Causes that are said together take numbers one behind the other. */
static void test_lost_numbers(void **state) {
        Figures figures = { .next_seq = 8, .lost = { [LOST_RING_FULL] = 2, [LOST_SKIPPED] = 1 } };
        Ledger ledger = {};
        Notice notice;

        (void) state;
        assert_int_equal(ledger_lost(&ledger, &figures, LOST_RING_FULL, &notice), 1);
        assert_notice(&notice,
                "lost 3 2 execs are not recorded: ring-full|EXEC_LOST=2|EXEC_LOST_CAUSE=ring-full"
                "|EXEC_LOST_SEQ_FIRST=8|EXEC_LOST_SEQ_LAST=9");
        assert_int_equal(ledger_lost(&ledger, &figures, LOST_SKIPPED, &notice), 1);
        assert_notice(&notice,
                "lost 3 1 execs are not recorded: skipped|EXEC_LOST=1|EXEC_LOST_CAUSE=skipped"
                "|EXEC_LOST_SEQ_FIRST=10|EXEC_LOST_SEQ_LAST=10");
}

/* Failed execs beyond the limit are counted, and whose they were is said. */
static void test_limited(void **state) {
        Figures figures = { .limited = 70, .n_limited_users = 2 };
        Ledger ledger = {};
        Notice notice;

        (void) state;
        figures.limited_users[0] = 1000;
        figures.limited_users[1] = 65534;
        assert_int_equal(ledger_suppressed(&ledger, &figures, &notice), 1);
        assert_notice(&notice,
                "suppressed 6 70 execs were dropped by filters and limits: 70 by "
                "FailureLimit=|EXEC_SUPPRESSED=0|EXEC_FILTERED=0"
                "|EXEC_DROPPED_FAILURE_LIMIT=70|EXEC_DROPPED_FAILURE_LIMIT_UID=1000 65534");
        assert_int_equal(ledger_suppressed(&ledger, &figures, &notice), 0);
        figures.limited += 1;
        assert_int_equal(ledger_suppressed(&ledger, &figures, &notice), 1);
}

static void test_lost_at_a_takeover(void **state) {
        Ledger ledger = {};
        Notice notice;

        (void) state;
        ledger_lost_takeover(&ledger, 5000000000, 0, 0, &notice);
        assert_notice(&notice,
                "lost 3 5000000000 execs are not recorded: takeover|EXEC_LOST=5000000000"
                "|EXEC_LOST_CAUSE=takeover");
        ledger_lost_takeover(&ledger, 1, 10, 20, &notice);
        assert_notice(&notice,
                "lost 3 1 execs are not recorded: takeover|EXEC_LOST=1|EXEC_LOST_CAUSE=takeover"
                "|EXEC_LOST_FIRST=10|EXEC_LOST_LAST=20");
}

static void test_suppressed(void **state) {
        static const struct {
                uint64_t suppressed, filtered, collapsed; /* the last are among the first */
                const char *expected;
        } cases[] = {
                { 0, 0, 0, NULL },
                { 3, 0, 0,
                        "suppressed 6 3 execs were dropped by filters: 3 by ExcludeExe="
                        "|EXEC_SUPPRESSED=3|EXEC_FILTERED=0|EXEC_DROPPED_EXCLUDE_EXE=3" },
                { 3, 0, 0, NULL },
                { 3, 7, 0,
                        "suppressed 6 7 execs were dropped by filters: 7 by PidNamespace="
                        "|EXEC_SUPPRESSED=0|EXEC_FILTERED=7|EXEC_DROPPED_PID_NAMESPACE=7" },
                { 10, 5000000007, 0,
                        "suppressed 6 5000000007 execs were dropped by filters: 7 by ExcludeExe=, 5000000000 "
                        "by "
                        "PidNamespace=|EXEC_SUPPRESSED=7|EXEC_FILTERED=5000000000|EXEC_DROPPED_EXCLUDE_EXE=7"
                        "|EXEC_DROPPED_PID_NAMESPACE=5000000000" },
                { 10, 5000000007, 0, NULL },
                { 14, 5000000007, 4,
                        "suppressed 6 4 misses of searches along PATH were left out"
                        "|EXEC_SUPPRESSED=4|EXEC_FILTERED=0|EXEC_COLLAPSED=4" },
                { 14, 5000000007, 4, NULL },
                { 20, 5000000007, 9,
                        "suppressed 6 1 execs were dropped by filters: 1 by ExcludeExe=; "
                        "5 misses of searches along PATH were left out"
                        "|EXEC_SUPPRESSED=6|EXEC_FILTERED=0|EXEC_DROPPED_EXCLUDE_EXE=1|EXEC_COLLAPSED=5" },
        };
        Ledger ledger = {};

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const Figures figures = {
                        .totals = { .suppressed = cases[i].suppressed,
                                .collapsed = cases[i].collapsed,
                                .dropped = { [EXEC_RULE_EXCLUDE_EXE] =
                                                     cases[i].suppressed - cases[i].collapsed } },
                        .filtered = { [EXEC_RULE_PID_NAMESPACE] = cases[i].filtered },
                };
                Notice notice;

                assert_int_equal(ledger_suppressed(&ledger, &figures, &notice), cases[i].expected != NULL);
                if (cases[i].expected)
                        assert_notice(&notice, cases[i].expected);
        }
}

/*
 * Each rule has a key and a field of its own, rules of both sides add up, and all of them fit into one
 * notice.
 */
static void test_suppressed_by_every_rule(void **state) {
        Ledger ledger = {};
        Figures figures = {};
        Notice notice;

        (void) state;
        for (size_t i = 0; i < EXEC_RULE_COUNT; i++) {
                figures.totals.dropped[i] = UINT64_MAX / 64 - i;
                figures.totals.suppressed += figures.totals.dropped[i];
                figures.filtered[i] = i + 1;
        }
        assert_int_equal(ledger_suppressed(&ledger, &figures, &notice), 1);
        assert_int_equal(notice.n_fields, 2 + EXEC_RULE_COUNT);
        assert_true(notice.message.size < sizeof(ledger.text) - 1);
        for (size_t i = 2; i < notice.n_fields; i++) {
                assert_int_equal(strncmp(notice.fields[i].name, "EXEC_DROPPED_", 13), 0);
                assert_int_equal(notice.fields[i].number, UINT64_MAX / 64 + 1);
                for (size_t k = 2; k < i; k++)
                        assert_string_not_equal(notice.fields[i].name, notice.fields[k].name);
        }
        assert_int_equal(ledger_suppressed(&ledger, &figures, &notice), 0);
}

/* However long the texts that are handed in. */
static void test_long_texts(void **state) {
        char text[2000];
        Ledger ledger = {};
        Notice notice;

        (void) state;
        memset(text, 'x', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        ledger_started(&ledger, &(Start){ .hooks = text, .not_covered = text }, &notice);
        assert_int_equal(notice.message.size, sizeof(ledger.text) - 1);
        assert_int_equal(notice.fields[2].text.size, sizeof(text) - 1);
        ledger_reload_failed(&ledger, text, &notice);
        assert_int_equal(notice.message.size, sizeof(ledger.text) - 1);
        ledger_reloaded(&ledger, text, text, &notice);
        assert_int_equal(notice.message.size, sizeof(ledger.text) - 1);
}

/* The names of files that an error is in are anybody's, and so is where a long one is cut. */
static void test_unprintable_texts(void **state) {
        char text[2000];
        Ledger ledger = {};
        Notice notice;

        (void) state;
        ledger_reload_failed(&ledger, "/etc/a\nEXEC_UID=0 \x1b\xff.conf:1: M\xc3\xbcll", &notice);
        assert_notice(&notice,
                "reload-failed 3 Configuration not reloaded, the old one stays: "
                "/etc/a?EXEC_UID=0 ??.conf:1: M\xc3\xbcll");
        for (size_t start = 0; start < 4; start++) {
                memset(text, 'x', start);
                for (size_t i = start; i + 4 < sizeof(text); i += 4)
                        memcpy(text + i, "\xf0\x9f\x98\x80", 5);
                ledger_reload_failed(&ledger, text, &notice);
                assert_int_equal(notice.message.size, sizeof(ledger.text) - 1);
                assert_printable(notice.message);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_started),
                cmocka_unit_test(test_status_and_stopped),
                cmocka_unit_test(test_alive_and_blind),
                cmocka_unit_test(test_reloaded),
                cmocka_unit_test(test_lost),
                cmocka_unit_test(test_lost_numbers),
                cmocka_unit_test(test_limited),
                cmocka_unit_test(test_lost_at_a_takeover),
                cmocka_unit_test(test_suppressed),
                cmocka_unit_test(test_suppressed_by_every_rule),
                cmocka_unit_test(test_long_texts),
                cmocka_unit_test(test_unprintable_texts),
        };

        return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}

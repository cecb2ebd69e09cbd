/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "notice/ledger.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <syslog.h>

#include "util/utf8.h"

static const char *const cause_names[_LOST_CAUSE_MAX] = {
        [LOST_RING_FULL] = "ring-full",
        [LOST_SLOT_BUSY] = "slot-busy",
        [LOST_FAILURES_FULL] = "failures-full",
        [LOST_SKIPPED] = "skipped",
        [LOST_MALFORMED] = "malformed",
};

/*
 * The key of each rule, and the field with the number of records that it dropped. Together they fill half of
 * Ledger.text.
 */
static const struct {
        const char *key;
        const char *field;
} rules[EXEC_RULE_COUNT] = {
        [EXEC_RULE_EXCLUDE_USER] = { "ExcludeUser", "EXEC_DROPPED_EXCLUDE_USER" },
        [EXEC_RULE_INCLUDE_USER] = { "IncludeUser", "EXEC_DROPPED_INCLUDE_USER" },
        [EXEC_RULE_EXCLUDE_GROUP] = { "ExcludeGroup", "EXEC_DROPPED_EXCLUDE_GROUP" },
        [EXEC_RULE_INCLUDE_GROUP] = { "IncludeGroup", "EXEC_DROPPED_INCLUDE_GROUP" },
        [EXEC_RULE_EXCLUDE_LOGIN] = { "ExcludeLogin", "EXEC_DROPPED_EXCLUDE_LOGIN" },
        [EXEC_RULE_INCLUDE_LOGIN] = { "IncludeLogin", "EXEC_DROPPED_INCLUDE_LOGIN" },
        [EXEC_RULE_EXCLUDE_EXE] = { "ExcludeExe", "EXEC_DROPPED_EXCLUDE_EXE" },
        [EXEC_RULE_INCLUDE_EXE] = { "IncludeExe", "EXEC_DROPPED_INCLUDE_EXE" },
        [EXEC_RULE_EXCLUDE_UNIT] = { "ExcludeUnit", "EXEC_DROPPED_EXCLUDE_UNIT" },
        [EXEC_RULE_INCLUDE_UNIT] = { "IncludeUnit", "EXEC_DROPPED_INCLUDE_UNIT" },
        [EXEC_RULE_EXCLUDE_USER_UNIT] = { "ExcludeUserUnit", "EXEC_DROPPED_EXCLUDE_USER_UNIT" },
        [EXEC_RULE_INCLUDE_USER_UNIT] = { "IncludeUserUnit", "EXEC_DROPPED_INCLUDE_USER_UNIT" },
        [EXEC_RULE_EXCLUDE_PARENT] = { "ExcludeParent", "EXEC_DROPPED_EXCLUDE_PARENT" },
        [EXEC_RULE_INCLUDE_PARENT] = { "IncludeParent", "EXEC_DROPPED_INCLUDE_PARENT" },
        [EXEC_RULE_PID_NAMESPACE] = { "PidNamespace", "EXEC_DROPPED_PID_NAMESPACE" },
};

uint64_t figures_lost(const Figures *figures) {
        uint64_t sum = 0;

        for (size_t i = 0; i < _LOST_CAUSE_MAX; i++)
                sum += figures->lost[i];
        return sum;
}

uint64_t figures_filtered(const Figures *figures) {
        uint64_t sum = 0;

        for (size_t i = 0; i < EXEC_RULE_COUNT; i++)
                sum += figures->filtered[i];
        return sum;
}

/*
 * Begins a notice whose message is ledger->text. That may have names of files, and may have been cut inside
 * of a character, so it is made printable.
 */
static Notice notice_begin(Ledger *ledger, NoticeKind kind, int priority) {
        utf8_make_printable(ledger->text);
        return (Notice){ .kind = kind, .priority = priority, .message = bytes_of_string(ledger->text) };
}

void ledger_status(Ledger *ledger, const Figures *figures) {
        (void) snprintf(ledger->text, sizeof(ledger->text), "Recorded %llu, suppressed %llu, lost %llu",
                (unsigned long long) figures->totals.recorded,
                (unsigned long long) figures->totals.suppressed, (unsigned long long) figures_lost(figures));
}

void ledger_started(Ledger *ledger, const Start *start, Notice *ret) {
        const char *not_covered = start->not_covered;
        struct utsname u = {};

        (void) uname(&u); /* can't fail */
        (void) snprintf(ledger->text, sizeof(ledger->text),
                "exectraced " EXECTRACED_VERSION " %s on Linux %s%s%s%s%s%s",
                start->resumed ? "goes on to record" : "records", u.release, not_covered ? ", but not: " : "",
                not_covered ? not_covered : "", start->unknown_names ? "; not known: " : "",
                start->unknown_names ? start->unknown_names : "",
                start->rate_limited
                        ? "; journald may drop records: run it as exectraced.service, whose rate limit is "
                          "lifted, or set RateLimitIntervalSec=0 in journald.conf"
                        : "");

        *ret = notice_begin(ledger, NOTICE_STARTED, LOG_NOTICE);
        ret->host = start->host;
        notice_add_text(ret, "EXECTRACED_VERSION", BYTES_LITERAL(EXECTRACED_VERSION));
        notice_add_text(ret, "EXECTRACED_HOOKS", bytes_of_string(start->hooks));
        if (not_covered)
                notice_add_text(ret, "EXECTRACED_NOT_COVERED", bytes_of_string(not_covered));
        notice_add_text(ret, "EXECTRACED_UNKNOWN_NAMES", bytes_of_string(start->unknown_names));
        if (start->rate_limited)
                notice_add_text(ret, "EXECTRACED_RATE_LIMITED", BYTES_LITERAL("yes"));
        if (start->resumed)
                notice_add_number(ret, "EXECTRACED_RESUMED", (int64_t) start->accounted);
        else if (start->running > 0)
                notice_add_number(ret, "EXECTRACED_RUNNING", (int64_t) start->running);
}

static void add_totals(const Figures *figures, Notice *notice) {
        uint64_t lost = figures_lost(figures);
        /*
         * A record that is held counts as dropped until it is recorded, so that the sum is the last number.
         */
        uint64_t suppressed = figures->totals.suppressed + figures->totals.held;

        notice_add_number(notice, "EXEC_RECORDED", (int64_t) figures->totals.recorded);
        notice_add_number(notice, "EXEC_LOST", (int64_t) lost);
        notice_add_number(notice, "EXEC_SUPPRESSED", (int64_t) suppressed);
        notice_add_number(notice, "EXEC_FILTERED", (int64_t) figures_filtered(figures));
        notice_add_number(notice, "EXEC_SEQ", (int64_t) (figures->totals.recorded + suppressed + lost));
        notice_add_number(notice, "EXECTRACED_RING_USED", (int64_t) figures->ring_used);
        notice_add_number(notice, "EXECTRACED_RING_SIZE", (int64_t) figures->ring_size);
        if (figures->failure_ring_size == 0)
                return;
        notice_add_number(notice, "EXECTRACED_FAILURE_RING_USED", (int64_t) figures->failure_ring_used);
        notice_add_number(notice, "EXECTRACED_FAILURE_RING_SIZE", (int64_t) figures->failure_ring_size);
}

void ledger_stopped(Ledger *ledger, const Figures *figures, Notice *ret) {
        ledger_status(ledger, figures);
        *ret = notice_begin(ledger, NOTICE_STOPPED, LOG_NOTICE);
        add_totals(figures, ret);
}

void ledger_alive(Ledger *ledger, const Figures *figures, uint64_t seen_usec, bool healed, Notice *ret) {
        (void) snprintf(ledger->text, sizeof(ledger->text),
                "Alive%s: recorded %llu, suppressed %llu, lost %llu; an exec of its own was seen within "
                "%llu.%03llu ms",
                healed ? " again, after the programs in the kernel were attached anew" : "",
                (unsigned long long) figures->totals.recorded,
                (unsigned long long) figures->totals.suppressed, (unsigned long long) figures_lost(figures),
                (unsigned long long) (seen_usec / 1000), (unsigned long long) (seen_usec % 1000));
        *ret = notice_begin(ledger, NOTICE_ALIVE, LOG_INFO);
        add_totals(figures, ret);
        notice_add_number(ret, "EXECTRACED_SEEN_USEC", (int64_t) seen_usec);
        if (healed)
                notice_add_text(ret, "EXECTRACED_HEALED", BYTES_LITERAL("yes"));
}

void ledger_blind(Ledger *ledger, const Figures *figures, bool attached, Notice *ret) {
        (void) snprintf(ledger->text, sizeof(ledger->text), "Blind: execs of its own are not seen%s",
                attached ? ", also after the programs in the kernel were attached anew"
                         : ", the programs in the kernel are attached anew");
        *ret = notice_begin(ledger, NOTICE_BLIND, LOG_ERR);
        add_totals(figures, ret);
}

void ledger_reloaded(Ledger *ledger, const char *waiting, const char *unknown_names, Notice *ret) {
        (void) snprintf(ledger->text, sizeof(ledger->text), "Configuration reloaded%s%s%s%s",
                waiting ? "; " : "", waiting ? waiting : "", unknown_names ? "; not known: " : "",
                unknown_names ? unknown_names : "");
        *ret = notice_begin(ledger, NOTICE_RELOADED, LOG_NOTICE);
        notice_add_text(ret, "EXECTRACED_UNKNOWN_NAMES", bytes_of_string(unknown_names));
}

void ledger_reload_failed(Ledger *ledger, const char *why, Notice *ret) {
        (void) snprintf(
                ledger->text, sizeof(ledger->text), "Configuration not reloaded, the old one stays: %s", why);
        *ret = notice_begin(ledger, NOTICE_RELOAD_FAILED, LOG_ERR);
}

static void lost_fill(Ledger *ledger, uint64_t n, const char *cause, Notice *ret) {
        (void) snprintf(ledger->text, sizeof(ledger->text), "%llu execs are not recorded: %s",
                (unsigned long long) n, cause);
        *ret = notice_begin(ledger, NOTICE_LOST, LOG_ERR);
        notice_add_number(ret, "EXEC_LOST", (int64_t) n);
        notice_add_text(ret, "EXEC_LOST_CAUSE", bytes_of_string(cause));
}

static void lost_add_times(Notice *notice, uint64_t first_usec, uint64_t last_usec) {
        if (first_usec > 0)
                notice_add_number(notice, "EXEC_LOST_FIRST", (int64_t) first_usec);
        if (last_usec > 0)
                notice_add_number(notice, "EXEC_LOST_LAST", (int64_t) last_usec);
}

int ledger_lost(Ledger *ledger, Figures *figures, LostCause cause, Notice *ret) {
        uint64_t n = figures->lost[cause] - ledger->lost[cause];

        if (figures->lost[cause] <= ledger->lost[cause])
                return 0;
        ledger->lost[cause] = figures->lost[cause];
        lost_fill(ledger, n, cause_names[cause], ret);
        lost_add_times(ret, figures->lost_times[cause].first_usec, figures->lost_times[cause].last_usec);
        if (cause == LOST_MALFORMED) /* each of these has taken a number of its own already */
                return 1;
        notice_add_number(ret, "EXEC_LOST_SEQ_FIRST", (int64_t) figures->next_seq);
        figures->next_seq += n;
        notice_add_number(ret, "EXEC_LOST_SEQ_LAST", (int64_t) figures->next_seq - 1);
        return 1;
}

void ledger_lost_takeover(Ledger *ledger, uint64_t n, uint64_t first_usec, uint64_t last_usec, Notice *ret) {
        lost_fill(ledger, n, "takeover", ret);
        lost_add_times(ret, first_usec, last_usec);
}

/* Appends each rule and its number to the first `size` bytes of the text. Returns the new size. */
static size_t add_dropped(Ledger *ledger, const Figures *figures, size_t size, Notice *notice) {
        bool said = false;

        for (size_t i = 0; i < EXEC_RULE_COUNT; i++) {
                uint64_t n = figures->totals.dropped[i] + figures->filtered[i] - ledger->dropped[i];

                if (n == 0)
                        continue;
                ledger->dropped[i] += n;
                notice_add_number(notice, rules[i].field, (int64_t) n);
                size += (size_t) snprintf(ledger->text + size, sizeof(ledger->text) - size,
                        "%s %llu by %s=", said ? "," : ":", (unsigned long long) n, rules[i].key);
                said = true;
        }
        return size;
}

/* Appends the number of misses to the first `size` bytes of the text. */
static void add_collapsed(Ledger *ledger, uint64_t n, size_t size, Notice *notice) {
        if (n == 0)
                return;
        notice_add_number(notice, "EXEC_COLLAPSED", (int64_t) n);
        (void) snprintf(ledger->text + size, sizeof(ledger->text) - size,
                "%s%llu misses of searches along PATH were left out", size > 0 ? "; " : "",
                (unsigned long long) n);
}

/*
 * Appends the number of failed execs beyond FailureLimit= to the first `size` bytes of the text, and adds
 * fields with the number and the users. Returns the new size.
 */
static size_t add_limited(
        Ledger *ledger, const Figures *figures, uint64_t limited, size_t size, Notice *notice) {
        size_t used = 0;

        if (limited == 0)
                return size;
        notice_add_number(notice, "EXEC_DROPPED_FAILURE_LIMIT", (int64_t) limited);
        for (size_t i = 0; i < figures->n_limited_users && used < sizeof(ledger->users) - 1; i++)
                used += (size_t) snprintf(ledger->users + used, sizeof(ledger->users) - used, "%s%u",
                        used > 0 ? " " : "", figures->limited_users[i]);
        if (used > 0)
                notice_add_text(notice, "EXEC_DROPPED_FAILURE_LIMIT_UID", bytes_of_string(ledger->users));
        return size +
                (size_t) snprintf(ledger->text + size, sizeof(ledger->text) - size,
                        "%s %llu by FailureLimit=", strchr(ledger->text, ':') ? "," : ":",
                        (unsigned long long) limited);
}

int ledger_suppressed(Ledger *ledger, const Figures *figures, Notice *ret) {
        uint64_t suppressed = figures->totals.suppressed - ledger->suppressed;
        uint64_t filtered = figures_filtered(figures) - ledger->filtered;
        uint64_t collapsed = figures->totals.collapsed - ledger->collapsed, by_filters;
        uint64_t limited = figures->limited - ledger->limited;
        size_t size = 0;

        if (suppressed == 0 && filtered == 0 && limited == 0)
                return 0;
        ledger->suppressed = figures->totals.suppressed;
        ledger->filtered += filtered;
        ledger->collapsed = figures->totals.collapsed;
        ledger->limited += limited;

        by_filters = suppressed - collapsed + filtered + limited;
        if (by_filters > 0)
                size = (size_t) snprintf(ledger->text, sizeof(ledger->text), "%llu execs were dropped by %s",
                        (unsigned long long) by_filters, limited == 0 ? "filters" : "filters and limits");
        *ret = notice_begin(ledger, NOTICE_SUPPRESSED, LOG_INFO);
        notice_add_number(ret, "EXEC_SUPPRESSED", (int64_t) suppressed);
        notice_add_number(ret, "EXEC_FILTERED", (int64_t) filtered);
        size = add_dropped(ledger, figures, size, ret);
        size = add_limited(ledger, figures, limited, size, ret);
        add_collapsed(ledger, collapsed, size, ret);
        ret->message = bytes_of_string(ledger->text);
        return 1;
}

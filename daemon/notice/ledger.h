/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/record.h"
#include "notice/notice.h"
#include "notice/totals.h"

/*
 * Formats the daemon's own records (notices), which say from when to when it recorded, and what is missing.
 * Each function fills a notice from the figures that the caller passes. The texts of the notice are valid
 * until the next call with the same ledger.
 */

/*
 * Why records were lost. The programs count the first causes, the kernel counts skipped programs, and the
 * daemon counts malformed records.
 */
typedef enum LostCause {
        LOST_RING_FULL = EXEC_LOST_RING_FULL,
        LOST_SLOT_BUSY = EXEC_LOST_SLOT_BUSY,
        LOST_FAILURES_FULL = EXEC_LOST_FAILURES_FULL,
        LOST_SKIPPED = EXEC_LOST_CAUSE_COUNT, /* the kernel did not call the program */
        LOST_MALFORMED,
        _LOST_CAUSE_MAX,
} LostCause;

/* The state between two notices. An all-zero ledger is new. */
typedef struct Ledger {
        uint64_t lost[_LOST_CAUSE_MAX]; /* this and the following numbers were reported already */
        uint64_t suppressed;
        uint64_t filtered;
        uint64_t collapsed;
        uint64_t dropped[EXEC_RULE_COUNT]; /* by each rule, in the daemon and in the kernel */
        uint64_t limited;
        char text[1024];
        char users[16 * 11];
} Ledger;

#define FIGURES_USERS_MAX 16

/* The figures at one moment. */
typedef struct Figures {
        Totals totals;
        uint64_t lost[_LOST_CAUSE_MAX];
        uint64_t filtered[EXEC_RULE_COUNT]; /* by the kernel side, unnumbered */
        struct {
                uint64_t first_usec; /* of losses that are not reported yet, since the epoch; 0: unknown */
                uint64_t last_usec;
        } lost_times[_LOST_CAUSE_MAX];
        uint64_t next_seq; /* the number of the next record; records that were lost take numbers from here */
        uint64_t limited; /* failed execs beyond FailureLimit= */
        uint32_t limited_users[FIGURES_USERS_MAX]; /* who made those that are not reported yet */
        size_t n_limited_users;
        uint64_t ring_used; /* bytes of the ring of execs that are in use, and its size in bytes */
        uint64_t ring_size;
        uint64_t failure_ring_used; /* the same of the ring of failed execs; size 0: none are recorded */
        uint64_t failure_ring_size;
} Figures;

/* Return the sums of lost[] and of filtered[]. */
uint64_t figures_lost(const Figures *figures);
uint64_t figures_filtered(const Figures *figures);

/* Writes "Recorded 5, suppressed 0, lost 0" to ledger->text, for STATUS= and the log. */
void ledger_status(Ledger *ledger, const Figures *figures);

/* The state in which a process starts to record. */
typedef struct Start {
        const char *hooks; /* names of the hooks, separated by spaces */
        const char *not_covered; /* a text such as "failed execs", or NULL */
        const char *unknown_names; /* of users and groups in rules, a text; NULL: all are known */
        bool rate_limited; /* journald may drop records, because its rate limit applies to this process */
        bool resumed; /* programs have recorded all the time since the previous process */
        uint64_t accounted; /* if resumed: how many record numbers the previous process accounted for */
        uint64_t running; /* otherwise: how many processes were running at the start; 0: unknown */
        const NoticeHost *host; /* where it runs, which lives as long as the notice; or NULL */
} Start;

void ledger_started(Ledger *ledger, const Start *start, Notice *ret);
void ledger_stopped(Ledger *ledger, const Figures *figures, Notice *ret);

/*
 * The exec of the heartbeat was seen, `seen_usec` microseconds after it happened. If `healed` is set, it was
 * seen only after the programs were attached anew.
 */
void ledger_alive(Ledger *ledger, const Figures *figures, uint64_t seen_usec, bool healed, Notice *ret);

/*
 * No exec of the heartbeat was seen; if `attached` is set, not even after the programs were attached anew.
 */
void ledger_blind(Ledger *ledger, const Figures *figures, bool attached, Notice *ret);

/* `waiting` and `unknown_names` are texts, or NULL. */
void ledger_reloaded(Ledger *ledger, const char *waiting, const char *unknown_names, Notice *ret);

void ledger_reload_failed(Ledger *ledger, const char *why, Notice *ret);

/*
 * `n` execs are in a ring that can't be read. They happened between the two times, which are in microseconds
 * since the epoch.
 */
void ledger_lost_takeover(Ledger *ledger, uint64_t n, uint64_t first_usec, uint64_t last_usec, Notice *ret);

/*
 * Reports the records that were lost by `cause` since the last call. They take numbers from figures->next_seq
 * on. Returns 1 and sets *ret, or 0 when none was lost.
 */
int ledger_lost(Ledger *ledger, Figures *figures, LostCause cause, Notice *ret);

/*
 * Reports the execs that were dropped since the last call, by which rules of the filter, and as misses of
 * searches. Returns 1 and sets *ret, or 0 when none was dropped.
 */
int ledger_suppressed(Ledger *ledger, const Figures *figures, Notice *ret);

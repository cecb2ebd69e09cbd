/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What of one boot is covered by records, and what is not. It is told what the journal has, in the
 * journal's order, and keeps the books once more that the daemon keeps: every number is recorded,
 * filtered, or lost, and a notice says how many. Numbers begin at 1 where recording begins, and go on
 * where a new process takes over.
 *
 * Times are microseconds since the epoch; 0: unknown.
 */
typedef enum FindingKind {
        FINDING_COVERED, /* recorded from `from` to `to`; `n` numbers up to `seq_last` */
        FINDING_NOT_STARTED, /* not yet recorded */
        FINDING_NEVER, /* not recorded in this boot */
        FINDING_STOPPED, /* not recorded: the service was stopped */
        FINDING_DIED, /* not recorded: the service ended without a word */
        FINDING_SHUTDOWN, /* the service was stopped, and the boot ended soon after that */
        FINDING_LOST, /* `n` execs were lost, for `cause` */
        /* `n` execs were dropped by filters in the daemon, numbered, and `unnumbered` in the kernel */
        FINDING_FILTERED,
        FINDING_REMOVED, /* the journal does not go back to where recording began */
        FINDING_MISSING, /* `n` numbers from `seq_first` to `seq_last` are missing without a word */
        FINDING_TWICE, /* `n` numbers from `seq_first` to `seq_last` are there twice */
        FINDING_MISMATCH, /* the daemon's total of `cause` is `n`, what the journal has of it is `found` */
        _FINDING_KIND_MAX,
} FindingKind;

#define COVERAGE_CAUSE_SIZE 32

typedef struct Finding {
        FindingKind kind;
        uint64_t from, to;
        uint64_t n, found, unnumbered;
        uint64_t seq_first, seq_last;
        char cause[COVERAGE_CAUSE_SIZE];
} Finding;

/* Whether something is not there that should be. */
bool finding_is_gap(const Finding *finding);

typedef enum NoticeType {
        TYPE_STARTED,
        TYPE_STOPPED,
        TYPE_LOST,
        TYPE_SUPPRESSED,
        TYPE_ALIVE,
        TYPE_OTHER,
} NoticeType;

/* One of the daemon's records on itself. What it does not say is 0. */
typedef struct CoverageNotice {
        NoticeType type;
        uint64_t time;
        bool resumed; /* `started`: programs recorded all the time */
        uint64_t accounted; /* ... and how many numbers were taken by then; 0: they begin anew */
        uint64_t n; /* `lost`, `suppressed`: how many */
        uint64_t unnumbered; /* `suppressed`: by the kernel */
        uint64_t first, last, seq_first, seq_last; /* `lost` */
        const char *cause;
        bool has_totals; /* `stopped`, `alive` */
        uint64_t recorded, lost, suppressed;
        uint64_t seq; /* the last number; 0: not said */
} CoverageNotice;

typedef struct Coverage Coverage;

/* `partial`: what lies before the first record was not asked for, and is not missing. 0 or -ENOMEM. */
int coverage_new(bool partial, Coverage **ret);
void coverage_free(Coverage *coverage);

/* The next record of an exec, with its number; the next notice. 0 or -ENOMEM. */
int coverage_exec(Coverage *coverage, uint64_t seq, uint64_t time);
int coverage_notice(Coverage *coverage, const CoverageNotice *notice);

/*
 * That was all. `begin` and `end` are the times of the first and the last entry that the journal has of
 * this boot, of whatever program; `running`: it is the boot that runs now. 0 or -ENOMEM.
 */
int coverage_end(Coverage *coverage, uint64_t begin, uint64_t end, bool running);

/* What was found, in the order of time; after coverage_end(). */
size_t coverage_findings(const Coverage *coverage, const Finding **ret);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is known of a part of a boot. Times are in microseconds since the epoch, and 0 if unknown. */
typedef enum FindingKind {
        FINDING_COVERED, /* recorded from `from` to `to`; `n` numbers up to `seq_last` */
        FINDING_NOT_STARTED, /* not yet recorded */
        FINDING_NEVER, /* not recorded in this boot */
        FINDING_STOPPED, /* not recorded: the service was stopped */
        FINDING_DIED, /* not recorded: the service ended without a notice */
        FINDING_SHUTDOWN, /* the service was stopped, and the boot ended soon after that */
        FINDING_LOST, /* `n` execs were lost, for `cause` */
        /* `n` execs were dropped by filters in the daemon, numbered, and `unnumbered` in the kernel */
        FINDING_FILTERED,
        FINDING_REMOVED, /* the journal does not go back to the beginning of recording */
        FINDING_MISSING, /* `n` numbers from `seq_first` to `seq_last` are missing without a notice */
        FINDING_TWICE, /* `n` records, numbered from `seq_first` to `seq_last`, exist already */
        FINDING_MISMATCH, /* the daemon's total of `cause` is `n`, but that of the journal is `found` */
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

/* Returns true when the finding means that something is missing that should be there. */
bool finding_is_gap(const Finding *finding);

typedef struct Findings {
        Finding *finding;
        size_t n, n_allocated;
        bool failed; /* there was no memory for one */
} Findings;

/* Adds a finding and returns it, until the next one is added, or NULL when there is no memory. */
Finding *findings_add(Findings *findings, FindingKind kind, uint64_t from, uint64_t to, const char *cause);

/* Counts a record that exists already. Returns 0 or -ENOMEM. */
int findings_add_resent(Findings *findings, uint64_t seq, uint64_t time);

void findings_sort(Findings *findings);
void findings_done(Findings *findings);

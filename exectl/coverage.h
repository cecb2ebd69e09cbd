/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "findings.h"

/*
 * Finds out which parts of a boot are covered by records. The caller passes all records of the boot, in the
 * order of the journal. They are checked like accounts: each number is recorded, filtered, or lost, and
 * notices say how many are filtered and lost. Numbers begin at 1 when recording begins, and continue when a
 * new process takes over.
 *
 * Times are in microseconds since the epoch, and 0 if unknown.
 */

typedef enum NoticeType {
        TYPE_STARTED,
        TYPE_STOPPED,
        TYPE_LOST,
        TYPE_SUPPRESSED,
        TYPE_ALIVE,
        TYPE_OTHER,
} NoticeType;

/* A record of the daemon about itself. Members for which it has no field are 0. */
typedef struct CoverageNotice {
        NoticeType type;
        uint64_t time;
        bool resumed; /* `started`: programs recorded all the time since the previous process */
        uint64_t accounted; /* `started`: how many numbers were taken by then; 0: they begin at 1 again */
        uint64_t n; /* `lost`, `suppressed`: how many */
        uint64_t unnumbered; /* `suppressed`: by the kernel */
        uint64_t first, last, seq_first, seq_last; /* `lost` */
        const char *cause;
        bool has_totals; /* `stopped`, `alive` */
        uint64_t recorded, lost, suppressed;
        uint64_t seq; /* the last number; 0: unknown */
} CoverageNotice;

typedef struct Coverage Coverage;

/*
 * Creates the object. If `partial` is set, the caller does not pass the whole boot, so records before the
 * first one are not missing. Returns 0 or -ENOMEM.
 */
int coverage_new(bool partial, Coverage **ret);
void coverage_free(Coverage *coverage);

/* Take the next record of an exec, with its number, and the next notice. Return 0 or -ENOMEM. */
int coverage_exec(Coverage *coverage, uint64_t seq, uint64_t time);
int coverage_notice(Coverage *coverage, const CoverageNotice *notice);

/*
 * Takes a record of an earlier run, which comes late because it was sent again. It is only counted: a number
 * that was missing then stays missing. Returns 0 or -ENOMEM.
 */
int coverage_resent(Coverage *coverage, uint64_t seq, uint64_t time);

/*
 * Ends the records. `begin` and `end` are the times of the first and the last entry of any program that the
 * journal has of this boot. `running` says that it is the current boot. Returns 0 or -ENOMEM.
 */
int coverage_end(Coverage *coverage, uint64_t begin, uint64_t end, bool running);

/*
 * Returns the number of findings and sets *ret to them, in the order of time. Call it after coverage_end().
 */
size_t coverage_findings(const Coverage *coverage, const Finding **ret);

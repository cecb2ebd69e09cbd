/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coverage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seq-set.h"

/* A range of records whose numbers continue. */
typedef struct Run {
        bool open; /* it has begun, and its end was not seen yet */
        bool whole; /* its beginning was seen */
        uint64_t stopped; /* when the service was, which may go on with these numbers; 0: it runs */
        SeqSet seqs;
        uint64_t first; /* the first number that counts */
        uint64_t begin; /* when recording began, or of the first record */
        uint64_t last; /* when its last record was written */
        uint64_t explained; /* how many numbers the notices explain */
        uint64_t lost, suppressed; /* how many of these are lost, and how many suppressed */
        uint64_t said; /* how many missing numbers were reported as findings already */
        uint64_t checked_seq, checked_time; /* the next number and the time at the last check */
        uint64_t settled, settling,
                settling_time; /* how many were missing earlier, so that a notice is due, and at this time */
        uint64_t settled_next, settling_next; /* the next number at these two times */
        uint64_t n_twice, twice_first, twice_last;
        size_t covered; /* index of its finding */
} Run;

struct Coverage {
        Findings findings;
        bool partial;
        Run run;
        uint64_t uncovered_since; /* when recording ended; 0: it did not, or that is unknown */
        FindingKind uncovered_why;
};

int coverage_new(bool partial, Coverage **ret) {
        Coverage *coverage = calloc(1, sizeof(*coverage));

        if (!coverage)
                return -ENOMEM;
        coverage->partial = partial;
        *ret = coverage;
        return 0;
}

void coverage_free(Coverage *coverage) {
        if (!coverage)
                return;
        seq_set_done(&coverage->run.seqs);
        findings_done(&coverage->findings);
        free(coverage);
}

static int result(const Coverage *coverage) {
        return coverage->findings.failed ? -ENOMEM : 0;
}

/* Within this time a notice reports what was filtered or lost. The daemon does so within a minute. */
#define NOTICE_DUE_USEC (120ULL * 1000 * 1000)

/* A shutdown usually takes less than this, because each unit has 90 s to stop. */
#define SHUTDOWN_USEC (180ULL * 1000 * 1000)

/*
 * Adds a finding if more numbers before `next` are missing than notices explain. After a notice, none may be:
 * a number is filtered or lost before a greater one is recorded, and a notice covers all numbers up to its
 * own time.
 */
static void check(Coverage *coverage, uint64_t time, uint64_t next, uint64_t missing, uint64_t explained) {
        Run *run = &coverage->run;
        uint64_t known = explained + run->said;
        SeqRange range = {};

        if (missing > known && seq_set_missing(&run->seqs, run->checked_seq, next, &range)) {
                Finding *finding =
                        findings_add(&coverage->findings, FINDING_MISSING, run->checked_time, time, NULL);

                if (finding) {
                        finding->n = missing - known;
                        finding->seq_first = range.first;
                        finding->seq_last = range.last;
                }
                run->said += missing - known;
        }
        run->checked_seq = run->seqs.next;
        run->checked_time = time;
}

static void check_missing(Coverage *coverage, uint64_t time) {
        const Run *run = &coverage->run;

        check(coverage, time, run->seqs.next, run->seqs.sum_missing, run->explained);
}

/* Checks the current boot, but only the numbers for which a notice is due already. */
static void check_settled(Coverage *coverage, uint64_t end) {
        Run *run = &coverage->run;

        if (end > run->last + NOTICE_DUE_USEC)
                check_missing(coverage, run->last);
        else /* some missing numbers may have been added since */
                check(coverage, run->last, run->settled_next,
                        run->settled < run->seqs.sum_missing ? run->settled : run->seqs.sum_missing,
                        run->explained);
}

static void settle(Run *run, uint64_t time) {
        if (time < run->settling_time + NOTICE_DUE_USEC)
                return;
        run->settled = run->settling;
        run->settled_next = run->settling_next;
        run->settling = run->seqs.sum_missing;
        run->settling_next = run->seqs.next;
        run->settling_time = time;
}

static void compare(Coverage *coverage, const char *what, uint64_t total, uint64_t found, uint64_t time) {
        Finding *finding;

        if (total == found)
                return;
        finding = findings_add(&coverage->findings, FINDING_MISMATCH, time, time, what);
        if (finding) {
                finding->n = total;
                finding->found = found;
        }
}

static void run_begin(Coverage *coverage, uint64_t time, uint64_t first, bool whole) {
        Run *run = &coverage->run;

        *run = (Run){
                .open = true,
                .whole = whole,
                .first = first,
                .begin = time,
                .last = time,
                .checked_time = time,
                .settling_time = time,
                .covered = coverage->findings.n,
        };
        seq_set_begin(&run->seqs, first);
        run->checked_seq = first;
        (void) findings_add(&coverage->findings, FINDING_COVERED, time, time, NULL);
}

/*
 * Ends the run. `why` says why recording ended, and `uncovered_since` when. That is 0 if recording continues
 * with other numbers.
 */
static void run_end(Coverage *coverage, uint64_t time, uint64_t uncovered_since, FindingKind why) {
        Run *run = &coverage->run;
        Finding *covered;

        if (!run->open)
                return;
        if (run->n_twice > 0) {
                Finding *twice = findings_add(&coverage->findings, FINDING_TWICE, run->begin, time, NULL);

                if (twice) {
                        twice->n = run->n_twice;
                        twice->seq_first = run->twice_first;
                        twice->seq_last = run->twice_last;
                }
        }
        if (run->covered < coverage->findings.n) {
                covered = coverage->findings.finding + run->covered;
                covered->to = time;
                covered->n = run->seqs.n_seen;
                if (run->seqs.next > run->first) {
                        covered->seq_first = run->first;
                        covered->seq_last = run->seqs.next - 1;
                }
        }
        seq_set_done(&run->seqs);
        run->open = false;
        coverage->uncovered_since = uncovered_since;
        coverage->uncovered_why = why;
}

/* The service was stopped, and did not go on. */
static void end_stopped(Coverage *coverage) {
        Run *run = &coverage->run;

        if (run->open && run->stopped > 0)
                run_end(coverage, run->stopped, run->stopped, FINDING_STOPPED);
        run->stopped = 0;
}

/* Begins a run whose beginning was not seen, because earlier records were removed or not wanted. */
static void begin_unseen(Coverage *coverage, uint64_t time, uint64_t seq) {
        run_begin(coverage, time, seq, false);
        if (!coverage->partial && seq > 1) {
                Finding *removed = findings_add(&coverage->findings, FINDING_REMOVED, 0, time, NULL);

                if (removed) {
                        removed->n = seq - 1;
                        removed->seq_first = 1;
                        removed->seq_last = seq - 1;
                }
        }
}

/* Adds the number of a record. Returns 0 or -ENOMEM. */
static int add_number(Run *run, uint64_t seq) {
        int r;

        r = seq_set_add(&run->seqs, seq);
        if (r != 0)
                return r < 0 ? r : 0;
        if (run->n_twice++ == 0 || seq < run->twice_first)
                run->twice_first = seq;
        if (seq > run->twice_last)
                run->twice_last = seq;
        return 0;
}

int coverage_exec(Coverage *coverage, uint64_t seq, uint64_t time) {
        Run *run = &coverage->run;
        int r;

        /* After a stop, the first number that was not given before belongs to a service that goes on. */
        if (run->stopped > 0 && seq < run->seqs.next)
                end_stopped(coverage);
        run->stopped = 0;
        if (!run->open)
                begin_unseen(coverage, time, seq);
        r = add_number(run, seq);
        if (r < 0)
                return r;
        if (time > run->last)
                run->last = time;
        settle(run, time);
        return result(coverage);
}

int coverage_resent(Coverage *coverage, uint64_t seq, uint64_t time) {
        Run *run = &coverage->run;

        if (run->stopped > 0 && time >= run->begin)
                return add_number(run, seq);
        return findings_add_resent(&coverage->findings, seq, time);
}

/* Adds a finding for the time in which nothing was recorded. */
static void close_uncovered(Coverage *coverage, uint64_t time) {
        if (coverage->uncovered_since > 0 && time > coverage->uncovered_since)
                (void) findings_add(
                        &coverage->findings, coverage->uncovered_why, coverage->uncovered_since, time, NULL);
        coverage->uncovered_since = 0;
}

static void started(Coverage *coverage, const CoverageNotice *notice) {
        Run *run = &coverage->run;

        if (notice->resumed && notice->accounted > 0) {
                run->stopped = 0;
                if (!run->open)
                        begin_unseen(coverage, notice->time, notice->accounted + 1);
                return;
        }
        end_stopped(coverage);
        /*
         * The previous process has not written a notice when it stopped. If recording continues with other
         * maps, another notice says what was lost with the old ones.
         */
        if (run->open) {
                check_missing(coverage, run->last);
                run_end(coverage, run->last, notice->resumed ? 0 : run->last, FINDING_DIED);
        }
        close_uncovered(coverage, notice->time);
        run_begin(coverage, notice->time, 1, true);
}

static void check_totals(Coverage *coverage, const CoverageNotice *notice) {
        Run *run = &coverage->run;

        if (!notice->has_totals || !run->whole)
                return;
        /* The totals of `alive` do not count records that are still in the ring. */
        if (notice->type == TYPE_STOPPED || notice->recorded > run->seqs.n_seen)
                compare(coverage, "recorded", notice->recorded, run->seqs.n_seen, notice->time);
        if (notice->type == TYPE_STOPPED) {
                compare(coverage, "lost", notice->lost, run->lost, notice->time);
                compare(coverage, "suppressed", notice->suppressed, run->suppressed, notice->time);
        }
}

static void lost(Coverage *coverage, const CoverageNotice *notice) {
        Run *run = &coverage->run;
        Finding *finding = findings_add(&coverage->findings, FINDING_LOST, notice->first,
                notice->last ? notice->last : notice->time, notice->cause);

        if (finding) {
                finding->n = notice->n;
                finding->seq_first = notice->seq_first;
                finding->seq_last = notice->seq_last;
        }
        /* Records that are lost with closed maps have no numbers of this run. */
        if (notice->cause && strcmp(notice->cause, "takeover") == 0)
                return;
        run->explained += notice->n;
        run->lost += notice->n;
}

static void suppressed(Coverage *coverage, const CoverageNotice *notice) {
        Run *run = &coverage->run;
        Finding *finding =
                findings_add(&coverage->findings, FINDING_FILTERED, run->checked_time, notice->time, NULL);

        if (finding) {
                finding->n = notice->n;
                finding->unnumbered = notice->unnumbered;
        }
        run->explained += notice->n;
        run->suppressed += notice->n;
        check_missing(coverage, notice->time);
}

int coverage_notice(Coverage *coverage, const CoverageNotice *notice) {
        Run *run = &coverage->run;

        if (notice->type != TYPE_STARTED && notice->type != TYPE_OTHER)
                end_stopped(coverage);
        if (notice->type == TYPE_STARTED)
                started(coverage, notice);
        else if (!run->open && notice->type != TYPE_OTHER)
                begin_unseen(coverage, notice->time, notice->seq + 1);

        if (notice->type == TYPE_LOST)
                lost(coverage, notice);
        else if (notice->type == TYPE_SUPPRESSED)
                suppressed(coverage, notice);
        else if (notice->type == TYPE_STOPPED) {
                if (seq_set_extend(&run->seqs, notice->seq) < 0)
                        return -ENOMEM;
                check_missing(coverage, notice->time);
                check_totals(coverage, notice);
                run->stopped = notice->time;
        } else if (notice->type == TYPE_ALIVE) {
                uint64_t explained = notice->lost + notice->suppressed;

                /* Its totals count what was not reported by a notice yet. */
                if (run->whole && notice->has_totals)
                        check(coverage, notice->time, run->seqs.next, run->seqs.sum_missing,
                                explained > run->explained ? explained : run->explained);
                check_totals(coverage, notice);
        }
        if (run->open && notice->time > run->last)
                run->last = notice->time;
        return result(coverage);
}

int coverage_end(Coverage *coverage, uint64_t begin, uint64_t end, bool running) {
        Run *run = &coverage->run;

        if (coverage->findings.n > 0 && coverage->findings.finding[0].kind == FINDING_COVERED &&
                !coverage->partial) {
                uint64_t first = coverage->findings.finding[0].from;

                if (first > begin &&
                        (coverage->findings.n < 2 || coverage->findings.finding[1].kind != FINDING_REMOVED))
                        (void) findings_add(&coverage->findings, FINDING_NOT_STARTED, begin, first, NULL);
        }
        if (coverage->findings.n == 0)
                (void) findings_add(&coverage->findings, FINDING_NEVER, begin, end, NULL);
        end_stopped(coverage);
        /*
         * Numbers that are missing since the last notice may be explained by the next one, unless the boot
         * has ended.
         */
        if (run->open && !running)
                check_missing(coverage, run->last);
        else if (run->open)
                check_settled(coverage, end);
        if (run->open)
                run_end(coverage, running ? end : run->last, running ? 0 : run->last, FINDING_DIED);
        if (!running && coverage->uncovered_why == FINDING_STOPPED &&
                end < coverage->uncovered_since + SHUTDOWN_USEC)
                coverage->uncovered_why = FINDING_SHUTDOWN;
        close_uncovered(coverage, end);
        if (coverage->findings.failed)
                return -ENOMEM;
        findings_sort(&coverage->findings);
        return 0;
}

size_t coverage_findings(const Coverage *coverage, const Finding **ret) {
        *ret = coverage->findings.finding;
        return coverage->findings.n;
}

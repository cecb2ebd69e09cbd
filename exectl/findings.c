/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "findings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

bool finding_is_gap(const Finding *finding) {
        switch (finding->kind) {
        case FINDING_COVERED:
        case FINDING_NOT_STARTED:
        case FINDING_SHUTDOWN:
        case FINDING_FILTERED:
        case FINDING_TWICE:
                return false;
        default:
                return true;
        }
}

Finding *findings_add(Findings *findings, FindingKind kind, uint64_t from, uint64_t to, const char *cause) {
        Finding *finding;

        if (findings->n == findings->n_allocated) {
                size_t n = findings->n_allocated ? 2 * findings->n_allocated : 16;
                Finding *grown = reallocarray(findings->finding, n, sizeof(*grown));

                if (!grown) {
                        findings->failed = true;
                        return NULL;
                }
                findings->finding = grown;
                findings->n_allocated = n;
        }
        finding = findings->finding + findings->n++;
        *finding = (Finding){ .kind = kind, .from = from, .to = to };
        if (cause)
                (void) snprintf(finding->cause, sizeof(finding->cause), "%s", cause);
        return finding;
}

int findings_add_resent(Findings *findings, uint64_t seq, uint64_t time) {
        Finding *twice = NULL;
        uint64_t from = 0, to = 0;

        for (size_t i = 0; i < findings->n; i++) {
                Finding *finding = findings->finding + i;

                if (time < finding->from || time > finding->to)
                        continue;
                if (finding->kind == FINDING_TWICE)
                        twice = finding;
                else if (finding->kind == FINDING_COVERED) {
                        from = finding->from;
                        to = finding->to;
                }
        }
        if (!twice && to == 0)
                return 0;
        if (!twice) {
                twice = findings_add(findings, FINDING_TWICE, from, to, NULL);
                if (!twice)
                        return -ENOMEM;
                twice->seq_first = twice->seq_last = seq;
        }
        twice->n++;
        if (seq < twice->seq_first)
                twice->seq_first = seq;
        if (seq > twice->seq_last)
                twice->seq_last = seq;
        return 0;
}

static int by_time(const void *a, const void *b) {
        const Finding *x = a, *y = b;

        if (x->from != y->from)
                return x->from < y->from ? -1 : 1;
        return x->kind < y->kind ? -1 : x->kind > y->kind;
}

void findings_sort(Findings *findings) {
        if (findings->n > 0)
                qsort(findings->finding, findings->n, sizeof(*findings->finding), by_time);
}

void findings_done(Findings *findings) {
        free(findings->finding);
        *findings = (Findings){};
}

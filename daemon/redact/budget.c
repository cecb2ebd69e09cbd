/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "redact/budget.h"

#include <time.h>

/* Returns the CPU time of this thread, which does not depend on the load of the machine. */
static uint64_t cpu_ns(void) {
        struct timespec now = {};

        (void) clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return (uint64_t) now.tv_sec * 1000000000U + (uint64_t) now.tv_nsec;
}

Budget budget_new(uint64_t limit_ns, uint64_t weight) {
        return (Budget){ .limit_ns = limit_ns, .weight = weight };
}

static void set_text_deadline(Budget *budget, uint64_t now) {
        uint64_t left = budget->deadline_ns > now ? budget->deadline_ns - now : 0;
        uint64_t weights = budget->text_weight + budget->weight, share;

        /* The product is computed in microseconds, so that it does not overflow. */
        share = weights > 0 ? left / 1000 * budget->text_weight / weights * 1000 : left;
        budget->text_deadline_ns = now + (share > BUDGET_LEAST_NS ? share : BUDGET_LEAST_NS);
}

void budget_begin(Budget *budget, uint64_t weight) {
        budget->text_weight = weight;
        budget->weight -= weight < budget->weight ? weight : budget->weight;
        if (budget->deadline_ns > 0) {
                budget->read_ns = cpu_ns();
                set_text_deadline(budget, budget->read_ns);
        }
}

bool budget_is_spent(Budget *budget) {
        uint64_t now = cpu_ns();

        budget->work = 0;
        budget->read_ns = now;
        if (budget->deadline_ns == 0) {
                budget->deadline_ns = now + budget->limit_ns;
                set_text_deadline(budget, now);
        }
        return now >= budget->text_deadline_ns;
}

bool budget_is_spent_by_twice(Budget *budget) {
        uint64_t before = budget->deadline_ns > 0 ? budget->read_ns : UINT64_MAX;

        if (budget_is_spent(budget))
                return true;
        return before < budget->read_ns &&
                2 * (budget->read_ns - before) > budget->text_deadline_ns - budget->read_ns;
}

bool budget_spend(Budget *budget, uint64_t work) {
        budget->work += work;
        return budget->work >= BUDGET_QUANTUM && budget_is_spent(budget);
}

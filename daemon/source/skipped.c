/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/skipped.h"

/*
 * How often the counters are read at the beginning. The highest result is used: calls in flight make it
 * lower, and most of them end meanwhile.
 */
#define BEGIN_LOOKS 16

#define SUM(skipped, member) counts_sum((skipped)->counts, offsetof(struct exec_cpu, member))

static bool first_misses(const Skipped *skipped, uint64_t *ret) {
        return hooks_count(skipped->hooks, HOOK_EXEC) > 0 &&
                hooks_misses(skipped->hooks, HOOK_EXEC, 0, ret) >= 0;
}

/*
 * Sets *ret to the number of failed calls that were skipped, relative to an unknown origin. The counter of
 * what happens first in a call is read last, so that the result is never too high.
 */
static bool failures_skipped(const Skipped *skipped, int64_t *ret) {
        uint64_t misses = 0, returned, executed, first;

        for (HookKind kind = HOOK_EXECVE; kind < _HOOK_KIND_MAX; kind++) {
                uint64_t n;

                if (hooks_count(skipped->hooks, kind) == 0)
                        continue;
                if (hooks_misses(skipped->hooks, kind, 0, &n) < 0)
                        return false;
                misses += n;
        }
        returned = SUM(skipped, returned);
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        executed = SUM(skipped, executed) + (skipped->native ? 0 : SUM(skipped, executed_compat));
        if (!first_misses(skipped, &first))
                return false;
        *ret = (int64_t) (misses + returned - executed - first);
        return true;
}

uint64_t skipped_count(Skipped *skipped, uint64_t now_ns, bool settled) {
        volatile struct exec_counters *counters = skipped->counts->counters;
        uint64_t misses = skipped->misses, now;
        int64_t execs, failures;

        if (now_ns - skipped->misses_ns >= SKIPPED_DELAY_NS || settled) {
                /* A copy runs a moment after the first hook, so it gets the time to record. */
                if (first_misses(skipped, &now))
                        skipped->misses = now;
                skipped->misses_ns = now_ns;
                if (settled)
                        misses = skipped->misses;
                if (skipped->failures && failures_skipped(skipped, &failures)) {
                        failures += counters->failures_base;
                        if (failures > (int64_t) counters->failures_skipped)
                                counters->failures_skipped = (uint64_t) failures;
                }
        }
        execs = (int64_t) misses + counters->skipped_base - (int64_t) SUM(skipped, recovered);
        if (execs > (int64_t) counters->skipped)
                counters->skipped = (uint64_t) execs;
        return counters->skipped + counters->failures_skipped;
}

void skipped_begin_failures(const Skipped *skipped) {
        volatile struct exec_counters *counters = skipped->counts->counters;
        int64_t highest = INT64_MIN, now;

        for (int i = 0; skipped->failures && i < BEGIN_LOOKS; i++)
                if (failures_skipped(skipped, &now) && now > highest)
                        highest = now;
        if (highest != INT64_MIN)
                counters->failures_base = (int64_t) counters->failures_skipped - highest;
}

void skipped_set(Skipped *skipped, uint64_t said) {
        volatile struct exec_counters *counters = skipped->counts->counters;

        skipped->misses = 0;
        counters->skipped = said;
        counters->skipped_base = (int64_t) said + (int64_t) SUM(skipped, recovered);
        counters->failures_skipped = 0;
        skipped_begin_failures(skipped);
}

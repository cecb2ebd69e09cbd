/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "source/counts.h"
#include "source/hooks.h"

/*
 * Counts the execs, failed ones included, for which the kernel skipped the hooks and which no copy of a hook
 * recorded.
 *
 * Each time that the first hook of sched_process_exec is skipped is one exec, minus those that a copy
 * recorded. The hooks at the end of the system calls are also skipped for calls that succeed, and it is not
 * known for which. But each call that succeeds passes sched_process_exec first, where it is counted, or that
 * hook is skipped for it. So the calls that were executed, but not seen to succeed by the hooks at the end,
 * were skipped there, and the other skipped calls failed:
 *
 *      failed = skipped - (executed - seen to succeed)
 *
 * While a call is between the two hooks the result is too low by one, but it is never too high. In two rare
 * cases a skipped call counts as a failure, because the kernel does not tell what it was: a check with
 * AT_EXECVE_CHECK that succeeds, and a call that the kernel restarts. The result is too low by one failure
 * when the hook of sched_process_exec is skipped for a program that the kernel itself executes, and when an
 * x32 caller executes a program, because no trampoline sees that.
 */
typedef struct Skipped {
        const Hooks *hooks;
        const Counts *counts;
        bool failures; /* there are hooks at the end of the system calls */
        bool native; /* these hooks do not see calls whose new program is a 32-bit one */
        uint64_t misses; /* how often the first hook was skipped, as of misses_ns */
        uint64_t misses_ns;
} Skipped;

/*
 * Returns the number of such execs, ever. `now_ns` is the time of CLOCK_BOOTTIME. An exec that is skipped now
 * is counted by the first call after SKIPPED_DELAY_NS, or at once if `settled` is true, which says that
 * nothing is recorded any more.
 */
#define SKIPPED_DELAY_NS 50000000ULL
uint64_t skipped_count(Skipped *skipped, uint64_t now_ns, bool settled);

/*
 * To be called after the hooks were attached again. `said` is the number that was reported so far, to which
 * further ones are added.
 */
void skipped_set(Skipped *skipped, uint64_t said);

/* To be called after the hooks at the end of the system calls were attached. The number so far stays. */
void skipped_begin_failures(const Skipped *skipped);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "source/counts.h"
#include "source/hooks.h"

/*
 * How many execs, and how many failed ones, the kernel skipped the hooks for that no copy has recorded.
 *
 * Of the hooks of sched_process_exec each that was skipped is one, but for those that a copy recorded. The
 * hooks at the end of the system calls are skipped for calls that succeeded, too, and nobody sees which. But
 * each that succeeded passed sched_process_exec before, where it was counted, or that hook was skipped for
 * it. So those that the hooks at the end did not see succeed were skipped there, and the others failed:
 *
 *      failed = skipped - (executed - seen to succeed)
 *
 * A call on its way from the one to the other makes that one too little, for a moment, and never too much. In
 * two rare cases a call that was skipped counts as a failure, for the kernel does not say what it was: a
 * question with AT_EXECVE_CHECK that is answered with yes, and a call that the kernel makes again. One
 * failure too few is counted where the hook of sched_process_exec is skipped for a program that the kernel
 * itself executes, and where an x32 caller executes one, whom no trampoline sees.
 */
typedef struct Skipped {
        const Hooks *hooks;
        const Counts *counts;
        bool failures; /* there are hooks at the end of the system calls */
        bool native; /* ... which do not see those whose new program is a 32-bit one */
        uint64_t misses; /* of the first hook, as of misses_ns */
        uint64_t misses_ns;
} Skipped;

/*
 * Returns how many there were, ever. What is skipped at this moment is counted a little later: at the next
 * call after SKIPPED_DELAY_NS, or at once with `settled`, when nothing is recorded any more.
 */
#define SKIPPED_DELAY_NS 50000000ULL
uint64_t skipped_count(Skipped *skipped, uint64_t now_ns, bool settled);

/* The hooks were attached anew: so many are known, `said`, and what they count from now on is added. */
void skipped_set(Skipped *skipped, uint64_t said);

/* Likewise, of the hooks at the end of the system calls alone; what is known stays. */
void skipped_begin_failures(const Skipped *skipped);

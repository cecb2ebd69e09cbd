/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/record.h"
#include "config/config.h"
#include "source/hooks.h"
#include "source/map-set.h"
#include "source/probe-settings.h"
#include "util/cleanup.h"

/*
 * The kernel side: its programs, loaded for one configuration, and its maps. A second set of programs, made
 * for a new configuration, takes over the maps of the first with all that is in them. The hooks call the one
 * or the other: every exec is recorded once, and none is missed, however long the second takes to load.
 */
typedef struct Probe Probe;

/*
 * Loads the programs and attaches the hooks that are not yet attached; nothing is called until
 * probe_activate(). `maps` NULL: with maps of its own, the rings of the sizes that `config` has. Else: with
 * these, but for a ring that is not among them. `generation` is a number that no other set of programs has
 * which these maps were ever used by. `hooks` outlives the probe.
 *
 * 0; -ENOTSUP: the kernel or the privileges don't allow it, and *ret_why says so in one line (to be freed);
 * -ESTALE: the maps are not those that these programs need; -ENOMEM.
 */
int probe_new(const Config *config, const ProbeRules *rules, const MapSet *maps, uint32_t generation,
        Hooks *hooks, Probe **ret, char **ret_why);

/* Unloads what the hooks do not call. */
Probe *probe_free(Probe *probe);
DEFINE_POINTER_CLEANUP(Probe *, probe_free);

/*
 * From here on the hooks call this set of programs, and no other; those that it has no use for are detached.
 * 0, or the first error of bpf(2).
 */
int probe_activate(Probe *probe);

/* Waits for the programs, of this set or another, that are running at this moment: milliseconds. */
void probe_settle(void);

/* Nothing is recorded any more once it returns; what is in the rings stays. */
void probe_detach(Probe *probe);

/* The maps; they stay the probe's. */
void probe_maps(const Probe *probe, MapSet *ret);

/*
 * A ring's map and its size in bytes; the descriptor stays the probe's, and becomes readable with the first
 * record.
 */
int probe_ring_fd(const Probe *probe, MapKind ring);
uint32_t probe_ring_bytes(const Probe *probe, MapKind ring);

/* What the kernel side counts, on all CPUs together, as it is now: no system call. */
uint64_t probe_filtered(const Probe *probe, enum exec_rule rule);
uint64_t probe_numbered(const Probe *probe);
uint64_t probe_cgroups_lost(const Probe *probe);
uint64_t probe_failures_limited(const Probe *probe);

/*
 * Returns how many records were lost by this cause. *ret_first_ns and *ret_last_ns: the times of the first
 * and the last of those after `since_ns`, CLOCK_BOOTTIME; 0: there was none.
 */
uint64_t probe_lost(const Probe *probe, enum exec_lost_cause cause, uint64_t since_ns, uint64_t *ret_first_ns,
        uint64_t *ret_last_ns);

/*
 * Returns how many execs, failed ones among them, the kernel skipped the programs for that no copy has
 * recorded (skipped_count()).
 */
uint64_t probe_skipped(Probe *probe, uint64_t now_ns, bool settled);

/*
 * The hooks were attached anew: of what they were skipped for so far `said` is known, and they begin to count
 * at 0.
 */
void probe_set_skipped(Probe *probe, uint64_t said);

/*
 * Detaches all hooks and attaches new ones. `said` is what is known of those that were skipped. 0 or a
 * negative errno.
 */
int probe_reattach(Probe *probe, uint64_t said);

/* Goes on from what `before` has counted, which records into the same maps. */
void probe_inherit(Probe *probe, const Probe *before);

/* Whether the kernel may skip hooks that record what ran. */
bool probe_may_be_skipped(const Probe *probe);

/*
 * To be called at regular times while hooks are skipped. A hook that goes on to be skipped has a task inside
 * of it that is not run: attaches one more copy where fewer than two work. 1: it did; 0: there was no need;
 * or a negative errno.
 */
int probe_watch_hooks(Probe *probe, bool *ret_moved);

/* A user that failed more execs than FailureLimit= allows. */
typedef struct LimitedUser {
        uint32_t uid;
        uint64_t n; /* how many more, ever */
} LimitedUser;

/* The `max` first that are found. Returns how many. */
size_t probe_limited_users(const Probe *probe, LimitedUser ret[], size_t max);

/* The hooks in use, a text of words: "sched_process_exec task_rename trampoline". */
const char *probe_hooks(const Probe *probe);

/* What these hooks do not see, and why not, each a text or NULL. */
const char *probe_not_covered(const Probe *probe);
const char *probe_why_not_covered(const Probe *probe);

/*
 * Has what runs in that cgroup dropped in the kernel, by the rule (enum exec_rule), or not dropped any more
 * (`rule` negative). 0, or what bpf(2) failed with: then its records come, to be filtered by the daemon.
 * Without rules about units nothing happens.
 */
int probe_drop_cgroup(Probe *probe, uint64_t id, int rule);

/*
 * A file that gives one record (EXEC_RECORD_RUNNING) for each program that runs, in one walk. Returns it, or
 * a negative errno.
 */
int probe_snapshot(const Probe *probe);

/*
 * The cgroups of which that was said, one after the other: the one behind *before, or the first one where
 * that is NULL. One that is taken out meanwhile must not be `before`. False: there are no more.
 */
bool probe_next_dropped(const Probe *probe, const uint64_t *before, uint64_t *ret);

/* Whether going from one configuration to the other takes a new set of programs. */
bool probe_differs(const Config *a, const ProbeRules *a_rules, const Config *b, const ProbeRules *b_rules);

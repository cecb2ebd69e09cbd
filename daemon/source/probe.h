/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/record.h"
#include "config/config.h"
#include "source/hooks.h"
#include "source/limits.h"
#include "source/map-set.h"
#include "source/probe-settings.h"
#include "util/cleanup.h"

/*
 * The kernel side: its programs, loaded for one configuration, and its maps. A second set of programs, made
 * for a new configuration, takes over the maps of the first one with their contents. The hooks call one set
 * or the other, so every exec is recorded once, and none is missed, however long the second set takes to
 * load.
 */
typedef struct Probe Probe;

/*
 * Loads the programs and attaches the hooks that are not yet attached. The hooks call none of the programs
 * before probe_activate(). If `maps` is NULL, the probe creates its maps, with rings of the sizes in
 * `config`. Otherwise it uses these maps, and creates only rings that are not in the set. `generation` must
 * be a number that no other set of programs has ever used with these maps. `hooks` must outlive the probe.
 * *ret_why must be NULL.
 *
 * Returns 0 and sets *ret; -ENOTSUP when the kernel or missing privileges do not allow it, and sets *ret_why
 * (to be freed) to the reason, in one line; -ESTALE when the maps do not fit these programs; -ENOMEM; or
 * another negative errno.
 */
int probe_new(const Config *config, const ProbeRules *rules, const MapSet *maps, uint32_t generation,
        Hooks *hooks, Probe **ret, char **ret_why);

/* Frees the probe and unloads its programs. Programs that the hooks call stay loaded. */
Probe *probe_free(Probe *probe);
DEFINE_POINTER_CLEANUP(Probe *, probe_free);

/*
 * Makes the hooks call this set of programs, and no other one. Hooks that it does not need are detached.
 * Returns 0 or the first error of bpf(2).
 */
int probe_activate(Probe *probe);

/* Waits, for some milliseconds, until the programs that are running now, of any set, have returned. */
void probe_settle(void);

/* Stops recording. Once it returns, nothing is recorded any more. Records in the rings stay there. */
void probe_detach(Probe *probe);

/* Sets *ret to the maps. The probe keeps the descriptors. */
void probe_maps(const Probe *probe, MapSet *ret);

/*
 * Return the descriptor of a ring's map, and the size of the ring in bytes. The probe keeps the descriptor,
 * which becomes readable with the first record.
 */
int probe_ring_fd(const Probe *probe, MapKind ring);
uint32_t probe_ring_bytes(const Probe *probe, MapKind ring);

/*
 * Return current counters of the kernel side, summed over all CPUs: records dropped by a rule, numbers used,
 * lost events about cgroups, and failed execs dropped by FailureLimit=. They make no system call.
 */
uint64_t probe_filtered(const Probe *probe, enum exec_rule rule);
uint64_t probe_numbered(const Probe *probe);
uint64_t probe_cgroups_lost(const Probe *probe);
uint64_t probe_failures_limited(const Probe *probe);

/*
 * Returns how many records were lost by this cause. Sets *ret_first_ns and *ret_last_ns to the times
 * (CLOCK_BOOTTIME) of the first and the last loss after `since_ns`, or to 0 if there was none. If a CPU lost
 * records before `since_ns`, too, that is taken for the time of its first loss.
 */
uint64_t probe_lost(const Probe *probe, enum exec_lost_cause cause, uint64_t since_ns, uint64_t *ret_first_ns,
        uint64_t *ret_last_ns);

/*
 * Returns for how many execs, failed ones included, the kernel skipped the programs without a copy recording
 * them. The parameters are those of skipped_count().
 */
uint64_t probe_skipped(Probe *probe, uint64_t now_ns, bool settled);

/*
 * To be called after the hooks were attached again, because their own counters begin at 0. `said` is how many
 * skipped execs were reported so far.
 */
void probe_set_skipped(Probe *probe, uint64_t said);

/*
 * Detaches all hooks and attaches new ones. `said` is how many skipped execs were reported so far. Returns 0
 * or a negative errno.
 */
int probe_reattach(Probe *probe, uint64_t said);

/* Takes over the counters in memory from `before`, a probe that uses the same maps and hooks. */
void probe_inherit(Probe *probe, const Probe *before);

/* Returns true when the kernel can skip hooks that record successful execs. */
bool probe_may_be_skipped(const Probe *probe);

/*
 * Looks whether hooks were skipped since the last call, and sets *ret_moved. To be called at regular
 * intervals while they are. If a hook is skipped again and again, a task is preempted inside of it and does
 * not run. If fewer than two hooks of its kind work, one more copy is attached. Returns 1 if so, 0 if there
 * was no need or there are HOOK_COPIES_MAX copies, or a negative errno.
 */
int probe_watch_hooks(Probe *probe, bool *ret_moved);

/*
 * Gets all users with more failed execs than FailureLimit= allows, and how many were dropped of each ever, in
 * no particular order. The caller frees the list. Returns 0, -ENOMEM, or the error of bpf(2).
 */
int probe_limited_users(const Probe *probe, LimitedUser **ret, size_t *ret_n);

/* Returns true when failed execs are recorded, at least of some callers. */
bool probe_sees_failures(const Probe *probe);

/* Returns the names of the hooks in use, such as "sched_process_exec task_rename trampoline". */
const char *probe_hooks(const Probe *probe);

/* Return as text what these hooks do not see, and why not; or NULL. */
const char *probe_not_covered(const Probe *probe);
const char *probe_why_not_covered(const Probe *probe);

/*
 * Makes the kernel side drop execs in a cgroup, by a rule (enum exec_rule), or stop doing so if `rule` is
 * negative. Does nothing without rules about units. Returns 0 or the error of bpf(2); the records of the
 * cgroup then come, and the daemon has to filter them.
 */
int probe_drop_cgroup(Probe *probe, uint64_t id, int rule);

/*
 * Opens a file from which one record (EXEC_RECORD_RUNNING) for each running program can be read, in one pass.
 * Returns its descriptor, -ENOENT when the program for it is not loaded, or another negative errno.
 */
int probe_snapshot(const Probe *probe);

/* Returns true when a change between the two configurations needs a new set of programs. */
bool probe_differs(const Config *a, const ProbeRules *a_rules, const Config *b, const ProbeRules *b_rules);

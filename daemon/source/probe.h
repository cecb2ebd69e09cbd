/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bpf/record.h"
#include "config/config.h"
#include "source/map-set.h"
#include "source/probe-settings.h"
#include "util/cleanup.h"

/*
 * The kernel side: its programs, loaded for one configuration, and its maps. A second set of programs, made for a
 * new configuration, takes over the maps of the first with all that is in them; which of the two records is
 * switched by one store, so that every exec is recorded once, and none is missed, however long the second takes to load.
 */
typedef struct Probe Probe;

/*
 * Loads and attaches the programs; they stay idle until probe_activate(). `maps` NULL: with maps of its own, the rings of
 * the sizes that `config` has. Else: with these, but for a ring that is not among them. `generation` is a number that no
 * other set of programs has which these maps were ever used by.
 *
 * 0; -ENOTSUP: the kernel or the privileges don't allow it, and *ret_why says so in one line (to be freed); -ESTALE: the
 * maps are not those that these programs need; -ENOMEM.
 */
int probe_new(const Config *config, const ProbeRules *rules, const MapSet *maps, uint32_t generation,
        Probe **ret, char **ret_why);

/* Detaches and unloads, but for what probe_leave() has left. */
Probe *probe_free(Probe *probe);
DEFINE_POINTER_CLEANUP(Probe *, probe_free);

/* From here on this set of programs records, and no other that shares its maps. */
void probe_activate(Probe *probe);

/*
 * Waits for the programs, of this set or another, that are running at this moment: milliseconds. To be called between
 * probe_activate() and the end of the set before.
 */
void probe_settle(void);

/* Nothing is recorded any more once it returns; what is in the rings stays. */
void probe_detach(Probe *probe);

/* Its programs stay attached, and record, for as long as somebody else holds their links, whatever becomes of the probe. */
void probe_leave(Probe *probe);

/* The maps, and the descriptors of the links (returns how many); all stay the probe's. */
#define PROBE_LINKS_MAX 32
void probe_maps(const Probe *probe, MapSet *ret);
size_t probe_links(const Probe *probe, int ret[static PROBE_LINKS_MAX]);

/* The rings' maps and their sizes in bytes; the descriptors stay the probe's, and become readable with the first record. */
int probe_events_fd(const Probe *probe);
int probe_logs_fd(const Probe *probe);
uint32_t probe_events_size(const Probe *probe);
uint32_t probe_logs_size(const Probe *probe);

/* What the kernel side counts, as it is now: no system call. */
volatile struct exec_counters *probe_counters(const Probe *probe);

/* How many execs the rule dropped on the kernel side, on all CPUs together: no system call either. */
uint64_t probe_filtered(const Probe *probe, enum exec_rule rule);

/* The hooks in use, a text of words: "sched_process_exec task_rename trampoline". */
const char *probe_hooks(const Probe *probe);

/* What these hooks do not see, and why not, each a text or NULL. */
const char *probe_not_covered(const Probe *probe);
const char *probe_why_not_covered(const Probe *probe);

/* How many execs were numbered so far. 0 or what bpf(2) failed with. */
int probe_last_seq(const Probe *probe, uint64_t *ret);

/*
 * Has what runs in that cgroup dropped in the kernel, by the rule (enum exec_rule), or not dropped any more (`rule`
 * negative). 0, or what bpf(2) failed with: then its records come, to be filtered by the daemon. Without rules about units
 * nothing happens.
 */
int probe_drop_cgroup(Probe *probe, uint64_t id, int rule);

/* The size that a ring gets for which so much is asked. */
uint32_t probe_ring_size(uint32_t wanted);

/* Whether going from one configuration to the other takes a new set of programs. A change of the rules about units takes
 * one, too, and is for the caller to find. */
bool probe_differs(const Config *a, const ProbeRules *a_rules, const Config *b, const ProbeRules *b_rules);

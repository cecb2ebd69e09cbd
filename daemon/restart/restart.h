/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "notice/ledger.h"
#include "restart/checkpoint.h"
#include "restart/inventory.h"
#include "restart/store.h"
#include "source/hooks.h"
#include "source/probe.h"
#include "source/ring.h"
#include "util/cleanup.h"

/*
 * Restarts without a gap. While no process of the daemon runs, the service manager holds the maps, the links
 * of the programs and the checkpoint, so the programs continue to record. A new process takes over the maps,
 * with the records in the rings and all counters, and then switches to programs of its own, as at a reload.
 *
 * takeover.c has what a process does when it starts, keep.c what it leaves for the next one.
 */
typedef struct Restart {
        bool enabled; /* false: nothing is kept over a restart, as in the foreground */
        Store *store;
        Hooks *hooks; /* the attached hooks, those of the previous process if they were adopted */
        bool adopted; /* the hooks of the previous process were adopted completely */
        size_t kept_hooks[_HOOK_KIND_MAX]; /* how many of each kind the store holds */
        Checkpoint *checkpoint;
        Inventory inventory; /* of the store, when this process started */
        Takeover takeover; /* of this inventory */
        MapSet taken; /* the maps that were taken over */
        InventoryUse use;
        bool untidy; /* the store holds descriptors that are not in use any more */
} Restart;

/* The rings that are read. */
typedef struct Rings {
        Ring *events;
        Ring *next; /* the ring that is in use, to be read after `events`; NULL: `events` is in use */
        Ring *failures;
        Ring *logs;
} Rings;

void rings_done(Rings *rings);

/*
 * Receives the descriptors from the service manager's store and decides what to do with them. If `enabled` is
 * false, it ignores them. Returns 0; 1 on success when the descriptors of an earlier process can't be taken
 * over, so that there is a gap; or a negative errno.
 */
int restart_new(bool enabled, Restart **ret);
Restart *restart_free(Restart *restart);
DEFINE_POINTER_CLEANUP(Restart *, restart_free);

/* Loads the programs, with the maps that can be taken over. Fails like probe_new(). */
int restart_load_probe(
        Restart *restart, const Config *config, const ProbeRules *rules, Probe **ret, char **ret_why);

/*
 * Opens the rings of `probe`, and the older ring of execs if it still holds records. Returns 0 or a negative
 * errno.
 */
int restart_open_rings(Restart *restart, const Probe *probe, Rings *ret);

/*
 * Sets the positions of the rings, the totals and the ledger to those of the checkpoint, if the checkpoint is
 * about the maps that were taken over. Otherwise it changes nothing.
 */
void restart_resume(Restart *restart, Rings *rings, Totals *totals, Ledger *ledger);

/*
 * Returns true when hooks of the previous process are in use and its count of skipped programs continues.
 */
bool restart_has_hooks(const Restart *restart);

/* Returns true when programs have recorded all the time since the previous process. */
bool restart_is_covered(const Restart *restart);

/* Returns true when programs are recording already, into the rings that this process reads. */
bool restart_is_recording(const Restart *restart);

/* Returns how many record numbers the previous process accounted for; 0 when the numbers start anew. */
uint64_t restart_accounted(const Restart *restart);

/* The result of restart_switch_over(). Errors are 0 or a negative errno. */
typedef struct SwitchOver {
        int keep_error; /* the store was not given all that a restart without a gap needs */
        int switch_error; /* some hooks do not call the programs */
        int count_error; /* the execs since the previous process can't be counted */
        uint64_t lost; /* execs in rings that this version can't read */
        uint64_t since_ns; /* CLOCK_BOOTTIME, since when these were lost; 0: unknown */
        Ring *logs; /* the replaced ring of log records, or NULL; it belongs to the caller */
} SwitchOver;

/* Puts the descriptors into the store, and makes the programs of `probe` the only ones that record. */
void restart_switch_over(Restart *restart, Probe *probe, SwitchOver *ret);

/* Returns the next generation of programs, a number that was not used before. The first one is 1. */
uint32_t restart_next_generation(Restart *restart);

/*
 * Puts the hooks into the store that it does not hold yet, and removes those that are detached. Returns 0,
 * also without a service manager, or a negative errno.
 */
int restart_keep_hooks(Restart *restart);

/* Removes all hooks from the store, because they are not the hooks that are attached now. */
void restart_forget_hooks(Restart *restart);

/* Notes that the programs of `generation` record now. */
void restart_switched(Restart *restart, uint32_t generation);

/*
 * Saves the checkpoint. Call it after records are delivered, and before their room in the rings is given
 * back. All records before `position` of the ring of execs that is read, and before `failures_position`,
 * must be delivered and counted in the totals.
 */
void restart_save(Restart *restart, uint64_t position, uint64_t failures_position, const Totals *totals,
        const Ledger *ledger);

/*
 * Replaces rings->events, which must be read to its end, by rings->next. Call restart_save() afterwards.
 */
void restart_next_ring(Restart *restart, Rings *rings);

/* Returns true when the programs continue to record after this process, and the next one can take over. */
bool restart_works(const Restart *restart);

/* Clears the store, because no other process could read the rings either. */
void restart_give_up(Restart *restart);

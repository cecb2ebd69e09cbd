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
 * Restarts without a gap. The service manager keeps the maps, the links of the programs and the checkpoint
 * while there is no process of the daemon: the programs go on to record. A new process takes over the maps,
 * with the records that are in the rings and all that is counted, and then switches to programs of its own,
 * as at a reload.
 *
 * takeover.c: what a process does when it begins. keep.c: what it leaves for the next one.
 */
typedef struct Restart {
        bool enabled; /* false: nothing is kept, as in the foreground */
        Store *store;
        Hooks *hooks; /* those of the process before, or none yet */
        bool adopted; /* ... whole */
        size_t kept_hooks[_HOOK_KIND_MAX]; /* how many of each kind the service manager has */
        Checkpoint *checkpoint;
        Inventory inventory; /* of the store, when this process began */
        Takeover takeover; /* what became of it */
        MapSet taken; /* the maps that were taken over */
        InventoryUse use;
        bool untidy; /* the service manager keeps what is not in use any more */
} Restart;

/* The rings that are read. */
typedef struct Rings {
        Ring *events;
        Ring *next; /* the one that is in use and comes after `events`; NULL: that is `events` itself */
        Ring *failures;
        Ring *logs;
} Rings;

void rings_done(Rings *rings);

/*
 * Takes what the service manager hands over, and decides what to do with it. `enabled` false: leaves it
 * alone. 0; 1: the same, but what an earlier process left can't be taken over, and there is a gap; or a
 * negative errno.
 */
int restart_new(bool enabled, Restart **ret);
Restart *restart_free(Restart *restart);
DEFINE_POINTER_CLEANUP(Restart *, restart_free);

/* Loads the kernel side, with the maps that can be taken over. Fails like probe_new(). */
int restart_load_probe(
        Restart *restart, const Config *config, const ProbeRules *rules, Probe **ret, char **ret_why);

/* Opens the rings of `probe`, and the one before them that has records still. 0 or a negative errno. */
int restart_open_rings(Restart *restart, const Probe *probe, Rings *ret);

/*
 * Goes on where the checkpoint says that the process before ended, if what is taken over is that process's.
 */
void restart_resume(Restart *restart, Rings *rings, Totals *totals, Ledger *ledger);

/*
 * Returns true when hooks are counted on that were attached before this process: they were skipped so often
 * already.
 */
bool restart_has_hooks(const Restart *restart);

/* Returns true when nothing went unnoticed since the process before this one. */
bool restart_is_covered(const Restart *restart);

/* Returns true when programs record already, into the rings that this process reads. */
bool restart_is_recording(const Restart *restart);

/* Returns how many numbers the process before accounted for, of those that go on now. */
uint64_t restart_accounted(const Restart *restart);

/* What restart_switch_over() has to tell. */
typedef struct SwitchOver {
        int keep_error; /* 0, or why the service manager can't be given what a restart without a gap takes */
        int switch_error; /* 0, or why not all hooks call the programs */
        /* 0, or why it can't be counted what was executed since the process before this one */
        int count_error;
        uint64_t lost; /* how many execs are in rings that nobody can read */
        uint64_t since_ns; /* ... and since when, CLOCK_BOOTTIME; 0: unknown */
        /* the messages of the kernel side in a ring that is not in use any more, or NULL; the caller's */
        Ring *logs;
} SwitchOver;

/* From here on the programs of `probe` record, and no others. */
void restart_switch_over(Restart *restart, Probe *probe, SwitchOver *ret);

/* A number that no set of programs had before: from 1. */
uint32_t restart_next_generation(Restart *restart);

/*
 * Gives the service manager the hooks that it has not yet, and takes from it those that are detached. 0, also
 * without one; or a negative errno.
 */
int restart_keep_hooks(Restart *restart);

/* The hooks that the service manager has are not those that are attached now. */
void restart_forget_hooks(Restart *restart);

/* The programs of `generation` record now. */
void restart_switched(Restart *restart, uint32_t generation);

/*
 * Saves the checkpoint. To be called between the delivery of records and the return of their room; all before
 * `position`, of the ring that is read, and before `failures_position` is delivered and counted in the
 * totals.
 */
void restart_save(Restart *restart, uint64_t position, uint64_t failures_position, const Totals *totals,
        const Ledger *ledger);

/* rings->events is read to its end: goes on with rings->next. restart_save() is due. */
void restart_next_ring(Restart *restart, Rings *rings);

/* Returns true when the programs go on to record after this process: who comes next takes over. */
bool restart_works(const Restart *restart);

/* What is kept can't be read by any other process either. */
void restart_give_up(Restart *restart);

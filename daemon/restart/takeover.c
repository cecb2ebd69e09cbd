/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How a process continues where the previous one ended. Maps whose records have the layout of another version
 * can't be used: they are closed, and the records in them are counted as lost.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "restart/restart.h"
#include "source/maps.h"

/* How many processes in a row may die while they read the same records, before these are given up. */
#define DEATHS_MAX 5

/*
 * Opens the checkpoint of the previous process, or creates one. Returns 0; 1 when it created one although the
 * store holds descriptors, which can't be taken over then; or a negative errno.
 */
static int find_checkpoint(Restart *restart) {
        int r = -EBADMSG;
        bool gap;

        if (restart->inventory.checkpoint_fd >= 0)
                r = checkpoint_open(restart->inventory.checkpoint_fd, &restart->checkpoint);
        if (r != -EBADMSG)
                return r;

        /* Without a checkpoint it is unknown which of the records in the rings were delivered. */
        gap = store_size(restart->store) > 0;
        store_clear(restart->store);
        restart->inventory = INVENTORY_NULL;
        r = checkpoint_new(&restart->checkpoint);
        return r < 0 ? r : gap;
}

static void decide(Restart *restart) {
        Inventory *inventory = &restart->inventory;
        CheckpointData saved;

        inventory->hooked = restart->adopted;
        for (size_t i = 0; i < inventory->n_sets; i++)
                (void) maps_generation(&inventory->sets[i].maps, &inventory->sets[i].generation);
        checkpoint_load(restart->checkpoint, &saved);
        inventory_decide(inventory, saved.maps, checkpoint_deaths(restart->checkpoint) >= DEATHS_MAX,
                &restart->takeover);
        store_remove(restart->store, inventory_is_garbage, &restart->takeover);
}

static bool is_hook(const char *name, const void *userdata) {
        (void) userdata;
        return strncmp(name, INVENTORY_HOOK_PREFIX, strlen(INVENTORY_HOOK_PREFIX)) == 0;
}

/* Adopts the attached hooks from the store. If one is missing, none is used. 0 or a negative errno. */
static int adopt_hooks(Restart *restart) {
        int r;

        r = hooks_new(&restart->hooks);
        if (r < 0)
                return r;
        for (size_t i = 0; restart->enabled && i < store_size(restart->store); i++)
                if (is_hook(store_name(restart->store, i), NULL))
                        (void) hooks_adopt(restart->hooks, store_fd(restart->store, i));
        restart->adopted = hooks_adopted(restart->hooks);
        if (!restart->adopted)
                return 0;
        for (HookKind kind = 0; kind < _HOOK_KIND_MAX; kind++)
                restart->kept_hooks[kind] = hooks_count(restart->hooks, kind);
        return 0;
}

int restart_new(bool enabled, Restart **ret) {
        _cleanup_(restart_freep) Restart *restart = calloc(1, sizeof(*restart));
        int r, gap;

        if (!restart)
                return -ENOMEM;
        restart->enabled = enabled;
        restart->inventory = INVENTORY_NULL;
        r = store_new(&restart->store);
        if (r < 0)
                return r;
        for (size_t i = 0; enabled && i < store_size(restart->store); i++)
                inventory_add(
                        &restart->inventory, store_name(restart->store, i), store_fd(restart->store, i));
        gap = find_checkpoint(restart);
        if (gap < 0)
                return gap;
        r = adopt_hooks(restart);
        if (r < 0)
                return r;
        decide(restart);
        if (!restart->adopted)
                store_remove(restart->store, is_hook, NULL);
        *ret = TAKE_PTR(restart);
        return gap;
}

Restart *restart_free(Restart *restart) {
        if (!restart)
                return NULL;
        (void) hooks_free(restart->hooks);
        (void) checkpoint_free(restart->checkpoint);
        (void) store_free(restart->store);
        free(restart);
        return NULL;
}

void rings_done(Rings *rings) {
        (void) ring_free(rings->logs);
        (void) ring_free(rings->failures);
        (void) ring_free(rings->next);
        (void) ring_free(rings->events);
        *rings = (Rings){};
}

/*
 * Returns `fd`, the ring in the store, when it has the wanted size, and -EBADF when a new ring is needed.
 * While there is an older ring already, no third one is created: then it returns `fd` whatever its size is.
 */
static int choose_ring(int fd, const InventoryRings *rings, uint32_t wanted) {
        uint32_t size;

        if (rings->older_fd >= 0)
                return fd;
        return maps_ring_size(fd, &size) >= 0 && size == maps_ring_size_for(wanted) ? fd : -EBADF;
}

/* Like choose_ring(), but a ring that holds records is used whatever its size is. */
static int choose_failures(int fd, const InventoryRings *rings, uint32_t wanted) {
        _cleanup_(ring_freep) Ring *ring = NULL;
        int chosen = choose_ring(fd, rings, wanted);
        uint32_t size;

        if (chosen >= 0 || fd < 0 || maps_ring_size(fd, &size) < 0 || ring_new(fd, size, &ring) < 0)
                return chosen;
        return ring_position(ring) < ring_end(ring) ? fd : -EBADF;
}

int restart_load_probe(
        Restart *restart, const Config *config, const ProbeRules *rules, Probe **ret, char **ret_why) {
        const InventorySet *set = restart->takeover.set;
        int r;

        restart->use.generation = checkpoint_next_generation(restart->checkpoint);
        if (set) {
                restart->taken = set->maps;
                restart->taken.fds[MAP_EVENTS] =
                        choose_ring(set->maps.fds[MAP_EVENTS], &set->events, config->event_buffer);
                restart->taken.fds[MAP_FAILURES] =
                        choose_failures(set->maps.fds[MAP_FAILURES], &set->failures, config->failure_buffer);
                restart->taken.fds[MAP_LOGS] =
                        choose_ring(set->maps.fds[MAP_LOGS], &set->logs, config->log_buffer);
                r = probe_new(config, rules, &restart->taken, restart->use.generation, restart->hooks, ret,
                        ret_why);
                if (r != -ESTALE)
                        return r;
                takeover_give_up(&restart->takeover);
        }
        restart->taken = MAP_SET_NULL;
        return probe_new(config, rules, NULL, restart->use.generation, restart->hooks, ret, ret_why);
}

/*
 * Sets the numbers of the rings that are in use. Returns the descriptor of the older ring of execs if that
 * has to be read first, and -EBADF otherwise.
 */
static int number_rings(Restart *restart) {
        const InventorySet *set = restart->takeover.set;
        InventoryUse *use = &restart->use;
        CheckpointData saved;

        use->set = set ? set->number : use->generation;
        use->events = use->failures = use->logs = use->generation;
        if (!set)
                return -EBADF;
        checkpoint_load(restart->checkpoint, &saved);
        if (restart->taken.fds[MAP_LOGS] >= 0)
                use->logs = set->logs.number;
        if (restart->taken.fds[MAP_FAILURES] >= 0)
                use->failures = set->failures.number;
        if (restart->taken.fds[MAP_EVENTS] < 0) {
                use->older_events = set->events.number;
                return set->maps.fds[MAP_EVENTS];
        }
        use->events = set->events.number;
        /* When the checkpoint is about the newer ring, the older one was read to its end. */
        if (saved.maps == set->number && saved.ring == set->events.number)
                return -EBADF;
        use->older_events = set->events.older_number;
        return set->events.older_fd;
}

int restart_open_rings(Restart *restart, const Probe *probe, Rings *ret) {
        _cleanup_(rings_done) Rings rings = {};
        int older_fd = number_rings(restart), r;
        uint32_t size;

        if (older_fd >= 0) {
                r = maps_ring_size(older_fd, &size);
                if (r >= 0)
                        r = ring_new(older_fd, size, &rings.events);
                if (r < 0)
                        return r;
        }
        r = ring_new(probe_ring_fd(probe, MAP_EVENTS), probe_ring_bytes(probe, MAP_EVENTS),
                rings.events ? &rings.next : &rings.events);
        if (r >= 0)
                r = ring_new(probe_ring_fd(probe, MAP_FAILURES), probe_ring_bytes(probe, MAP_FAILURES),
                        &rings.failures);
        if (r >= 0)
                r = ring_new(probe_ring_fd(probe, MAP_LOGS), probe_ring_bytes(probe, MAP_LOGS), &rings.logs);
        if (r < 0)
                return r;
        *ret = rings;
        rings = (Rings){};
        return 0;
}

/* Loads the checkpoint. Returns true when it is about the maps that are in use. */
static bool goes_on(const Restart *restart, CheckpointData *ret) {
        checkpoint_load(restart->checkpoint, ret);
        return restart->takeover.set && ret->maps == restart->use.set;
}

void restart_resume(Restart *restart, Rings *rings, Totals *totals, Ledger *ledger) {
        const InventoryUse *use = &restart->use;
        CheckpointData saved;

        if (!goes_on(restart, &saved))
                return;
        /* A position is saved before room in the ring is given back: records up to it were delivered. */
        if (saved.ring == (use->older_events > 0 ? use->older_events : use->events))
                (void) ring_skip(rings->events, saved.position);
        if (saved.failures_ring == use->failures)
                (void) ring_skip(rings->failures, saved.failures_position);
        *totals = saved.totals;
        memcpy(ledger->lost, saved.said_lost, sizeof(ledger->lost));
        memcpy(ledger->dropped, saved.said_dropped, sizeof(ledger->dropped));
        ledger->suppressed = saved.said_suppressed;
        ledger->filtered = saved.said_filtered;
        ledger->collapsed = saved.said_collapsed;
        ledger->limited = saved.said_limited;
}

bool restart_has_hooks(const Restart *restart) {
        CheckpointData saved;

        return restart->adopted && goes_on(restart, &saved);
}

bool restart_is_covered(const Restart *restart) {
        return restart->takeover.covered;
}

bool restart_is_recording(const Restart *restart) {
        return restart->takeover.set && restart->takeover.covered;
}

uint64_t restart_accounted(const Restart *restart) {
        CheckpointData saved;

        return goes_on(restart, &saved) ? checkpoint_accounted(restart->checkpoint) : 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "restart/restart.h"
#include "source/maps.h"
#include "util/clock.h"

static uint32_t ring_number(const Restart *restart) {
        return restart->use.older_events > 0 ? restart->use.older_events : restart->use.events;
}

void restart_save(Restart *restart, uint64_t position, uint64_t failures_position, const Totals *totals,
        const Ledger *ledger) {
        CheckpointData data = {
                .maps = restart->use.set,
                .ring = ring_number(restart),
                .position = position,
                .failures_ring = restart->use.failures,
                .failures_position = failures_position,
                .time_ns = clock_boottime_ns(),
                .totals = *totals,
                .said_suppressed = ledger->suppressed,
                .said_filtered = ledger->filtered,
                .said_collapsed = ledger->collapsed,
                .said_limited = ledger->limited,
        };

        memcpy(data.said_lost, ledger->lost, sizeof(data.said_lost));
        memcpy(data.said_dropped, ledger->dropped, sizeof(data.said_dropped));
        checkpoint_save(restart->checkpoint, &data);

        /* The loss of the records in closed maps has been reported now, and must not be reported again. */
        if (restart->untidy)
                store_remove(restart->store, inventory_is_unused, &restart->use);
        restart->untidy = false;
}

static int keep_checkpoint(Restart *restart) {
        int fd = checkpoint_fd(restart->checkpoint);

        /* The store holds it already. */
        if (restart->inventory.checkpoint_fd >= 0)
                return 0;
        return store_put(restart->store, INVENTORY_CHECKPOINT_NAME, &fd, 1);
}

static int keep_maps(Restart *restart, const Probe *probe) {
        MapSet maps;

        probe_maps(probe, &maps);
        for (MapKind kind = 0; kind < _MAP_KIND_MAX; kind++) {
                char name[INVENTORY_NAME_SIZE];
                int r;

                if (maps.fds[kind] < 0 || restart->taken.fds[kind] >= 0)
                        continue;
                inventory_name_map(name, kind, restart->use.generation, restart->use.set);
                r = store_put(restart->store, name, &maps.fds[kind], 1);
                if (r < 0)
                        return r;
        }
        return 0;
}

static void hook_name(char ret[static INVENTORY_NAME_SIZE], HookKind kind) {
        (void) snprintf(ret, INVENTORY_NAME_SIZE, INVENTORY_HOOK_PREFIX "%s", hook_kind_to_string(kind));
}

static bool has_name(const char *name, const void *userdata) {
        return strcmp(name, userdata) == 0;
}

static int keep_hooks(Restart *restart) {
        for (HookKind kind = 0; kind < _HOOK_KIND_MAX; kind++) {
                size_t *kept = &restart->kept_hooks[kind];
                char name[INVENTORY_NAME_SIZE];
                int fds[HOOK_FDS_MAX], r;
                size_t n;

                hook_name(name, kind);
                if (*kept > hooks_count(restart->hooks, kind)) {
                        store_remove(restart->store, has_name, name);
                        *kept = 0;
                }
                n = hooks_fds(restart->hooks, kind, *kept, fds);
                r = n > 0 ? store_put(restart->store, name, fds, n) : 0;
                if (r < 0)
                        return r;
                *kept = hooks_count(restart->hooks, kind);
        }
        return 0;
}

static int keep(Restart *restart, const Probe *probe) {
        int r;

        r = keep_checkpoint(restart);
        if (r >= 0)
                r = keep_maps(restart, probe);
        if (r >= 0)
                r = keep_hooks(restart);
        if (r >= 0)
                r = store_seal(restart->store);
        return r == -ENOTCONN ? 0 : r; /* without a service manager there are no restarts */
}

/* Opens the ring of log records that was replaced by a new one, or returns NULL. */
static Ring *open_old_logs(const Restart *restart) {
        const InventorySet *set = restart->takeover.set;
        Ring *ring = NULL;
        uint32_t size;
        int fd;

        if (!set)
                return NULL;
        fd = restart->taken.fds[MAP_LOGS] >= 0 ? set->logs.older_fd : set->maps.fds[MAP_LOGS];
        if (fd >= 0 && maps_ring_size(fd, &size) >= 0)
                (void) ring_new(fd, size, &ring);
        return ring;
}

/*
 * Counts the records in the rings of closed maps, and those that were lost there and not reported yet.
 * Returns 0 or a negative errno.
 */
static int count_closed(const Restart *restart, const CheckpointData *saved, uint64_t *ret) {
        uint64_t lost = 0;

        for (size_t i = 0; i < restart->takeover.n_closed; i++) {
                const InventorySet *set = restart->takeover.closed[i];
                uint64_t accounted =
                        set->number == saved->maps ? checkpoint_accounted(restart->checkpoint) : 0;
                uint64_t last;
                int r;

                r = maps_numbered(&set->maps, &last);
                if (r < 0)
                        return r;
                if (last > accounted)
                        lost += last - accounted;
        }
        *ret = lost;
        return 0;
}

/*
 * Counts the failed execs in a ring that was replaced. It was empty when its replacement was created, so
 * these are the records that programs have written since.
 */
static uint64_t count_old_failures(const Restart *restart) {
        const InventorySet *set = restart->takeover.set;
        _cleanup_(ring_freep) Ring *ring = NULL;
        const void *data;
        uint64_t n = 0;
        uint32_t bytes;
        size_t size;

        if (!set || restart->taken.fds[MAP_FAILURES] >= 0 || set->maps.fds[MAP_FAILURES] < 0)
                return 0;
        if (maps_ring_size(set->maps.fds[MAP_FAILURES], &bytes) < 0 ||
                ring_new(set->maps.fds[MAP_FAILURES], bytes, &ring) < 0)
                return 0;
        while (ring_next(ring, &data, &size) > 0)
                n++;
        return n;
}

void restart_switch_over(Restart *restart, Probe *probe, SwitchOver *ret) {
        const Takeover *takeover = &restart->takeover;
        CheckpointData saved;

        *ret = (SwitchOver){};
        if (restart->enabled)
                ret->keep_error = keep(restart, probe);
        ret->switch_error = probe_activate(probe);
        for (size_t i = 0; i < takeover->n_closed; i++)
                (void) maps_switch_off(&takeover->closed[i]->maps);
        /* Waits until the previous programs have finished, so that the old maps can be read to their end. */
        if (takeover->set || takeover->n_closed > 0)
                probe_settle();

        store_remove(restart->store, inventory_is_old_link, &restart->use);
        if (takeover->n_closed > 0) {
                checkpoint_load(restart->checkpoint, &saved);
                ret->since_ns = saved.time_ns;
                ret->count_error = count_closed(restart, &saved, &ret->lost);
                if (ret->count_error < 0)
                        restart->takeover.covered = false;
        }
        ret->lost += count_old_failures(restart);
        ret->logs = open_old_logs(restart);
        restart->untidy = true;
}

uint32_t restart_next_generation(Restart *restart) {
        return checkpoint_next_generation(restart->checkpoint);
}

int restart_keep_hooks(Restart *restart) {
        int r;

        if (!store_works(restart->store))
                return 0;
        r = keep_hooks(restart);
        if (r >= 0)
                r = store_seal(restart->store);
        return r == -ENOTCONN ? 0 : r;
}

void restart_forget_hooks(Restart *restart) {
        for (HookKind kind = 0; kind < _HOOK_KIND_MAX; kind++) {
                char name[INVENTORY_NAME_SIZE];

                hook_name(name, kind);
                if (restart->kept_hooks[kind] > 0)
                        store_remove(restart->store, has_name, name);
                restart->kept_hooks[kind] = 0;
        }
}

void restart_switched(Restart *restart, uint32_t generation) {
        restart->use.generation = generation;
}

void restart_next_ring(Restart *restart, Rings *rings) {
        (void) ring_free(rings->events);
        rings->events = TAKE_PTR(rings->next);
        /* The store can drop the older ring once a checkpoint about the newer one is saved. */
        restart->use.older_events = 0;
        restart->untidy = true;
}

bool restart_works(const Restart *restart) {
        return store_works(restart->store);
}

void restart_give_up(Restart *restart) {
        store_clear(restart->store);
}

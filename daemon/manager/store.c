/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the service manager is given to keep, so that a process that comes after this one can go on where it ended: see
 * restart/inventory.h, and takeover.c for that process.
 */

#include <errno.h>
#include <string.h>
#include <time.h>

#include "manager/internal.h"
#include "util/log.h"

uint64_t manager_boottime_ns(void) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_BOOTTIME, &ts);
        return (uint64_t) ts.tv_sec * 1000000000 + (uint64_t) ts.tv_nsec;
}

uint32_t manager_ring_number(const Manager *m) {
        return m->use.older_events > 0 ? m->use.older_events : m->use.events;
}

/* Called between the delivery of records and the return of their room. */
void manager_on_delivered(void *userdata) {
        Manager *m = userdata;
        CheckpointData saved = {
                .maps = m->use.set,
                .ring = manager_ring_number(m),
                .position = m->pipeline.released,
                .time_ns = manager_boottime_ns(),
                .totals = m->pipeline.totals,
                .said_suppressed = m->ledger.suppressed,
                .said_filtered = m->ledger.filtered,
        };

        memcpy(saved.said_lost, m->ledger.lost, sizeof(saved.said_lost));
        memcpy(saved.said_dropped, m->ledger.dropped, sizeof(saved.said_dropped));
        checkpoint_save(m->checkpoint, &saved);

        /* That the records in closed maps are lost has been said now, and must not be said again. */
        if (m->untidy)
                store_remove(m->store, inventory_is_unused, &m->use);
        m->untidy = false;
}

static int keep_state(Manager *m) {
        int fd = checkpoint_fd(m->checkpoint);

        /* It came from there. */
        if (m->inventory.checkpoint_fd >= 0)
                return 0;
        return store_put(m->store, INVENTORY_CHECKPOINT_NAME, &fd, 1);
}

static int keep_maps(Manager *m) {
        MapSet maps;

        probe_maps(m->probe, &maps);
        for (MapKind kind = 0; kind < _MAP_KIND_MAX; kind++) {
                char name[INVENTORY_NAME_SIZE];
                int r;

                if (maps.fds[kind] < 0 || m->taken.fds[kind] >= 0)
                        continue;
                inventory_name_map(name, kind, m->use.generation, m->use.set);
                r = store_put(m->store, name, &maps.fds[kind], 1);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int keep_links(Manager *m, const Probe *probe, uint32_t generation) {
        int fds[PROBE_LINKS_MAX];
        size_t n = probe_links(probe, fds);
        char name[INVENTORY_NAME_SIZE];

        inventory_name_links(name, generation, n);
        return store_put(m->store, name, fds, n);
}

static void keep_failed(int error) {
        if (error != -ENOTCONN) /* no service manager, no restart */
                log_warning(
                        "systemd can't be given what a restart without a gap takes: %s", strerror(-error));
}

void manager_keep(Manager *m) {
        int r;

        if (m->options->output != OUTPUT_NONE)
                return;
        r = keep_state(m);
        if (r >= 0)
                r = keep_maps(m);
        if (r >= 0)
                r = keep_links(m, m->probe, m->use.generation);
        if (r >= 0)
                r = store_seal(m->store);
        if (r < 0)
                keep_failed(r);
}

void manager_keep_links(Manager *m, const Probe *probe, uint32_t generation) {
        int r;

        if (!store_works(m->store))
                return;
        r = keep_links(m, probe, generation);
        if (r >= 0)
                r = store_seal(m->store);
        if (r < 0)
                keep_failed(r);
}

int manager_next_ring(Manager *m) {
        pipeline_go_on(&m->pipeline, m->next_events);
        m->events_source = sd_event_source_disable_unref(m->events_source);
        (void) ring_free(m->events);
        m->events = TAKE_PTR(m->next_events);
        /* Once the state does not speak of the older one any more, that has no use. */
        m->use.older_events = 0;
        m->untidy = true;
        manager_on_delivered(m);
        return manager_watch_events(m);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How a process begins where the one before it ended. Of what the service manager kept it takes the maps, with the records
 * that are in the rings and all that is counted, and has programs of its own, for its own configuration, take over from
 * those that record still: as at a reload. Maps that it has no use for, because the layout of their records is that of another
 * version, are closed: the records in them are counted as lost.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "manager/internal.h"
#include "source/maps.h"
#include "source/requirements.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/processes.h"

/* How many processes may die of the same records before these are given up. */
#define DEATHS_MAX 5

static int find_state(Manager *m) {
        int r = -EBADMSG;

        if (m->inventory.checkpoint_fd >= 0)
                r = checkpoint_open(m->inventory.checkpoint_fd, &m->checkpoint);
        if (r != -EBADMSG)
                return r;

        /* Records of which nobody knows whether they were delivered are worth nothing. */
        if (store_size(m->store) > 0)
                log_warning("what an earlier process left can't be taken over: there is a gap");
        store_clear(m->store);
        m->inventory = INVENTORY_NULL;
        return checkpoint_new(&m->checkpoint);
}

int manager_find_kept(Manager *m) {
        CheckpointData saved;
        int r;

        m->inventory = INVENTORY_NULL;
        r = store_new(&m->store);
        if (r < 0)
                return r;
        for (size_t i = 0; m->options->output == OUTPUT_NONE && i < store_size(m->store); i++)
                inventory_add(&m->inventory, store_name(m->store, i), store_fd(m->store, i));
        r = find_state(m);
        if (r < 0)
                return r;

        for (size_t i = 0; i < m->inventory.n_sets; i++)
                (void) maps_generation(&m->inventory.sets[i].maps, &m->inventory.sets[i].generation);
        checkpoint_load(m->checkpoint, &saved);
        inventory_decide(
                &m->inventory, saved.maps, checkpoint_deaths(m->checkpoint) >= DEATHS_MAX, &m->takeover);
        store_remove(m->store, inventory_is_garbage, &m->takeover);
        return 0;
}

/* The kept ring if it is of the size that is asked for, else none; while there are two already, no third is made. */
static int choose_ring(int fd, const InventoryRings *rings, uint32_t wanted) {
        uint32_t size;

        if (rings->older_fd >= 0)
                return fd;
        return maps_ring_size(fd, &size) >= 0 && size == probe_ring_size(wanted) ? fd : -EBADF;
}

static int load_probe(Manager *m, char **ret_why) {
        const InventorySet *set = m->takeover.set;
        int r;

        m->use.generation = checkpoint_next_generation(m->checkpoint);
        if (set) {
                m->taken = set->maps;
                m->taken.fds[MAP_EVENTS] =
                        choose_ring(set->maps.fds[MAP_EVENTS], &set->events, m->config->event_buffer);
                m->taken.fds[MAP_LOGS] =
                        choose_ring(set->maps.fds[MAP_LOGS], &set->logs, m->config->log_buffer);
                r = probe_new(m->config, &m->taken, m->use.generation, &m->probe, ret_why);
                if (r != -ESTALE)
                        return r;
                takeover_give_up(&m->takeover);
        }
        m->taken = MAP_SET_NULL;
        return probe_new(m->config, NULL, m->use.generation, &m->probe, ret_why);
}

/* The rings in the order in which they are to be read. */
static int open_rings(Manager *m, const CheckpointData *saved) {
        const InventorySet *set = m->takeover.set;
        int older_fd = -EBADF;
        uint32_t size;
        int r;

        m->use.set = set ? set->number : m->use.generation;
        m->use.events = m->use.logs = m->use.generation;
        if (m->taken.fds[MAP_LOGS] >= 0)
                m->use.logs = set->logs.number;
        if (m->taken.fds[MAP_EVENTS] >= 0) {
                m->use.events = set->events.number;
                /* When the state speaks of the newer one, the older one was read to its end. */
                if (saved->maps != set->number || saved->ring != set->events.number) {
                        older_fd = set->events.older_fd;
                        m->use.older_events = set->events.older_number;
                }
        } else if (set) {
                older_fd = set->maps.fds[MAP_EVENTS];
                m->use.older_events = set->events.number;
        }

        if (older_fd >= 0) {
                r = maps_ring_size(older_fd, &size);
                if (r >= 0)
                        r = ring_new(older_fd, size, &m->events);
                if (r < 0)
                        return r;
        }
        r = ring_new(probe_events_fd(m->probe), probe_events_size(m->probe),
                m->events ? &m->next_events : &m->events);
        if (r < 0)
                return r;
        return ring_new(probe_logs_fd(m->probe), probe_logs_size(m->probe), &m->logs);
}

int manager_setup_probe(Manager *m) {
        _cleanup_free_ char *why = NULL;
        CheckpointData saved;
        int r;

        r = requirements_check(&why);
        if (r >= 0)
                r = load_probe(m, &why);
        if (r < 0) {
                log_error("%s", why ? why : strerror(-r));
                return r;
        }
        checkpoint_load(m->checkpoint, &saved);
        r = open_rings(m, &saved);
        if (r < 0) {
                log_error("can't map the rings: %s", strerror(-r));
                return r;
        }

        if (!m->takeover.set || saved.maps != m->use.set)
                return 0;
        /* Room in a ring is given back only after the position was saved: what lies between was delivered. */
        if (saved.ring == manager_ring_number(m))
                (void) ring_skip(m->events, saved.position);
        m->pipeline.totals = saved.totals;
        memcpy(m->ledger.lost, saved.said_lost, sizeof(m->ledger.lost));
        memcpy(m->ledger.dropped, saved.said_dropped, sizeof(m->ledger.dropped));
        m->ledger.suppressed = saved.said_suppressed;
        m->ledger.filtered = saved.said_filtered;
        return 0;
}

/* What is in the rings of maps that are closed, and what was lost there and is not said yet. */
static int count_closed(const Manager *m, const CheckpointData *saved, uint64_t *ret) {
        uint64_t lost = 0;

        for (size_t i = 0; i < m->takeover.n_closed; i++) {
                const InventorySet *set = m->takeover.closed[i];
                uint64_t accounted = set->number == saved->maps ? checkpoint_accounted(m->checkpoint) : 0,
                         last;
                int r;

                r = maps_last_seq(&set->maps, &last);
                if (r < 0)
                        return r;
                if (last > accounted)
                        lost += last - accounted;
        }
        *ret = lost;
        return 0;
}

static void say_closed(Manager *m) {
        const int64_t offset = clock_offset_ns();
        uint64_t lost;
        Notice notice;
        CheckpointData saved;
        int r;

        checkpoint_load(m->checkpoint, &saved);
        r = count_closed(m, &saved, &lost);
        if (r < 0) {
                log_warning("what was executed since the process before this one can't be counted: %s",
                        strerror(-r));
                m->takeover.covered = false;
                return;
        }
        if (lost == 0)
                return;
        ledger_lost_takeover(&m->ledger, lost, saved.time_ns > 0 ? clock_usec_of(saved.time_ns, offset) : 0,
                clock_usec_of(manager_boottime_ns(), offset), &notice);
        manager_say(m, &notice);
}

/* What the kernel side had to say, in a ring that is not in use any more. */
static void read_old_logs(Manager *m, int fd) {
        _cleanup_(ring_freep) Ring *ring = NULL;
        uint32_t size;

        if (maps_ring_size(fd, &size) >= 0 && ring_new(fd, size, &ring) >= 0)
                (void) manager_drain_logs(m, ring);
}

void manager_switch_over(Manager *m) {
        const InventorySet *set = m->takeover.set;
        int old_logs = -EBADF;

        if (set)
                old_logs = m->taken.fds[MAP_LOGS] >= 0 ? set->logs.older_fd : set->maps.fds[MAP_LOGS];

        manager_keep(m);
        probe_activate(m->probe);
        for (size_t i = 0; i < m->takeover.n_closed; i++)
                (void) maps_switch_off(&m->takeover.closed[i]->maps);
        /* What programs before these have begun they finish, in maps that may be read to their end now. */
        if (set || m->takeover.n_closed > 0)
                probe_settle();

        store_remove(m->store, inventory_is_old_link, &m->use);
        if (m->takeover.n_closed > 0)
                say_closed(m);
        if (old_logs >= 0)
                read_old_logs(m, old_logs);
        m->untidy = true;
}

bool manager_is_told(const Manager *m) {
        return m->takeover.set && m->takeover.covered;
}

void manager_describe_start(const Manager *m, Start *ret) {
        _cleanup_close_ int proc_fd = -EBADF;
        CheckpointData saved;

        *ret = (Start){
                .hooks = probe_hooks(m->probe),
                .resumed = m->takeover.covered,
        };
        checkpoint_load(m->checkpoint, &saved);
        if (m->takeover.set && saved.maps == m->use.set)
                ret->accounted = checkpoint_accounted(m->checkpoint);
        if (ret->resumed)
                return;
        proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (proc_fd < 0 || processes_count(proc_fd, &ret->running) < 0)
                ret->running = 0;
}

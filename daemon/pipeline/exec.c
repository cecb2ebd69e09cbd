/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "pipeline/exec.h"

#include <errno.h>

#include "event/strings.h"
#include "filter/filter.h"
#include "pipeline/late.h"
#include "pipeline/send.h"
#include "util/clock.h"

static void cgroup_told(const Pipeline *p, uint64_t id, const CgroupPlace *place) {
        if (p->ops && p->ops->cgroup_changed)
                p->ops->cgroup_changed(p->userdata, id, place);
}

bool exec_time_is_up(const Pipeline *p) {
        return p->time.usec_max > 0 && clock_monotonic_usec() - p->time.begin_usec >= p->time.usec_max;
}

int exec_send_due(Pipeline *p) {
        Search *search;

        while ((search = searches_next(&p->searches, p->time.begin_usec))) {
                Event event;
                int r;

                r = decode_record(
                        &p->searches.decoder, search->record, search->size, p->time.clock_offset, &event);
                if (r >= 0)
                        r = pipeline_place(p, &event);
                if (r >= 0) {
                        event.seq = search->seq;
                        event.tries = search->tries > 1 ? search->tries : 0;
                        r = pipeline_send(p, &p->searches.decoder, &event);
                }
                if (r < 0 && r != -EBADMSG)
                        return r;
                searches_sent(&p->searches, search, r >= 0);
                p->time.is_up = exec_time_is_up(p);
                if (p->time.is_up)
                        break;
        }
        return 0;
}

/* Holds the exec back if it is a miss. Returns 1 when it is held, 0 when not. Fails like pipeline_send(). */
static int hold(Pipeline *p, const Event *event, const void *data, size_t size) {
        int r;

        searches_end(&p->searches, event);
        r = exec_send_due(p);
        if (r < 0 || p->policy->config->failures != FAILURES_YES ||
                !searches_is_miss(&p->searches, event, size))
                return r;
        while ((r = searches_hold(&p->searches, event, data, size, p->time.begin_usec)) == -EBUSY) {
                r = exec_send_due(p);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : 1;
}

/*
 * Reads the arguments of a program that ran before recording began, if the process still exists. Returns 0 or
 * -ENOMEM.
 */
static int read_late(Pipeline *p, Event *event) {
        const size_t max = p->policy->config->argument_bytes;
        int r;

        if (!p->lookups.late || !event->running)
                return 0;
        r = late_arguments(p->lookups.late, &event->process, max, &p->memory.late);
        if (r == -ETIMEDOUT)
                event->flags |= EXEC_FLAG_UNREAD;
        if (r < 0 || p->memory.late.size == 0)
                return r == -ENOMEM ? r : 0;
        return decode_late(
                &p->memory.decoder, buffer_bytes(&p->memory.late), p->memory.late.size >= max, event);
}

static bool is_awaited(const Pipeline *p, const Event *event) {
        uint32_t pid = event->nspid != EVENT_ID_UNSET ? event->nspid : event->pid;

        return p->awaited > 0 && pid == p->awaited && event->error == 0 && !event->running;
}

/* Returns true when PidNamespace= names another namespace than the daemon's own. */
static bool is_of_other_namespace(const Pipeline *p) {
        uint32_t wanted = p->policy->config->pid_namespace;

        return wanted != PID_NAMESPACE_ALL && wanted != PID_NAMESPACE_SELF;
}

/*
 * Processes an exec. Fails like build_ids_find() and pipeline_send(). A program that ran before recording
 * began has no number and is not counted.
 */
static int take_exec(Pipeline *p, const void *data, size_t size) {
        Event event;
        int r, rule;
        bool own;

        r = decode_record(&p->memory.decoder, data, size, p->time.clock_offset, &event);
        if (r == -EBADMSG) {
                p->pending.totals.malformed++;
                p->malformed.last_ns = clock_boottime_ns();
                if (p->malformed.first_ns == 0)
                        p->malformed.first_ns = p->malformed.last_ns;
                return 0;
        }
        if (r < 0)
                return r;
        if (!event.running)
                event.seq = pipeline_next_seq(p);
        r = read_late(p, &event);
        if (r < 0)
                return r;

        own = is_awaited(p, &event) && p->ops->seen(p->userdata, &event);
        r = pipeline_place(p, &event);
        if (r < 0)
                return r;
        rule = filter_dropped_by(&p->policy->filter, &event);
        if (own && rule == FILTER_PASSES && is_of_other_namespace(p))
                rule = EXEC_RULE_PID_NAMESPACE;
        if (rule != FILTER_PASSES && event.running)
                return 0;
        if (rule != FILTER_PASSES) {
                p->pending.totals.suppressed++;
                p->pending.totals.dropped[rule]++;
                return 0;
        }

        if (p->lookups.build_ids) {
                r = build_ids_find(p->lookups.build_ids, &event, &event.build_id);
                if (r < 0)
                        return r;
        }
        r = event.running ? 0 : hold(p, &event, data, size);
        if (r != 0)
                return r < 0 ? r : 0;
        r = pipeline_send(p, &p->memory.decoder, &event);
        if (r < 0)
                return r;
        if (event.running)
                return 0;
        searches_passed(&p->searches, &event);
        p->pending.totals.recorded++;
        return 0;
}

/* Processes the record of a cgroup, which execs that follow in the ring may refer to. */
static int take_cgroup(Pipeline *p, const void *data, size_t size, int kind) {
        CgroupChange change;
        CgroupPlace place;
        int r;

        r = decode_cgroup(data, size, &change);
        if (r < 0) /* it has no number */
                return 0;
        if (!p->lookups.cgroups)
                return 0;
        if (kind == EXEC_RECORD_CGROUP_MADE) {
                r = cgroup_tree_made(p->lookups.cgroups, change.id, change.parent, change.name);
                if (r == -ENOMEM)
                        return r;
                if (r != 0)
                        cgroup_told(p, change.id,
                                cgroup_tree_find(p->lookups.cgroups, change.id, &place) > 0 ? &place : NULL);
                return 0;
        }

        /* No search in this cgroup continues, and their records need its place. */
        searches_end_cgroup(&p->searches, change.id);
        r = exec_send_due(p);
        if (r < 0)
                return r;
        cgroup_tree_gone(p->lookups.cgroups, change.id, ring_position(p->events.ring));
        cgroup_told(p, change.id, NULL);
        return 0;
}

int exec_take(Pipeline *p, const void *data, size_t size) {
        int kind = decode_kind(data, size);

        if (kind == EXEC_RECORD_CGROUP_MADE || kind == EXEC_RECORD_CGROUP_GONE)
                return take_cgroup(p, data, size, kind);
        return take_exec(p, data, size); /* what is neither does not decode there */
}

void pipeline_malformed_said(Pipeline *p) {
        p->malformed.first_ns = p->pending.totals.malformed > 0 ? p->malformed.last_ns : 0;
}

uint64_t pipeline_next_seq(const Pipeline *p) {
        const Totals *totals = &p->totals, *pending = &p->pending.totals;

        return totals->recorded + totals->suppressed + totals->malformed + totals->held + pending->recorded +
                pending->suppressed + pending->malformed + pending->held + p->lost + 1;
}

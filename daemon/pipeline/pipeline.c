/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "pipeline/pipeline.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "event/strings.h"
#include "filter/filter.h"
#include "pipeline/late.h"
#include "redact/environment.h"
#include "util/clock.h"

void pipeline_done(Pipeline *pipeline) {
        decoder_done(&pipeline->decoder);
        redacted_event_done(&pipeline->redacted);
        buffer_done(&pipeline->running);
        buffer_done(&pipeline->late);
}

static void cgroup_told(const Pipeline *p, uint64_t id, const CgroupPlace *place) {
        if (p->cgroup_changed)
                p->cgroup_changed(p->userdata, id, place);
}

/* A cgroup that was made or is gone: what the execs behind it in the ring may refer to. */
static int pipeline_cgroup(Pipeline *p, const void *data, size_t size, int kind) {
        CgroupChange change;
        CgroupPlace place;
        int r;

        r = decode_cgroup(data, size, &change);
        if (r < 0) /* it has no number */
                return 0;
        if (!p->cgroups)
                return 0;
        if (kind == EXEC_RECORD_CGROUP_MADE) {
                r = cgroup_tree_made(p->cgroups, change.id, change.parent, change.name);
                if (r == -ENOMEM)
                        return r;
                if (r != 0)
                        cgroup_told(p, change.id,
                                cgroup_tree_find(p->cgroups, change.id, &place) > 0 ? &place : NULL);
        } else {
                cgroup_tree_gone(p->cgroups, change.id, ring_position(p->ring));
                cgroup_told(p, change.id, NULL);
        }
        return 0;
}

/* Where it ran, as far as that is known. 0 or -ENOMEM. */
static int pipeline_place(Pipeline *p, Event *event) {
        int r;

        if (!p->cgroups)
                return 0;
        r = cgroup_tree_find(p->cgroups, event->cgroup_id, &event->place);
        return r < 0 ? r : 0;
}

/* The arguments that the kernel side could not read, as far as they are there still. 0 or -ENOMEM. */
static int pipeline_late(Pipeline *p, Event *event) {
        const size_t max = p->policy->config->argument_bytes;
        bool truncated;
        int r;

        if (p->proc_fd < 0 || event->error != 0 || !(event->running || (event->flags & EXEC_FLAG_UNREAD)))
                return 0;
        r = late_arguments(p->proc_fd, &event->process, max, &p->late);
        if (r < 0 || p->late.size == 0)
                return r == -ENOMEM ? r : 0;
        truncated = p->late.size >= max;
        r = decode_late(&p->decoder, buffer_bytes(&p->late), truncated, event);
        if (r >= 0 && !event->running) /* there it goes without saying */
                event->flags |= EXEC_FLAG_LATE;
        return r;
}

/*
 * An exec, on its way to the sink. Fails like build_ids_find() and sink_append(). What ran before has no
 * number, and is not counted.
 */
static int pipeline_exec(Pipeline *p, const void *data, size_t size, int64_t clock_offset) {
        const Config *config = p->policy->config;
        Event event;
        int r, rule;

        r = decode_record(&p->decoder, data, size, clock_offset, &event);
        if (r == -EBADMSG) {
                p->pending.malformed++;
                return 0;
        }
        if (r < 0)
                return r;
        if (!event.running)
                event.seq = pipeline_next_seq(p);
        r = pipeline_late(p, &event);
        if (r < 0)
                return r;

        if (p->awaited > 0 && event.pid == p->awaited)
                p->seen(p->userdata, &event);
        r = pipeline_place(p, &event);
        if (r < 0)
                return r;
        event.labels = config->labels;
        event.n_labels = config->n_labels;

        rule = filter_dropped_by(&p->policy->filter, &event);
        if (rule != FILTER_PASSES && event.running)
                return 0;
        if (rule != FILTER_PASSES) {
                p->pending.suppressed++;
                p->pending.dropped[rule]++;
                return 0;
        }

        if (p->build_ids) {
                r = build_ids_find(p->build_ids, &event, &event.build_id);
                if (r < 0)
                        return r;
        }
        event.n_environment = environment_select(
                p->decoder.environment, event.n_environment, config->environment, config->n_environment);
        r = redactor_apply_event(&p->policy->redactor, &event, &p->redacted);
        if (r < 0)
                return r;

        r = sink_append(p->sink, &event);
        if (r < 0)
                return r;
        if (!event.running)
                p->pending.recorded++;
        return 0;
}

static int pipeline_record(Pipeline *p, const void *data, size_t size, int64_t clock_offset) {
        int kind = decode_kind(data, size);

        if (kind == EXEC_RECORD_CGROUP_MADE || kind == EXEC_RECORD_CGROUP_GONE)
                return pipeline_cgroup(p, data, size, kind);
        return pipeline_exec(p, data, size, clock_offset); /* what is neither does not decode there */
}

int pipeline_add_running(Pipeline *p, const void *data, size_t size) {
        buffer_append(&p->running, data, size);
        return buffer_error(&p->running);
}

uint64_t pipeline_next_seq(const Pipeline *p) {
        return p->totals.recorded + p->totals.suppressed + p->totals.malformed + p->pending.recorded +
                p->pending.suppressed + p->pending.malformed + p->lost + 1;
}

static uint64_t failures_end(const Pipeline *p) {
        return p->failures_stop > 0 ? p->failures_stop : ring_end(p->failures);
}

bool pipeline_has_others(const Pipeline *p) {
        return p->running_taken < p->running.size ||
                (p->failures && ring_position(p->failures) < failures_end(p));
}

int pipeline_flush(Pipeline *p) {
        int r = sink_flush(p->sink);

        if (r < 0)
                return r;
        p->released = ring_position(p->ring);
        if (p->failures)
                p->failures_released = ring_position(p->failures);
        p->running_released = p->running_taken;
        if (p->running.size > 0 && p->running_taken == p->running.size) {
                buffer_done(&p->running);
                p->running = BUFFER_NULL;
                p->running_taken = p->running_released = 0;
        }
        if (p->cgroups)
                cgroup_tree_release(p->cgroups, p->released);
        p->totals.recorded += p->pending.recorded;
        p->totals.suppressed += p->pending.suppressed;
        p->totals.malformed += p->pending.malformed;
        for (size_t i = 0; i < EXEC_RULE_COUNT; i++)
                p->totals.dropped[i] += p->pending.dropped[i];
        p->pending = (Totals){};
        p->pending_notices = 0;
        if (p->delivered)
                p->delivered(p->userdata);
        ring_release(p->ring);
        if (p->failures)
                ring_release(p->failures);
        return 0;
}

/* Where the next record is taken from, and where that was before. */
typedef struct Taken {
        Ring *ring; /* NULL: from what runs already */
        uint64_t before;
} Taken;

/*
 * The next of the programs that run already. What the kernel side wrote is whole, or nothing of it is
 * believed.
 */
static int take_running(Pipeline *p, const void **ret, size_t *ret_size) {
        const size_t left = p->running.size - p->running_taken;
        const char *at = p->running.data + p->running_taken;
        uint32_t record_size;

        if (left < sizeof(record_size))
                return -EBADMSG;
        memcpy(&record_size, at, sizeof(record_size));
        if (record_size > left - sizeof(record_size))
                return -EBADMSG;
        *ret = at + sizeof(record_size);
        *ret_size = record_size;
        p->running_taken += sizeof(record_size) + record_size;
        return 1;
}

/*
 * Whether the ring of execs is to be read before a failure of that time. What is no exec is to come first,
 * too.
 */
static bool events_first(const Pipeline *p, uint64_t end, uint64_t failure_ns) {
        uint64_t position = ring_position(p->ring);
        const void *data;
        size_t size;

        if (position >= end || ring_look(p->ring, &position, &data, &size) <= 0)
                return false;
        return decode_kind(data, size) != EXEC_RECORD_EXEC || decode_time(data, size) <= failure_ns;
}

/* Like ring_next(), of whatever is next. */
static int pipeline_take(Pipeline *p, uint64_t end, Taken *taken, const void **ret, size_t *ret_size) {
        if (p->running_taken < p->running.size) {
                *taken = (Taken){ .before = p->running_taken };
                return take_running(p, ret, ret_size);
        }
        *taken = (Taken){ .ring = p->ring, .before = ring_position(p->ring) };
        if (p->failures && ring_position(p->failures) < failures_end(p)) {
                uint64_t position = ring_position(p->failures);
                int r = ring_look(p->failures, &position, ret, ret_size);

                if (r < 0)
                        return r;
                if (r > 0 && !events_first(p, end, decode_time(*ret, *ret_size))) {
                        *taken = (Taken){ .ring = p->failures, .before = ring_position(p->failures) };
                        return ring_next(p->failures, ret, ret_size);
                }
        }
        return taken->before < end ? ring_next(p->ring, ret, ret_size) : 0;
}

static void take_back(Pipeline *p, const Taken *taken) {
        if (taken->ring)
                ring_seek(taken->ring, taken->before);
        else
                p->running_taken = taken->before;
}

int pipeline_drain(Pipeline *p, uint64_t end, size_t records_max) {
        /*
         * Once for all of them: what was recorded milliseconds apart is not to change its order by an
         * adjusted clock.
         */
        int64_t clock_offset = clock_offset_ns();

        for (size_t n = 0; n < records_max;) {
                const void *data;
                Taken taken;
                size_t size;
                int r, flushed;

                r = pipeline_take(p, end, &taken, &data, &size);
                if (r > 0)
                        r = pipeline_record(p, data, size, clock_offset);
                else if (r == 0)
                        break;
                else if (!taken.ring) { /* no record is known to begin behind it */
                        p->running_taken = p->running.size;
                        continue;
                }
                if (r == 0) {
                        n++;
                        continue;
                }

                /* Whatever stopped this record, those before it are not to wait for it. */
                take_back(p, &taken);
                flushed = pipeline_flush(p);
                if (flushed < 0 && (r == -ENOBUFS || r == -EINPROGRESS))
                        return flushed;
                if (r != -ENOBUFS)
                        return r;
        }
        return pipeline_flush(p);
}

int pipeline_notice(Pipeline *p, const Notice *notice) {
        int r = sink_append_notice(p->sink, notice);

        if (r < 0)
                return r;
        p->pending_notices++;
        return 0;
}

void pipeline_go_on(Pipeline *p, Ring *ring) {
        assert(p->released == ring_position(p->ring));
        if (p->cgroups)
                cgroup_tree_release(p->cgroups, UINT64_MAX);
        p->ring = ring;
        p->released = ring_position(ring);
}

size_t pipeline_switch(Pipeline *p, const Policy *policy, Sink *sink) {
        size_t lost = 0;

        if (p->sink && p->sink != sink && pipeline_flush(p) < 0 && !sink_inherit(sink, p->sink)) {
                lost = p->pending_notices;
                ring_seek(p->ring, p->released);
                if (p->failures)
                        ring_seek(p->failures, p->failures_released);
                p->running_taken = p->running_released;
                p->pending = (Totals){};
                p->pending_notices = 0;
        }
        p->policy = policy;
        p->sink = sink;
        return lost;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "pipeline/pipeline.h"

#include <assert.h>
#include <errno.h>

#include "filter/filter.h"
#include "pipeline/lookahead.h"
#include "redact/environment.h"
#include "util/clock.h"

void pipeline_done(Pipeline *pipeline) {
        decoder_done(&pipeline->decoder);
        redacted_event_done(&pipeline->redacted);
}

static void cgroup_told(const Pipeline *p, uint64_t id, const CgroupPlace *place) {
        if (p->cgroup_changed)
                p->cgroup_changed(p->userdata, id, place);
}

/* A cgroup that was made or is gone: what the execs behind it in the ring may refer to. */
static int pipeline_cgroup(Pipeline *p, const void *data, size_t size, int kind) {
        CgroupPlace place;
        uint64_t id;
        Bytes lineage;
        int r;

        r = decode_cgroup(data, size, &id, &lineage);
        if (r < 0) {
                p->pending.malformed++;
                return 0;
        }
        if (!p->cgroups)
                return 0;
        if (kind == EXEC_RECORD_CGROUP_MADE) {
                r = cgroup_cache_learn(p->cgroups, id, lineage);
                if (r < 0 && r != -ENOENT)
                        return r;
                cgroup_told(p, id, cgroup_cache_find(p->cgroups, id, &place) ? &place : NULL);
        } else {
                cgroup_cache_remove(p->cgroups, id);
                cgroup_told(p, id, NULL);
        }
        return 0;
}

/* Where it ran, as far as that is known. 0 or -ENOMEM. */
static int pipeline_place(Pipeline *p, Event *event) {
        int r;

        if (!p->cgroups || cgroup_cache_find(p->cgroups, event->cgroup_id, &event->place))
                return 0;
        r = lookahead_cgroups(p->ring, &p->ahead, p->cgroups);
        if (r >= 0)
                (void) cgroup_cache_find(p->cgroups, event->cgroup_id, &event->place);
        return r;
}

/* An exec, on its way to the sink. Fails like build_ids_find() and sink_append(). */
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

        r = pipeline_place(p, &event);
        if (r < 0)
                return r;
        event.labels = config->labels;
        event.n_labels = config->n_labels;

        rule = filter_dropped_by(&p->policy->filter, &event);
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
        p->pending.recorded++;
        return 0;
}

static int pipeline_record(Pipeline *p, const void *data, size_t size, int64_t clock_offset) {
        int kind = decode_kind(data, size);

        if (kind == EXEC_RECORD_CGROUP_MADE || kind == EXEC_RECORD_CGROUP_GONE)
                return pipeline_cgroup(p, data, size, kind);
        return pipeline_exec(p, data, size, clock_offset); /* what is neither does not decode there */
}

int pipeline_flush(Pipeline *p) {
        int r = sink_flush(p->sink);

        if (r < 0)
                return r;
        p->released = ring_position(p->ring);
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
        return 0;
}

int pipeline_drain(Pipeline *p, uint64_t end, size_t records_max) {
        /* Once for all of them: what was recorded milliseconds apart is not to change its order by an adjusted clock. */
        int64_t clock_offset = clock_offset_ns();

        for (size_t n = 0; n < records_max && ring_position(p->ring) < end;) {
                uint64_t before = ring_position(p->ring);
                const void *data;
                size_t size;
                int r, flushed;

                r = ring_next(p->ring, &data, &size);
                if (r > 0)
                        r = pipeline_record(p, data, size, clock_offset);
                else if (r == 0)
                        break;
                if (r == 0) {
                        n++;
                        continue;
                }

                /* Whatever stopped this record, those before it are not to wait for it. */
                ring_seek(p->ring, before);
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
        p->ring = ring;
        p->released = ring_position(ring);
        p->ahead = 0;
}

size_t pipeline_switch(Pipeline *p, const Policy *policy, Sink *sink) {
        size_t lost = 0;

        if (p->sink && p->sink != sink && pipeline_flush(p) < 0 && !sink_inherit(sink, p->sink)) {
                lost = p->pending_notices;
                ring_seek(p->ring, p->released);
                p->pending = (Totals){};
                p->pending_notices = 0;
        }
        p->policy = policy;
        p->sink = sink;
        return lost;
}

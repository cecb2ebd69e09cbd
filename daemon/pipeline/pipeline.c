/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "pipeline/pipeline.h"

#include <assert.h>
#include <errno.h>
#include <malloc.h>

#include "filter/filter.h"
#include "pipeline/send.h"
#include "util/clock.h"

/*
 * Records between two readings of the clock, where no patterns are searched for: that can take
 * milliseconds.
 */
#define CLOCK_RECORDS 4U

/* What decoding and redaction keep for the next record: more than all but the largest take. */
#define MEMORY_KEPT (256U * 1024U)

void pipeline_done(Pipeline *pipeline) {
        decoder_done(&pipeline->decoder);
        buffer_done(&pipeline->user_names);
        searches_done(&pipeline->searches);
        redacted_event_done(&pipeline->redacted);
}

static void cgroup_told(const Pipeline *p, uint64_t id, const CgroupPlace *place) {
        if (p->cgroup_changed)
                p->cgroup_changed(p->userdata, id, place);
}

/* Whether the drain has to stop. */
static bool pipeline_is_late(const Pipeline *p) {
        return p->time.usec_max > 0 && clock_monotonic_usec() - p->time.begin_usec >= p->time.usec_max;
}

/* Has those recorded that were held back and are due, as far as there is time. Fails like pipeline_send(). */
static int pipeline_send_due(Pipeline *p) {
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
                p->time.is_up = pipeline_is_late(p);
                if (p->time.is_up)
                        break;
        }
        return 0;
}

/* 1: the exec is held back; 0: it is not. Fails like pipeline_send(). */
static int pipeline_hold(Pipeline *p, const Event *event, const void *data, size_t size) {
        int r;

        searches_end(&p->searches, event);
        r = pipeline_send_due(p);
        if (r < 0 || p->policy->config->failures != FAILURES_YES ||
                !searches_is_miss(&p->searches, event, size))
                return r;
        while ((r = searches_hold(&p->searches, event, data, size, p->time.begin_usec)) == -EBUSY) {
                r = pipeline_send_due(p);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : 1;
}

/* An exec, on its way to the sink. Fails like build_ids_find() and pipeline_send(). */
static int pipeline_exec(Pipeline *p, const void *data, size_t size) {
        Event event;
        int r, rule;

        r = decode_record(&p->decoder, data, size, p->time.clock_offset, &event);
        if (r == -EBADMSG) {
                p->pending.malformed++;
                return 0;
        }
        if (r < 0)
                return r;

        if (p->awaited > 0 && event.pid == p->awaited)
                p->seen(p->userdata, &event);
        r = pipeline_place(p, &event);
        if (r < 0)
                return r;
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
        r = pipeline_hold(p, &event, data, size);
        if (r != 0)
                return r < 0 ? r : 0;
        r = pipeline_send(p, &p->decoder, &event);
        if (r < 0)
                return r;
        searches_passed(&p->searches, &event);
        p->pending.recorded++;
        return 0;
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
                r = cgroup_tree_learn(p->cgroups, id, lineage);
                if (r == -ENOMEM)
                        return r;
                if (r != 0)
                        cgroup_told(p, id, cgroup_tree_find(p->cgroups, id, &place) > 0 ? &place : NULL);
        } else {
                /* Nothing goes on that ran there, and where that was is to be in its records. */
                searches_end_cgroup(&p->searches, id);
                r = pipeline_send_due(p);
                if (r < 0)
                        return r;
                cgroup_tree_gone(p->cgroups, id, ring_position(p->ring));
                cgroup_told(p, id, NULL);
        }
        return 0;
}

static int pipeline_record(Pipeline *p, const void *data, size_t size) {
        int kind = decode_kind(data, size);

        if (kind == EXEC_RECORD_CGROUP_MADE || kind == EXEC_RECORD_CGROUP_GONE)
                return pipeline_cgroup(p, data, size, kind);
        return pipeline_exec(p, data, size); /* what is neither does not decode there */
}

/* After a giant record, which may have taken megabytes, the memory goes back to the system. */
static void pipeline_shrink(Pipeline *p) {
        const Decoder *d = &p->decoder;
        size_t kept = d->text.allocated + d->argv_allocated * sizeof(d->argv[0]) + p->redacted.text.allocated;

        if (kept <= MEMORY_KEPT)
                return;
        decoder_done(&p->decoder);
        redacted_event_done(&p->redacted);
        (void) malloc_trim(0);
}

int pipeline_flush(Pipeline *p) {
        int r = sink_flush(p->sink);

        if (r < 0)
                return r;
        p->released = ring_position(p->ring);
        if (p->cgroups)
                cgroup_tree_release(p->cgroups, p->released);
        p->totals.recorded += p->pending.recorded;
        p->totals.suppressed += p->pending.suppressed;
        p->totals.malformed += p->pending.malformed;
        p->totals.collapsed += p->pending.collapsed;
        p->totals.held += p->pending.held;
        for (size_t i = 0; i < EXEC_RULE_COUNT; i++)
                p->totals.dropped[i] += p->pending.dropped[i];
        p->pending = (Totals){};
        p->pending_notices = 0;
        searches_delivered(&p->searches);
        if (p->delivered)
                p->delivered(p->userdata);
        ring_release(p->ring);
        pipeline_shrink(p);
        return 0;
}

/* Takes one record. 1: it did, 0: there is none; or fails like pipeline_drain(), and with -ENOBUFS. */
static int pipeline_take(Pipeline *p) {
        uint64_t before = ring_position(p->ring);
        const void *data;
        size_t size;
        int r;

        r = ring_next(p->ring, &data, &size);
        if (r <= 0)
                return r;
        r = pipeline_record(p, data, size);
        if (r < 0)
                ring_seek(p->ring, before);
        return r < 0 ? r : 1;
}

static int pipeline_take_all(Pipeline *p, uint64_t end, size_t records_max) {
        for (size_t n = 0; n < records_max && ring_position(p->ring) < end && !p->time.is_up;) {
                int r = pipeline_take(p), flushed;

                if (r == 0)
                        break;
                if (r > 0) {
                        n++;
                        if ((p->policy->redactor.n_patterns > 0 || n % CLOCK_RECORDS == 0) &&
                                pipeline_is_late(p))
                                p->time.is_up = true;
                        continue;
                }

                /* Whatever stopped this record, those before it are not to wait for it. */
                flushed = pipeline_flush(p);
                if (flushed < 0 && (r == -ENOBUFS || r == -EINPROGRESS))
                        return flushed;
                if (r != -ENOBUFS)
                        return r;
        }
        return 0;
}

int pipeline_drain(Pipeline *p, uint64_t end, size_t records_max) {
        int r;

        /*
         * Once for all of them: what was recorded milliseconds apart is not to change its order by an
         * adjusted clock.
         */
        p->time.clock_offset = clock_offset_ns();
        p->time.begin_usec = clock_monotonic_usec();
        p->time.is_up = false;
        p->searches.totals = &p->totals;
        p->searches.pending = &p->pending;

        while ((r = pipeline_send_due(p)) == -ENOBUFS) {
                r = pipeline_flush(p);
                if (r < 0)
                        return r;
        }
        if (r >= 0)
                r = pipeline_take_all(p, end, records_max);
        return r < 0 ? r : pipeline_flush(p);
}

uint64_t pipeline_deadline(const Pipeline *p) {
        return searches_next_usec(&p->searches);
}

void pipeline_hold_nothing(Pipeline *p) {
        searches_end_all(&p->searches, true);
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
        p->ahead = 0;
}

size_t pipeline_switch(Pipeline *p, const Policy *policy, Sink *sink) {
        size_t lost = 0;

        if (p->sink && p->sink != sink && pipeline_flush(p) < 0 && !sink_inherit(sink, p->sink)) {
                lost = p->pending_notices;
                ring_seek(p->ring, p->released);
                searches_rewind(&p->searches);
                p->pending = (Totals){};
                p->pending_notices = 0;
        }
        if (policy->config->failures != FAILURES_YES)
                searches_end_all(&p->searches, false);
        p->policy = policy;
        p->sink = sink;
        return lost;
}

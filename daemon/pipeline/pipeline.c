/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "pipeline/pipeline.h"

#include <assert.h>
#include <errno.h>
#include <malloc.h>

#include "pipeline/exec.h"
#include "pipeline/input.h"
#include "util/clock.h"

/*
 * How many records are taken between two readings of the clock. With patterns to search for, which may take
 * milliseconds, it is read after each record.
 */
#define CLOCK_RECORDS 4U

/* How much memory is kept for the next record. Only very large records need more. */
#define MEMORY_KEPT (256U * 1024U)

void pipeline_done(Pipeline *pipeline) {
        decoder_done(&pipeline->memory.decoder);
        buffer_done(&pipeline->memory.user_names);
        searches_done(&pipeline->searches);
        redacted_event_done(&pipeline->memory.redacted);
        buffer_done(&pipeline->running.records);
        buffer_done(&pipeline->memory.late);
}

/* Returns the memory to the system after a very large record, which may have needed megabytes. */
static void pipeline_shrink(Pipeline *p) {
        const Decoder *d = &p->memory.decoder;
        size_t kept = d->text.allocated + d->argv_allocated * sizeof(d->argv[0]) +
                p->memory.redacted.text.allocated;

        if (kept <= MEMORY_KEPT)
                return;
        decoder_done(&p->memory.decoder);
        redacted_event_done(&p->memory.redacted);
        (void) malloc_trim(0);
}

static void release_running(Pipeline *p) {
        p->running.released = p->running.taken;
        if (p->running.records.size == 0 || p->running.taken < p->running.records.size)
                return;
        late_stop(p->lookups.late);
        buffer_done(&p->running.records);
        p->running.records = BUFFER_NULL;
        p->running.taken = p->running.released = 0;
}

int pipeline_flush(Pipeline *p) {
        int r = sink_flush(p->sink);

        if (r < 0)
                return r;
        p->events.released = ring_position(p->events.ring);
        if (p->failures.ring)
                p->failures.released = ring_position(p->failures.ring);
        release_running(p);
        if (p->lookups.cgroups)
                cgroup_tree_release(p->lookups.cgroups, p->events.released);
        totals_add(&p->totals, &p->pending.totals);
        p->pending = (PipelinePending){};
        searches_delivered(&p->searches);
        if (p->ops && p->ops->delivered)
                p->ops->delivered(p->userdata);
        ring_release(p->events.ring);
        if (p->failures.ring)
                ring_release(p->failures.ring);
        pipeline_shrink(p);
        return 0;
}

/*
 * Takes one record. Returns 1, or 0 when there is none. Fails like pipeline_drain(), and with -ENOBUFS when
 * the batch of the sink is full.
 */
static int take_one(Pipeline *p, uint64_t end) {
        const void *data;
        Taken taken;
        size_t size;
        int r;

        r = input_next(p, end, &taken, &data, &size);
        if (r < 0 && !taken.ring) { /* no record is known to begin behind it */
                p->running.taken = p->running.records.size;
                return 1;
        }
        if (r <= 0)
                return r;
        r = exec_take(p, data, size);
        if (r < 0)
                input_take_back(p, &taken);
        return r < 0 ? r : 1;
}

static int take_all(Pipeline *p, uint64_t end, size_t records_max) {
        for (size_t n = 0; n < records_max && !p->time.is_up;) {
                int r = take_one(p, end), flushed;

                if (r == 0)
                        break;
                if (r > 0) {
                        n++;
                        if ((p->policy->redactor.n_patterns > 0 || n % CLOCK_RECORDS == 0) &&
                                exec_time_is_up(p))
                                p->time.is_up = true;
                        continue;
                }

                /* The records before this one do not wait for it. */
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
         * The offset is read once for all records of a drain, so that a clock that is adjusted meanwhile does
         * not change their order.
         */
        p->time.clock_offset = clock_offset_ns();
        p->time.begin_usec = clock_monotonic_usec();
        p->time.is_up = false;
        p->searches.totals = &p->totals;
        p->searches.pending = &p->pending.totals;

        while ((r = exec_send_due(p)) == -ENOBUFS) {
                r = pipeline_flush(p);
                if (r < 0)
                        return r;
        }
        if (r >= 0)
                r = take_all(p, end, records_max);
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
        p->pending.notices++;
        return 0;
}

void pipeline_go_on(Pipeline *p, Ring *ring) {
        assert(p->events.released == ring_position(p->events.ring));
        if (p->lookups.cgroups)
                cgroup_tree_release(p->lookups.cgroups, UINT64_MAX);
        p->events.ring = ring;
        p->events.released = ring_position(ring);
}

size_t pipeline_switch(Pipeline *p, const Policy *policy, Sink *sink) {
        size_t lost = 0;

        if (p->sink && p->sink != sink && pipeline_flush(p) < 0 && !sink_inherit(sink, p->sink)) {
                lost = p->pending.notices;
                ring_seek(p->events.ring, p->events.released);
                if (p->failures.ring)
                        ring_seek(p->failures.ring, p->failures.released);
                p->running.taken = p->running.released;
                searches_rewind(&p->searches);
                p->pending = (PipelinePending){};
        }
        if (policy->config->failures != FAILURES_YES)
                searches_end_all(&p->searches, false);
        p->policy = policy;
        p->sink = sink;
        return lost;
}

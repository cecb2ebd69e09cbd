/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "pipeline/input.h"

#include <errno.h>
#include <string.h>

int pipeline_add_running(Pipeline *p, const void *data, size_t size) {
        buffer_append(&p->running.records, data, size);
        return buffer_error(&p->running.records);
}

static uint64_t failures_end(const Pipeline *p) {
        return p->failures.stop > 0 ? p->failures.stop : ring_end(p->failures.ring);
}

bool pipeline_has_others(const Pipeline *p) {
        return p->running.taken < p->running.records.size ||
                (p->failures.ring && ring_position(p->failures.ring) < failures_end(p));
}

/*
 * Takes the next record of the programs that ran before. If one does not parse, those after it are not used
 * either.
 */
static int take_running(Pipeline *p, const void **ret, size_t *ret_size) {
        const size_t left = p->running.records.size - p->running.taken;
        const char *at = p->running.records.data + p->running.taken;
        uint32_t record_size;

        if (left < sizeof(record_size))
                return -EBADMSG;
        memcpy(&record_size, at, sizeof(record_size));
        if (record_size > left - sizeof(record_size))
                return -EBADMSG;
        *ret = at + sizeof(record_size);
        *ret_size = record_size;
        p->running.taken += sizeof(record_size) + record_size;
        return 1;
}

/*
 * Returns true when the next record of the ring of execs comes before a failure of that time. Records of
 * another kind than execs always come first.
 */
static bool events_first(const Pipeline *p, uint64_t end, uint64_t failure_ns) {
        uint64_t position = ring_position(p->events.ring);
        const void *data;
        size_t size;

        if (position >= end || ring_look(p->events.ring, &position, &data, &size) <= 0)
                return false;
        return decode_kind(data, size) != EXEC_RECORD_EXEC || decode_time(data, size) <= failure_ns;
}

int input_next(Pipeline *p, uint64_t end, Taken *taken, const void **ret, size_t *ret_size) {
        if (p->running.taken < p->running.records.size) {
                *taken = (Taken){ .before = p->running.taken };
                return take_running(p, ret, ret_size);
        }
        *taken = (Taken){ .ring = p->events.ring, .before = ring_position(p->events.ring) };
        if (p->failures.ring && ring_position(p->failures.ring) < failures_end(p)) {
                uint64_t position = ring_position(p->failures.ring);
                int r = ring_look(p->failures.ring, &position, ret, ret_size);

                if (r < 0)
                        return r;
                if (r > 0 && !events_first(p, end, decode_time(*ret, *ret_size))) {
                        *taken = (Taken){ .ring = p->failures.ring,
                                .before = ring_position(p->failures.ring) };
                        return ring_next(p->failures.ring, ret, ret_size);
                }
        }
        return taken->before < end ? ring_next(p->events.ring, ret, ret_size) : 0;
}

void input_take_back(Pipeline *p, const Taken *taken) {
        if (taken->ring)
                ring_seek(taken->ring, taken->before);
        else
                p->running.taken = taken->before;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "pipeline/input.h"

#include <errno.h>
#include <string.h>

int pipeline_add_running(Pipeline *p, const void *data, size_t size) {
        buffer_append(&p->running, data, size);
        return buffer_error(&p->running);
}

static uint64_t failures_end(const Pipeline *p) {
        return p->failures_stop > 0 ? p->failures_stop : ring_end(p->failures);
}

bool pipeline_has_others(const Pipeline *p) {
        return p->running_taken < p->running.size ||
                (p->failures && ring_position(p->failures) < failures_end(p));
}

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

int input_next(Pipeline *p, uint64_t end, Taken *taken, const void **ret, size_t *ret_size) {
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

void input_take_back(Pipeline *p, const Taken *taken) {
        if (taken->ring)
                ring_seek(taken->ring, taken->before);
        else
                p->running_taken = taken->before;
}

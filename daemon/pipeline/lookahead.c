/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "pipeline/lookahead.h"

#include <errno.h>

#include "bpf/record.h"
#include "event/decode.h"

/* 0 or -ENOMEM. */
static int look_at(CgroupCache *cache, const void *data, size_t size) {
        CgroupPlace place;
        uint64_t id;
        Bytes lineage;
        int r;

        if (decode_kind(data, size) != EXEC_RECORD_CGROUP_GONE ||
                decode_cgroup(data, size, &id, &lineage) < 0)
                return 0;
        if (cgroup_cache_find(cache, id, &place))
                return 0;
        r = cgroup_cache_learn(cache, id, lineage);
        return r == -ENOENT ? 0 : r;
}

int lookahead_cgroups(const Ring *ring, uint64_t *ahead, CgroupCache *cache) {
        uint64_t position = *ahead > ring_position(ring) ? *ahead : ring_position(ring);
        const void *data;
        size_t size;

        /* What is no record stops whoever reads up to it, too: there it is dealt with. */
        for (*ahead = position; ring_look(ring, &position, &data, &size) > 0; *ahead = position) {
                int r = look_at(cache, data, size);

                if (r < 0)
                        return r;
        }
        *ahead = position; /* behind what was discarded, too */
        return 0;
}

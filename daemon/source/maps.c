/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/maps.h"

#include <errno.h>
#include <stdint.h>

#include "bpf/record.h"
#include "util/cleanup.h"

int maps_share(const struct bpf_object *from, struct bpf_object *to, bool same_settings) {
        static const char *const names[] = { "events", "logs", "counters", "sequence", "turns", "claims",
                "desks", "callers", "cgroups_dropped" };

        for (size_t i = 0; i < ELEMENTSOF(names) - (same_settings ? 0 : 1); i++) {
                struct bpf_map *source = bpf_object__find_map_by_name(from, names[i]);
                struct bpf_map *target = bpf_object__find_map_by_name(to, names[i]);
                int r;

                /* Not every object has a use for every map, and not every kernel needs it. */
                if (!target)
                        continue;
                if (!source)
                        return -ENOENT;
                if (!bpf_map__autocreate(source)) {
                        r = bpf_map__set_autocreate(target, false);
                        if (r < 0)
                                return r;
                        continue;
                }
                r = bpf_map__reuse_fd(target, bpf_map__fd(source));
                if (r < 0)
                        return r;
        }
        return 0;
}

int maps_size(struct bpf_object *object, const struct exec_settings *settings) {
        struct bpf_map *slots = bpf_object__find_map_by_name(object, "slots");
        struct bpf_map *turns = bpf_object__find_map_by_name(object, "turns");
        int cpus = libbpf_num_possible_cpus();
        uint64_t size;
        int r;

        if (!slots || !turns)
                return -ENOENT;
        if (cpus < 0)
                return cpus;
        r = bpf_map__set_max_entries(turns, (uint32_t) cpus * EXEC_TURN_KINDS);
        if (r < 0)
                return r;
        r = bpf_map__set_max_entries(slots, (uint32_t) cpus);
        if (r < 0)
                return r;
        size = EXEC_SLOT_SIZE(settings->args_max, settings->env_max);
        return bpf_map__set_value_size(slots, (uint32_t) (size + 7U) & ~7U);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/maps.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bpf/record.h"

void maps_of(const struct bpf_object *object, MapSet *ret) {
        *ret = MAP_SET_NULL;
        for (MapKind kind = 0; kind < _MAP_KIND_MAX; kind++) {
                const struct bpf_map *map = bpf_object__find_map_by_name(object, map_kind_to_string(kind));

                if (map && bpf_map__autocreate(map))
                        ret->fds[kind] = bpf_map__fd(map);
        }
}

bool map_kind_is_ring(MapKind kind) {
        return kind == MAP_EVENTS || kind == MAP_FAILURES || kind == MAP_LOGS;
}

static int map_info(int fd, struct bpf_map_info *ret) {
        uint32_t size = sizeof(*ret);

        *ret = (struct bpf_map_info){};
        return bpf_obj_get_info_by_fd(fd, ret, &size);
}

/* Returns true when the descriptor is a map like `map`. The sizes of rings can differ. */
static bool map_fits(int fd, const struct bpf_map *map) {
        struct bpf_map_info info;

        if (map_info(fd, &info) < 0)
                return false;
        return info.type == bpf_map__type(map) && info.key_size == bpf_map__key_size(map) &&
                info.value_size == bpf_map__value_size(map) &&
                (info.type == BPF_MAP_TYPE_RINGBUF || info.max_entries == bpf_map__max_entries(map));
}

int maps_use(const MapSet *maps, struct bpf_object *to) {
        for (MapKind kind = 0; kind < _MAP_KIND_MAX; kind++) {
                struct bpf_map *target = bpf_object__find_map_by_name(to, map_kind_to_string(kind));
                int fd = maps->fds[kind], r;

                if (!target || !bpf_map__autocreate(target))
                        continue;
                if (fd < 0 && map_kind_is_ring(kind))
                        continue;
                if (fd < 0 || !map_fits(fd, target))
                        return -ESTALE;
                r = bpf_map__reuse_fd(target, fd);
                if (r < 0)
                        return r;
        }
        return 0;
}

int maps_ring_size(int fd, uint32_t *ret) {
        struct bpf_map_info info;
        int r;

        r = map_info(fd, &info);
        if (r < 0)
                return r;
        if (info.type != BPF_MAP_TYPE_RINGBUF)
                return -EINVAL;
        *ret = info.max_entries;
        return 0;
}

void *maps_view(int fd, size_t size) {
        void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

        if (p == MAP_FAILED)
                return NULL;
        (void) madvise(p, size, MADV_DONTFORK);
        return p;
}

/* This is the only member of the counters that is the same in every ABI. */
_Static_assert(offsetof(struct exec_counters, generation) == 0, "it is where it was in every ABI");

int maps_generation(const MapSet *maps, uint32_t *ret) {
        void *p = maps_view(maps->fds[MAP_COUNTERS], sizeof(*ret));

        if (!p)
                return -errno;
        *ret = *(volatile uint32_t *) p;
        (void) munmap(p, sizeof(*ret));
        return 0;
}

int maps_switch_off(const MapSet *maps) {
        void *p = maps_view(maps->fds[MAP_COUNTERS], sizeof(uint32_t));

        if (!p)
                return -errno;
        *(volatile uint32_t *) p = 0;
        (void) munmap(p, sizeof(uint32_t));
        return 0;
}

/* Reads the number of records for ABIs up to 4, which had one counter for all CPUs. */
static int read_sequence(int fd, uint64_t *ret) {
        struct bpf_map_info info;
        uint32_t zero = 0;
        int r;

        r = map_info(fd, &info);
        if (r < 0)
                return r;
        if (info.type != BPF_MAP_TYPE_ARRAY || info.value_size != sizeof(*ret))
                return -EINVAL;
        return bpf_map_lookup_elem(fd, &zero, ret);
}

/* This is the only member of a CPU's counters that is the same in every ABI from 5 on. */
_Static_assert(offsetof(struct exec_cpu, numbered) == 0, "it is where it is in every ABI from 5 on");

int maps_numbered(const MapSet *maps, uint64_t *ret) {
        struct bpf_map_info info;
        uint64_t sum = 0;
        char *view;
        int r;

        if (maps->fds[MAP_CPUS] < 0)
                return read_sequence(maps->fds[MAP_SEQUENCE], ret);
        r = map_info(maps->fds[MAP_CPUS], &info);
        if (r < 0)
                return r;
        if (info.value_size < sizeof(sum) || info.value_size % sizeof(sum) != 0)
                return -EINVAL;
        view = maps_view(maps->fds[MAP_CPUS], (size_t) info.value_size * info.max_entries);
        if (!view)
                return -errno;
        for (uint32_t cpu = 0; cpu < info.max_entries; cpu++)
                sum += *(volatile uint64_t *) (void *) (view + (size_t) cpu * info.value_size);
        (void) munmap(view, (size_t) info.value_size * info.max_entries);
        *ret = sum;
        return 0;
}

/* The maximum size of all slots together, in bytes, unless that would be fewer than SLOTS_MIN slots. */
#define SLOTS_BYTES_MAX (64U * 1024 * 1024)
#define SLOTS_MIN 4

static uint64_t slot_size(const struct exec_settings *settings) {
        return (EXEC_SLOT_SIZE(settings->args_max, settings->env_max) + 7U) & ~(uint64_t) 7U;
}

/* One for each possible CPU, up to a limit: some machines could have hundreds of CPUs, and have two. */
int maps_slots(const struct exec_settings *settings) {
        int cpus = libbpf_num_possible_cpus(), max = (int) (SLOTS_BYTES_MAX / slot_size(settings));

        if (max < SLOTS_MIN)
                max = SLOTS_MIN;
        return cpus < max ? cpus : max;
}

int maps_size(struct bpf_object *object, const struct exec_settings *settings) {
        struct bpf_map *slots = bpf_object__find_map_by_name(object, "slots");
        struct bpf_map *counts = bpf_object__find_map_by_name(object, map_kind_to_string(MAP_CPUS));
        int cpus = libbpf_num_possible_cpus();
        int r;

        if (!slots || !counts)
                return -ENOENT;
        if (cpus < 0)
                return cpus;
        r = bpf_map__set_max_entries(counts, (uint32_t) cpus);
        if (r < 0)
                return r;
        r = bpf_map__set_max_entries(slots, settings->slots);
        if (r < 0)
                return r;
        return bpf_map__set_value_size(slots, (uint32_t) slot_size(settings));
}

uint32_t maps_ring_size_for(uint32_t wanted) {
        uint32_t page = (uint32_t) sysconf(_SC_PAGESIZE);

        return wanted < page ? page : wanted;
}

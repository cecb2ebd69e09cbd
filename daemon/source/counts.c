/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "source/counts.h"

#include <errno.h>
#include <sys/mman.h>

#include "source/maps.h"

int counts_map(Counts *counts, int counters_fd, int cpus_fd, uint32_t n_cpus) {
        counts->counters = maps_view(counters_fd, sizeof(*counts->counters));
        if (!counts->counters)
                return -errno;
        counts->n_cpus = n_cpus;
        counts->cpus = maps_view(cpus_fd, n_cpus * sizeof(*counts->cpus));
        return counts->cpus ? 0 : -errno;
}

void counts_unmap(Counts *counts) {
        if (counts->counters)
                munmap((void *) counts->counters, sizeof(*counts->counters));
        if (counts->cpus)
                munmap((void *) counts->cpus, counts->n_cpus * sizeof(*counts->cpus));
        *counts = (Counts){};
}

uint64_t counts_sum(const Counts *counts, size_t offset) {
        uint64_t sum = 0;

        for (uint32_t cpu = 0; cpu < counts->n_cpus; cpu++)
                sum += ((const volatile uint64_t *) &counts->cpus[cpu])[offset / sizeof(uint64_t)];
        return sum;
}

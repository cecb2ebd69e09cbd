/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bpf/record.h"

/* The counters of the kernel side, mapped into memory, so that reading them takes no system call. */
typedef struct Counts {
        volatile struct exec_counters *counters;
        volatile struct exec_cpu *cpus;
        uint32_t n_cpus;
} Counts;

/*
 * Maps the values of the two maps, for `n_cpus` CPUs. The caller keeps the descriptors. Returns 0 or the
 * negative error of mmap(2); counts_unmap() must be called in both cases.
 */
int counts_map(Counts *counts, int counters_fd, int cpus_fd, uint32_t n_cpus);

/* Unmaps what is mapped. Counts that are all zero are valid. */
void counts_unmap(Counts *counts);

/* Returns the sum over all CPUs of the 64-bit member of struct exec_cpu at this offset. */
uint64_t counts_sum(const Counts *counts, size_t offset);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bpf/record.h"

/* What the kernel side counts, mapped: to be read without a system call. */
typedef struct Counts {
        volatile struct exec_counters *counters;
        volatile struct exec_cpu *cpus;
        uint32_t n_cpus;
} Counts;

/* Maps both. 0, or what they could not be mapped with. */
int counts_map(Counts *counts, int counters_fd, int cpus_fd, uint32_t n_cpus);

/* Takes those that are not mapped, too. */
void counts_unmap(Counts *counts);

/* A member of struct exec_cpu, a 64-bit one at this offset, of all CPUs together. */
uint64_t counts_sum(const Counts *counts, size_t offset);

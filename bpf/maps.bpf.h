/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

#include "bpf/record.h"
#include "bpf/settings.h"

const volatile struct exec_settings settings = { .args_max = 32 * 1024 };

/* The daemon sets the sizes of the rings and of the slots. */
struct {
        __uint(type, BPF_MAP_TYPE_RINGBUF);
        __uint(max_entries, 16 * 1024 * 1024);
} events SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_RINGBUF);
        __uint(max_entries, 256 * 1024);
} logs SEC(".maps");

/*
 * Where a record is put together before it is copied into the ring with its exact size: one slot a CPU. An array
 * and not a per-CPU array, whose values are limited to 32 KiB. Its values are larger than this struct: the daemon
 * makes them EXEC_SLOT_SIZE().
 *
 * Kernels that can be preempted inside a tracepoint also keep the program from being entered twice on a CPU; `busy`
 * makes sure of it, so that no record can ever be mixed of two.
 */
struct exec_slot {
        __u64 busy;
        __u64 forgotten; /* see forget() */
        __u64 place[2]; /* where a walk that is made in stages goes on */
        __u64 args_limit; /* most bytes of arguments, and of environment, that this record may have */
        __u64 path_limit; /* likewise of each path */
        struct exec_record record;
};

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, 1);
        __uint(key_size, sizeof(__u32));
        __uint(value_size, sizeof(struct exec_slot));
} slots SEC(".maps");

/* Mapped by the daemon: what it reads often, and the switch between two sets of programs. */
struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(map_flags, BPF_F_MMAPABLE);
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, struct exec_counters);
} counters SEC(".maps");

/* Likewise mapped. The daemon makes it as large as there are CPUs. */
struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(map_flags, BPF_F_MMAPABLE);
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, struct exec_filtered);
} filtered SEC(".maps");

/* How many sequence numbers were taken, and so the last one. The same in every ABI, as is exec_counters.generation. */
struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, __u64);
} sequence SEC(".maps");

/*
 * The numbers taken last, on kernels without an atomic fetch-and-add (it came with 5.12; before, a program that
 * has one is refused even where it is never reached). A spin lock would not do: tracing programs are not given one
 * there, and those at plain tracepoints are not on any kernel.
 */
#define CLAIMS_KEPT \
        16384 /* more than all other CPUs take while one is interrupted between two instructions */
#define CLAIMS_TRIES 256 /* CPUs that may be taking a number at the same moment */

struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, CLAIMS_KEPT + CLAIMS_TRIES);
        __type(key, __u64);
        __type(value, __u32);
} claims SEC(".maps");

static __always_inline struct exec_counters *counters_get(void) {
        __u32 zero = 0;

        return bpf_map_lookup_elem(&counters, &zero);
}

static __always_inline struct exec_slot *slot_get(void) {
        __u32 cpu = bpf_get_smp_processor_id();

        return bpf_map_lookup_elem(&slots, &cpu);
}

/*
 * Returns `value`, by way of memory in a map: the verifier then knows nothing of it. Where it would follow each length that
 * a loop can end with through all the code behind the loop, it now follows one that is unknown.
 */
static __always_inline __u64 forget(volatile __u64 *memory, __u64 value) {
        *memory = value;
        return *memory;
}

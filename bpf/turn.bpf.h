/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * While one set of programs takes over from another, both of them run for each event, one right after the other and on the
 * same CPU. Which of the two it is that records is asked once: the second goes by what the first was told. If both asked, the
 * switch would now and then fall between, and the event be recorded twice, or not at all.
 */

#include "bpf/kernel-types.h"
#include "bpf/maps.bpf.h"

/* The last event of a kind on a CPU. */
struct exec_turn {
        __u64 thread;
        __u64 event;
        __u32 asked_by; /* generation of the programs that ran first */
        __u32 generation; /* of those that record it */
        __u64 reserved[5]; /* each CPU has cache lines of its own */
};

/* The daemon makes it as large as there are CPUs. */
struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, EXEC_TURN_KINDS);
        __type(key, __u32);
        __type(value, struct exec_turn);
} turns SEC(".maps");

/*
 * Whether this set of programs is the one that records the event. `event` is the same for both sets, or a little later for
 * the second, by `tolerance` at most; for another event of the thread it differs by more.
 */
static __always_inline bool turn_is_ours(
        struct exec_counters *counts, enum exec_turn_kind kind, __u64 event, __u64 tolerance) {
        __u32 index = bpf_get_smp_processor_id() * EXEC_TURN_KINDS + kind;
        struct exec_turn *turn = bpf_map_lookup_elem(&turns, &index);
        __u64 thread = bpf_get_current_pid_tgid();
        __u32 found;

        if (!turn)
                return counts->generation == settings.generation;
        if (turn->thread == thread && turn->asked_by != settings.generation &&
                event - turn->event <= tolerance)
                return turn->generation == settings.generation;

        found = counts->generation;
        turn->thread = thread;
        turn->event = event;
        turn->asked_by = settings.generation;
        turn->generation = found;
        return found == settings.generation;
}

/* No process executes twice at the same count, and none has the pid of another and its age. */
static __always_inline bool turn_is_ours_exec(struct exec_counters *counts, struct task_struct *task) {
        return turn_is_ours(counts, EXEC_TURN_EXEC, task->start_boottime + task->self_exec_id, 0);
}

/* A call that failed has nothing that tells it from the next but its time. The daemon leaves the first set attached for
 * longer than this after the switch. */
static __always_inline bool turn_is_ours_failed(struct exec_counters *counts) {
        return turn_is_ours(counts, EXEC_TURN_FAILED, bpf_ktime_get_ns(), EXEC_TURN_NS);
}

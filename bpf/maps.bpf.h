/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

#include <bpf/bpf_helpers.h>

#include "bpf/record.h"
#include "bpf/settings.h"

const volatile struct exec_settings settings = { .args_max = 32 * 1024 };

/* The daemon sets the sizes of the rings and of the slots. */
struct {
        __uint(type, BPF_MAP_TYPE_RINGBUF);
        __uint(max_entries, 16 * 1024 * 1024);
} events SEC(".maps");

/* Failed execs have a ring of their own: whoever floods it neither pushes out nor cuts short what ran. */
struct {
        __uint(type, BPF_MAP_TYPE_RINGBUF);
        __uint(max_entries, 2 * 1024 * 1024);
} failures SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_RINGBUF);
        __uint(max_entries, 256 * 1024);
} logs SEC(".maps");

/*
 * A path on the way up; see path.bpf.h. What is read back from a map's memory is unknown to the verifier,
 * which then follows one way through the code behind a loop, and not one for each number of steps.
 */
struct exec_walk {
        __u64 mnt; /* addresses, as all of these */
        __u64 mnt_root;
        __u64 dentry;
        __u64 root_mnt;
        __u64 root_dentry;
        __u64 start; /* where the path begins in `data` */
        __u64 arrived;
        __u64 match_start; /* in `data`: the text that it is compared with */
        __u64 match_end; /* ... up to here, but for what is compared already */
};

/* The arguments of a failed exec, on the way through the caller's memory; see failure.bpf.h. */
struct exec_call {
        __u64 filename; /* address */
        __u64 argv; /* address of an array of addresses */
        __u64 string; /* where the rest of a long argument is; 0: at the next argument */
        __s32 dirfd; /* AT_FDCWD: none */
        __u32 compat; /* a 32-bit call: addresses of four bytes */
        __u32 error;
        __u32 flags; /* that it came with: enum exec_flag */
        __u32 unread;
        __u32 complete;
};

/*
 * Where a record is put together before it is copied into a ring with its exact size. An array and not a
 * per-CPU array, whose values are limited to 32 KiB. Its values are larger than this struct: the daemon makes
 * them EXEC_SLOT_SIZE().
 *
 * There is one for each CPU, but for machines that may have so many that this would take too much memory.
 * Each record takes the slot of its CPU or, where that is taken, one of the next.
 */
struct exec_slot {
        __u64 busy;
        __u64 used; /* bytes of the record's data */
        __u64 args_limit; /* most bytes of arguments, and of environment, that this record may have */
        __u64 path_limit; /* likewise of each path */
        __u64 index; /* of this slot */
        struct exec_walk walk;
        struct exec_call call;
        struct exec_record record;
};
_Static_assert(offsetof(struct exec_slot, record) == EXEC_SLOT_HEAD, "EXEC_SLOT_SIZE() has room for it");

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, 1);
        __uint(key_size, sizeof(__u32));
        __uint(value_size, sizeof(struct exec_slot));
} slots SEC(".maps");

/* Mapped by the daemon, and read by nobody else. */
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
        __type(value, struct exec_cpu);
} cpus SEC(".maps");

static __always_inline struct exec_cpu *cpu_get(void) {
        __u32 cpu = bpf_get_smp_processor_id();

        return bpf_map_lookup_elem(&cpus, &cpu);
}

/* How many slots are tried. Two records at once on one CPU are rare, four have not been seen. */
#define SLOT_TRIES 4

static __always_inline struct exec_slot *slot_at(__u64 index) {
        __u32 key = (__u32) index;

        return bpf_map_lookup_elem(&slots, &key);
}

/* To be given back with slot_put(). NULL: all that were tried are taken. */
static __always_inline struct exec_slot *slot_take(void) {
        __u32 index = bpf_get_smp_processor_id();

#pragma clang loop unroll(disable)
        for (int i = 0; i < SLOT_TRIES; i++) {
                struct exec_slot *slot;

                if (index >= settings.slots)
                        index = settings.slots > 0 ? index % settings.slots : 0;
                slot = slot_at(index);
                if (slot && __sync_lock_test_and_set(&slot->busy, 1) == 0) {
                        slot->index = index;
                        slot->used = 0;
                        return slot;
                }
                index++;
        }
        return NULL;
}

static __always_inline void slot_put(struct exec_slot *slot) {
#if defined(__TARGET_ARCH_x86)
        barrier(); /* stores are seen in their order */
        *(volatile __u64 *) &slot->busy = 0;
#else
        (void) __sync_lock_test_and_set(&slot->busy, 0);
#endif
}

/* Read from memory each time, so that neither compiler nor verifier knows what it is. */
static __always_inline __u64 slot_used(const struct exec_slot *slot) {
        return *(const volatile __u64 *) &slot->used;
}

/*
 * Room for `size` bytes at the end of the record's data, which may have `max` bytes before; NULL: it has
 * more. That can't happen, but the verifier wants to be shown.
 */
static __always_inline char *slot_room(struct exec_slot *slot, __u64 max) {
        __u64 used = slot_used(slot);

        barrier_var(used);
        if (used > max)
                return NULL;
        barrier_var(used); /* clang 19 would add before it compares, which the verifier refuses */
        return slot->record.data + used;
}

static __always_inline void slot_add(struct exec_slot *slot, __u64 size) {
        *(volatile __u64 *) &slot->used = slot_used(slot) + size;
}

/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/* What a record of an exec that succeeded and one of an exec that failed have in common. */

#include "bpf/filter.bpf.h"
#include "bpf/level.bpf.h"
#include "bpf/log.bpf.h"
#include "bpf/path.bpf.h"
#include "bpf/pressure.bpf.h"
#include "bpf/task.bpf.h"
#include "bpf/turn.bpf.h"

#define PF_FORKNOEXEC 0x00000040 /* include/linux/sched.h: forked, and has not executed anything since */
#define ANCESTORS_MAX 32 /* processes between the parent and that ancestor */

/*
 * Takes the first number that goes into the map: it does for one CPU only. All up to *last are taken, and
 * behind it no more than other CPUs are taking at this moment. Returns 0 when these are too many.
 */
static __always_inline __u64 sequence_claim(__u64 *last) {
        __u64 seq = *last, old;
        __u32 taken = 1;

        for (int i = 0; i < CLAIMS_TRIES; i++) {
                seq++;
                if (bpf_map_update_elem(&claims, &seq, &taken, BPF_NOEXIST) < 0)
                        continue;
                /* Without its result and without an order it is the plain add that 5.10 has, too. */
                __atomic_fetch_add(last, 1, __ATOMIC_RELAXED);
                old = seq - CLAIMS_KEPT;
                bpf_map_delete_elem(&claims, &old);
                return seq;
        }
        return 0;
}

/* The number of a record: from 1, each once, none left out. */
static __always_inline __u64 sequence_next(void) {
        __u32 zero = 0;
        __u64 *last = bpf_map_lookup_elem(&sequence, &zero);

        if (!last)
                return 0;
        return HAVE_LOOP ? __sync_fetch_and_add(last, 1) + 1 : sequence_claim(last);
}

static __always_inline void lost_count(struct exec_counters *counts, enum exec_lost_cause cause, __u64 seq) {
        counts->lost_last_ns = bpf_ktime_get_boot_ns();
        counts->lost_last_seq = seq;
        if (counts->lost_first_ns == 0) {
                counts->lost_first_ns = counts->lost_last_ns;
                counts->lost_first_seq = seq;
        }
        __sync_fetch_and_add(&counts->lost[cause], 1);
}

/*
 * Which of the task's ancestors executed a program last, when its parent has not: a shell's subshell, a
 * worker of a server. Returns how many bytes it took. One that nobody finds in ANCESTORS_MAX steps is left
 * out, as is the kernel's own first task, which has no number.
 */
static __always_inline __u64 fill_ancestor(struct exec_record *r, const struct task_refs *refs) {
        struct task_struct *process = refs->parent;
        struct exec_ancestor *part = (void *) r->data;
        __u32 flags = PF_FORKNOEXEC;

        if (!(TASK_READ(process, flags) & PF_FORKNOEXEC))
                return 0;
        for (int i = 0; i < ANCESTORS_MAX; i++) {
                process = TASK_READ(process, real_parent, group_leader);
                flags = TASK_READ(process, flags);
                if (!(flags & PF_FORKNOEXEC))
                        break;
        }
        part->tgid = (__u32) TASK_READ(process, tgid);
        if ((flags & PF_FORKNOEXEC) || part->tgid == 0)
                return 0;
        part->start_ns = TASK_READ(process, start_boottime);
        part->reserved = 0;
        r->extras |= EXEC_EXTRA_ANCESTOR;
        return sizeof(*part);
}

/*
 * Returns how many bytes the path took, and notes in r->partial when its front is missing or another than the
 * root.
 */
static __always_inline __u64 fill_path(struct exec_slot *slot, struct exec_counters *counts,
        struct path *path, struct path *root, __u64 offset, enum exec_partial partial) {
        /* Global functions take numbers only; by way of memory a pointer becomes one. */
        __u64 n = path_capture(offset, forget(&slot->forgotten, (__u64) TASK_READ(path, mnt)),
                forget(&slot->forgotten, (__u64) TASK_READ(path, dentry)),
                forget(&slot->forgotten, (__u64) TASK_READ(root, mnt)),
                forget(&slot->forgotten, (__u64) TASK_READ(root, dentry)));

        if (n & PATH_OUTSIDE) {
                n &= ~PATH_OUTSIDE;
                slot->record.partial |= EXEC_PARTIAL_OUTSIDE(partial);
        }
        if (n & PATH_PARTIAL) {
                n &= ~PATH_PARTIAL;
                slot->record.partial |= partial;
                if (!pressure_cuts_paths(slot))
                        log_emit(counts, EXEC_LOG_PATH_TOO_DEEP, (__s64) n, 0, 0);
        }
        return n;
}

static __always_inline __u64 fill_cwd(
        struct exec_slot *slot, struct exec_counters *counts, const struct task_refs *refs, __u64 offset) {
        struct fs_struct *fs = refs->fs;
        __u64 n = fill_path(slot, counts, &fs->pwd, &fs->root, offset, EXEC_PARTIAL_CWD);

        slot->record.cwd_len = (__u16) n;
        return n;
}

static __always_inline __u64 fill_tty(struct exec_record *r, const struct task_refs *refs, __u64 offset) {
        struct signal_struct *signal = refs->signal;
        struct tty_struct *tty = TASK_READ(signal, tty);
        long n;

        /* The first can't happen; the verifier wants to be shown. */
        if (offset > EXEC_TTY_OFFSET_MAX || !tty)
                return 0;
        n = bpf_probe_read_kernel_str(r->data + offset, EXEC_TTY_SIZE, tty->name);
        if (n <= 0 || n > EXEC_TTY_SIZE)
                return 0;
        r->tty_len = (__u16) (n - 1);
        return (__u64) (n - 1);
}

static __always_inline void filtered_count(int rule) {
        __u32 cpu = bpf_get_smp_processor_id();
        struct exec_filtered *filtered_here = bpf_map_lookup_elem(&filtered, &cpu);

        /* None of it can happen; the verifier wants to be shown. */
        if (!filtered_here || rule < 0 || rule >= EXEC_RULE_COUNT)
                return;
        __sync_fetch_and_add(&filtered_here->by_rule[rule], 1);
}

/* Whether the task is one that is to be recorded. What the filter drops is counted, and takes no number. */
static __always_inline bool record_wanted(struct task_struct *task, struct task_refs *ret_refs) {
        int rule;

        task_refs_take(task, ret_refs);
        rule = task_rule(task, ret_refs);
        if (rule == RULE_NONE)
                return true;
        filtered_count(rule);
        return false;
}

/*
 * The slot of this CPU, to be given back with slot_put(), or NULL: then the exec of that number is lost, and
 * counted.
 */
static __always_inline struct exec_slot *slot_take(struct exec_counters *counts, __u64 seq) {
        struct exec_slot *slot = slot_get();

        if (!slot || slot->busy) {
                lost_count(counts, EXEC_LOST_SLOT_BUSY, seq);
                log_emit(counts, EXEC_LOG_SLOT_BUSY, bpf_get_smp_processor_id(), 0, 0);
                return NULL;
        }
        slot->busy = 1;
        slot->record.seq = seq;
        pressure_apply(slot);
        return slot;
}

static __always_inline void slot_put(struct exec_slot *slot) {
        slot->busy = 0;
}

/* Copies the record, of `size` bytes, into the ring. */
static __always_inline void record_send(struct exec_slot *slot, struct exec_counters *counts, __u64 size) {
        /* Neither can happen; the verifier wants to be shown. */
        barrier_var(size);
        if (size < sizeof(slot->record) ||
                size > sizeof(slot->record) + EXEC_ARGS_OFFSET_MAX + settings.args_max + settings.env_max)
                size = sizeof(slot->record);
        slot->record.size = (__u32) size;
        if (bpf_ringbuf_output(&events, &slot->record, size, 0) < 0)
                lost_count(counts, EXEC_LOST_RING_FULL, slot->record.seq);
}

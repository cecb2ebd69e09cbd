/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * What the records of execs that succeeded, of those that failed, and of programs that run already have in
 * common.
 */

#include "bpf/count.bpf.h"
#include "bpf/filter.bpf.h"
#include "bpf/log.bpf.h"
#include "bpf/orphan.bpf.h"
#include "bpf/path.bpf.h"
#include "bpf/pressure.bpf.h"
#include "bpf/task.bpf.h"

/* All but what tells one kind of record from another. */
static __always_inline void record_begin(struct exec_slot *slot, enum exec_record_kind kind, __u32 flags) {
        struct exec_record *r = &slot->record;

        r->kind = (__u8) kind;
        r->partial = 0;
        r->abi = EXEC_RECORD_ABI;
        r->flags = flags;
        r->time_ns = bpf_ktime_get_boot_ns();
        r->parts = 0;
        r->filename_len = 0;
        r->exe_len = 0;
        r->args_len = 0;
        r->comm_len = 0;
}

/* Appends the path, and notes in r->partial when its front is missing or another than the root. */
static __always_inline __u64 put_path(
        struct exec_slot *slot, const struct path *path, const struct path *root, enum exec_partial partial) {
        __u64 n;

        slot->walk.mnt = (__u64) path->mnt;
        slot->walk.dentry = (__u64) path->dentry;
        slot->walk.root_mnt = (__u64) root->mnt;
        slot->walk.root_dentry = (__u64) root->dentry;
        n = path_capture(slot->index);
        if (n & PATH_OUTSIDE)
                slot->record.partial |= EXEC_PARTIAL_OUTSIDE(partial);
        if (n & PATH_PARTIAL) {
                slot->record.partial |= partial;
                if (slot->path_limit == EXEC_PATH_SIZE)
                        log_emit(EXEC_LOG_PATH_TOO_DEEP, (__u32) n, 0);
        }
        return n;
}

static __always_inline void put_cwd(struct exec_slot *slot, const struct task_refs *refs) {
        struct fs_struct *fs = refs->fs;

        slot->walk.match_end = MATCH_NOTHING;
        slot->record.cwd_len = (__u16) put_path(slot, &fs->pwd, &fs->root, EXEC_PARTIAL_CWD);
}

/*
 * `*ret_flags` is whether the file is a memfd, or its name was removed, as the kernel says it in
 * /proc/PID/exe.
 */
static __always_inline __u32 file_flags(struct file *file) {
        struct dentry *dentry = file->f_path.dentry;
        char name[6] = {};

        if (dentry->d_parent != dentry)
                return dentry->d_hash.pprev ? 0 : EXEC_FLAG_DELETED;

        /* A memfd was never in a directory: it is its own parent. */
        bpf_probe_read_kernel(name, sizeof(name), dentry->d_name.name);
        if (name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f' && name[4] == 'd' &&
                name[5] == ':')
                return EXEC_FLAG_MEMFD;
        return 0;
}

/*
 * The file that runs. Where its path is the filename, which begins at `filename` in the data, it is not sent
 * twice.
 */
static __always_inline void put_exe(struct exec_slot *slot, const struct task_refs *refs, __u64 filename) {
        struct file *file = refs->mm->exe_file;
        const __u64 start = slot_used(slot);
        struct exec_record *r = &slot->record;
        __u64 n;

        if (!file) {
                log_emit(EXEC_LOG_NO_EXE, 0, 0);
                return;
        }
        r->flags |= file_flags(file);
        slot->walk.match_start = filename;
        slot->walk.match_end = start;
        n = put_path(slot, &file->f_path, &refs->fs->root, EXEC_PARTIAL_EXE);
        if ((n & PATH_MATCHES) && !(r->partial & EXEC_PARTIAL_FILENAME)) {
                r->parts |= EXEC_PART_SAME_EXE;
                *(volatile __u64 *) &slot->used = start;
                return;
        }
        r->exe_len = (__u16) n;
}

/* The comm of the parent, and of the caller before it where `desk` does not say that: two words each. */
static __always_inline void put_parent_comm(struct exec_slot *slot, struct task_struct *parent) {
        const __u64 *comm = (const void *) parent->comm;

        slot->record.parent_comm_len = (__u8) comm_put(slot, comm[0], comm[1]);
}

/* One of the parts that stand last. */
static __always_inline void put_lengths(struct exec_slot *slot, __u16 part, __u32 total, __u32 head) {
        char *room =
                slot_room(slot, EXEC_ARGS_OFFSET_MAX + settings.args_max + settings.env_max + EXEC_PAGE_SIZE);

        if (!room)
                return;
        *(__u32 *) (void *) room = total;
        *(__u32 *) (void *) (room + sizeof(__u32)) = head;
        slot->record.parts |= part;
        slot_add(slot, sizeof(struct exec_lengths));
}

#define RECORD_SIZE_MAX                                                                             \
        (sizeof(struct exec_record) + EXEC_ARGS_OFFSET_MAX + settings.args_max + settings.env_max + \
                EXEC_PAGE_SIZE)

/* How large it has become. */
static __always_inline __u64 record_size(const struct exec_slot *slot) {
        __u64 size = slot_used(slot) + sizeof(slot->record);

        /* Can't happen; the verifier wants to be shown. */
        barrier_var(size);
        return size > RECORD_SIZE_MAX ? sizeof(slot->record) : size;
}

/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

#include "bpf/kernel-types.h"
#include "bpf/level.bpf.h"
#include "bpf/maps.bpf.h"
#include "bpf/text.bpf.h"

/* Paths, from a file or directory up to the root of the process, across mounts. */

#define PATH_PARTIAL (1ULL << 32)
#define PATH_OUTSIDE (1ULL << 33)
#define PATH_MATCHES (1ULL << 34)

/*
 * Most components and mounts that are walked: one byte and its slash each, and as many mounts as anybody
 * stacks.
 */
#define PATH_STEPS_MAX (EXEC_PATH_SIZE / 2 + 64)

/*
 * What a step needs of a dentry, as it lies there from d_parent on, and with it most names, which are short
 * and kept inside: one read, where each field by itself would be one.
 */
#define DENTRY_NAME_SIZE 32
struct dentry_head {
        struct dentry *parent;
        __u32 name_hash;
        __u32 name_len;
        const unsigned char *name;
        struct inode *inode;
        __u64 short_name[DENTRY_NAME_SIZE / sizeof(__u64)];
};

#define ARRIVED_INSIDE 1 /* at the process's root, or at a file that is in no directory */
#define ARRIVED_OUTSIDE \
        2 /* at the root of a mount that is mounted nowhere, and the process's root was not on the way */

/* match_end: the path is not compared, or is another. */
#define MATCH_NOTHING (~0ULL)

struct path_walk {
        struct exec_slot *slot;
};

static __always_inline void *mount_of(void *vfsmount) {
        return vfsmount - bpf_core_field_offset(struct mount, mnt);
}

static __always_inline void *vfsmount_of(void *mount) {
        return mount + bpf_core_field_offset(struct mount, mnt);
}

/* Offset in a dentry of its short name; 0: this kernel keeps it elsewhere. */
static __always_inline __u32 dentry_short_name_offset(void) {
        struct dentry___d_shortname *with_shortname = NULL;
        struct dentry___d_iname *with_iname = NULL;

        if (bpf_core_field_exists(with_shortname->d_shortname))
                return bpf_core_field_offset(struct dentry___d_shortname, d_shortname);
        if (bpf_core_field_exists(with_iname->d_iname))
                return bpf_core_field_offset(struct dentry___d_iname, d_iname);
        return 0;
}

/* Whether the fields lie as in struct dentry_head: they do on all kernels so far, but nobody promises it. */
static __always_inline bool dentry_head_fits(void) {
        const __u32 start = bpf_core_field_offset(struct dentry, d_parent);

        return bpf_core_field_offset(struct dentry, d_name) - start ==
                offsetof(struct dentry_head, name_hash) &&
                bpf_core_field_offset(struct dentry, d_name.name) - start ==
                offsetof(struct dentry_head, name) &&
                dentry_short_name_offset() - start == offsetof(struct dentry_head, short_name);
}

#if HAVE_CAST
static __always_inline void dentry_head_read(struct dentry *address, struct dentry_head *ret) {
        struct dentry *dentry = CAST(struct dentry, address);
        struct dentry___d_shortname *with_shortname = (void *) dentry;
        struct dentry___d_iname *with_iname = (void *) dentry;
        const __u64 *words;

        ret->parent = dentry->d_parent;
        ret->name_len = dentry->d_name.len;
        ret->name = dentry->d_name.name;
        if (bpf_core_field_exists(with_shortname->d_shortname))
                words = (const void *) &with_shortname->d_shortname.string;
        else
                words = (const void *) &with_iname->d_iname;
        for (__u32 i = 0; i < DENTRY_NAME_SIZE / sizeof(__u64); i++)
                ret->short_name[i] = words[i];
}
#else
static __always_inline void dentry_head_read(struct dentry *dentry, struct dentry_head *ret) {
        if (dentry_head_fits()) {
                bpf_probe_read_kernel(
                        ret, sizeof(*ret), (void *) dentry + bpf_core_field_offset(struct dentry, d_parent));
                return;
        }
        ret->parent = BPF_CORE_READ(dentry, d_parent);
        ret->name_len = BPF_CORE_READ(dentry, d_name.len);
        ret->name = BPF_CORE_READ(dentry, d_name.name);
        bpf_probe_read_kernel(ret->short_name, 1, ret->name);
}
#endif

/* Writes the name and its NUL, EXEC_NAME_SIZE bytes at most. Returns how many, or a negative errno. */
static __always_inline long dentry_name_copy(
        const struct dentry *dentry, const struct dentry_head *head, char *destination) {
        __u32 len = head->name_len;
        __u64 *words = (void *) destination;

        if (!dentry_head_fits() || (__u64) head->name != (__u64) dentry + dentry_short_name_offset() ||
                len >= DENTRY_NAME_SIZE)
                return bpf_probe_read_kernel_str(destination, EXEC_NAME_SIZE, head->name);

        /* What is behind the name will be written over by what comes next. */
        for (__u32 i = 0; i < DENTRY_NAME_SIZE / sizeof(__u64); i++)
                words[i] = head->short_name[i];
        destination[len] = '\0';
        return len + 1;
}

static __always_inline void path_enter_mount(struct exec_walk *w, __u64 mnt) {
        w->mnt = mnt;
        w->mnt_root = (__u64) PEEK(struct vfsmount, mnt, mnt_root);
}

/*
 * Goes on where the mount `w->mnt` is mounted. False: it is the top of everything, or is not attached (any
 * more).
 */
static __always_inline bool path_leave_mount(struct exec_walk *w) {
        void *mount = mount_of((void *) w->mnt);
        struct mount *up = PEEK(struct mount, mount, mnt_parent);

        if ((__u64) up == (__u64) mount)
                return false;
        w->dentry = (__u64) PEEK(struct mount, mount, mnt_mountpoint);
        path_enter_mount(w, (__u64) vfsmount_of(up));
        return true;
}

/*
 * Whether the name of `len` bytes at `name` is what the text to compare with ends with; then that ends before
 * it.
 */
static __always_inline void path_match(struct exec_slot *slot, const char *name, __u32 len) {
        struct exec_walk *w = &slot->walk;
        __u64 end = *(volatile __u64 *) &w->match_end, before;

        if (end == MATCH_NOTHING)
                return;
        *(volatile __u64 *) &w->match_end = MATCH_NOTHING;
        before = end - len - 1;
        barrier_var(before);
        if (len >= DENTRY_NAME_SIZE || end < w->match_start + len + 1 || before > EXEC_EXE_OFFSET_MAX)
                return;
        if (slot->record.data[before] == '/' && texts_equal(slot->record.data + before + 1, name, len))
                *(volatile __u64 *) &w->match_end = before;
}

/* One component, or one mount. Returns 1 when there is nothing more to be done. */
static long path_step(__u32 index, struct path_walk *context) {
        struct exec_slot *slot = context->slot;
        struct exec_walk *w = &slot->walk;
        struct dentry *dentry = (void *) w->dentry;
        struct dentry_head head = {};
        char *room;
        long n;

        if ((__u64) dentry == w->root_dentry && w->mnt == w->root_mnt) {
                w->arrived = ARRIVED_INSIDE;
                return 1;
        }
        if ((__u64) dentry == w->mnt_root) {
                if (path_leave_mount(w))
                        return 0;
                w->arrived = ARRIVED_OUTSIDE;
                return 1;
        }

        dentry_head_read(dentry, &head);

        /*
         * Its own parent, and not the root of the mount: the root of a file system whose part is mounted, and
         * which the path has been moved out of; or what was opened by handle, and has no way up. A file that
         * never was in a directory, as a memfd, has a name.
         */
        if (head.parent == dentry && head.name_len == 1 && (head.short_name[0] & 0xff) == '/') {
                w->arrived = ARRIVED_OUTSIDE;
                return 1;
        }

        room = slot_room(slot, EXEC_CWD_OFFSET_MAX + EXEC_PATH_SIZE);
        if (!room || slot_used(slot) - w->start >= *(volatile __u64 *) &slot->path_limit)
                return 1;
        n = dentry_name_copy(dentry, &head, room);
        if (n <= 0 || n > EXEC_NAME_SIZE)
                return 1;
        path_match(slot, room, (__u32) (n - 1));
        slot_add(slot, (__u64) n);

        if (head.parent == dentry) {
                w->arrived = ARRIVED_INSIDE;
                return 1;
        }
        w->dentry = (__u64) head.parent;
        return 0;
}

/*
 * Appends the components of the path that the slot's `walk` begins with, the last one first, each with its
 * NUL, up to the process's root. Returns how many bytes these are, with PATH_PARTIAL when the front of the
 * path is missing: it has more bytes than EXEC_PATH_SIZE, or than the record may have, or takes too many
 * steps; with PATH_OUTSIDE when it leads up to another place, because from that root no path leads to the
 * file; with PATH_MATCHES when it is the text that it was to be compared with.
 *
 * A global function, so that the verifier walks it once, whoever calls it; hence no pointer in its arguments.
 * A rename meanwhile can mix two states of the path; the kernel's own d_path() would retry.
 */
__noinline __u64 path_capture(__u64 index) {
        struct path_walk context = { .slot = slot_at(index) };
        struct exec_slot *slot = context.slot;
        __u64 n;

        if (!slot)
                return PATH_PARTIAL;
        slot->walk.arrived = 0;
        slot->walk.start = slot_used(slot);
        path_enter_mount(&slot->walk, slot->walk.mnt);
        bpf_loop(PATH_STEPS_MAX, path_step, &context, 0);

        n = slot_used(slot) - slot->walk.start;
        if (slot->walk.arrived == ARRIVED_OUTSIDE)
                return n | PATH_OUTSIDE;
        if (slot->walk.arrived == 0)
                return n | PATH_PARTIAL;
        return slot->walk.match_end == slot->walk.match_start ? n | PATH_MATCHES : n;
}

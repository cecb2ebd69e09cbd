/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

#include "bpf/kernel-types.h"
#include "bpf/level.bpf.h"
#include "bpf/maps.bpf.h"

/* Paths, from a file or directory up to the root of the process, across mounts. */

#define PATH_PARTIAL (1ULL << 32)
#define PATH_UNFINISHED (1ULL << 33)
#define PATH_OUTSIDE (1ULL << 34)

/* Most components and mounts that are walked: one byte and its slash each, and as many mounts as anybody stacks. */
#define PATH_STEPS_MAX (EXEC_PATH_SIZE / 2 + 64)

/*
 * Without bpf_loop() the verifier follows every step of a loop by itself, and takes its time for
 * each. There a walk is made in stages: a global function takes a few steps, and its caller, for whom it is but one
 * step, calls it again and again.
 */
#define PATH_STAGE_STEPS 32

/*
 * What a step needs of a dentry, as it lies there from d_parent on, and with it most names, which are short and kept
 * inside: one read, where each field by itself would be one.
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

struct path_walk {
        struct exec_slot *slot;
        struct vfsmount *mnt;
        struct dentry *mnt_root;
        struct dentry *dentry;
        __u64 root_mnt;
        __u64 root_dentry;
        __u64 offset;
        __u64 used;
        __u64 arrived; /* at the top: ARRIVED_* */
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
        ret->name = BPF_CORE_READ(dentry, d_name.name);
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

/* Where the walk goes on. As numbers, whatever they were read by: of pointers each kind would be one more way through the loop. */
static __always_inline void path_enter_dentry(struct path_walk *w, struct dentry *dentry) {
        w->dentry = (void *) forget(&w->slot->forgotten, (__u64) dentry);
}

static __always_inline void path_enter_mount(struct path_walk *w, struct vfsmount *mnt) {
        w->mnt = (void *) forget(&w->slot->forgotten, (__u64) mnt);
        w->mnt_root = (void *) forget(&w->slot->forgotten, (__u64) PEEK(struct vfsmount, w->mnt, mnt_root));
}

/* One component, or one mount. Returns 1 when there is nothing more to be done. */
static long path_step(__u32 index, struct path_walk *w) {
        struct exec_slot *slot = w->slot;
        struct dentry *dentry = w->dentry;
        struct dentry_head head = {};
        __u64 position;
        long n;

        if ((__u64) dentry == w->root_dentry && (__u64) w->mnt == w->root_mnt) {
                w->arrived = ARRIVED_INSIDE;
                return 1;
        }

        if (dentry == w->mnt_root) {
                struct mount *mount = mount_of(w->mnt);
                struct mount *up = PEEK(struct mount, mount, mnt_parent);

                /* The top of everything, or a mount that is not attached (any more). */
                if (up == mount) {
                        w->arrived = ARRIVED_OUTSIDE;
                        return 1;
                }
                path_enter_dentry(w, PEEK(struct mount, mount, mnt_mountpoint));
                path_enter_mount(w, vfsmount_of(up));
                return 0;
        }

        dentry_head_read(dentry, &head);

        /* Not before that call: a limit of what lies on the stack meanwhile is forgotten by 5.10. */
        position = w->offset + w->used;
        barrier_var(position);
        if (w->used >= EXEC_PATH_SIZE || w->used >= slot->path_limit ||
                position > EXEC_CWD_OFFSET_MAX + EXEC_PATH_SIZE)
                return 1;
        n = dentry_name_copy(dentry, &head, slot->record.data + position);
        if (n <= 0 || n > EXEC_NAME_SIZE)
                return 1;
        w->used = forget(&slot->forgotten, w->used + (__u64) n);

        /* A file that never was in a directory is its own parent: a memfd. */
        if (head.parent == dentry) {
                w->arrived = ARRIVED_INSIDE;
                return 1;
        }
        path_enter_dentry(w, head.parent);
        return 0;
}

static __always_inline __u64 path_walk_result(const struct path_walk *walk) {
        if (walk->arrived == ARRIVED_OUTSIDE)
                return walk->used | PATH_OUTSIDE;
        return walk->arrived ? walk->used : walk->used | PATH_PARTIAL;
}

#if HAVE_LOOP
/*
 * Writes the components of dentry on mnt to the slot's `data` + `offset` (at most EXEC_CWD_OFFSET_MAX), the last one
 * first, each with its NUL, up to the process's root. Returns how many bytes were written, with PATH_PARTIAL when the
 * front of the path is missing: it has more bytes than EXEC_PATH_SIZE, or than the record may have, or takes too many steps;
 * with PATH_OUTSIDE when it leads up to another place, because from that root no path leads to the file.
 *
 * A global function, so that the verifier walks it once, whoever calls it; hence no pointer in its arguments.
 * A rename meanwhile can mix two states of the path; the kernel's own d_path() would retry.
 */
__noinline __u64 path_capture(__u64 offset, __u64 mnt, __u64 dentry, __u64 root_mnt, __u64 root_dentry) {
        struct path_walk walk = {
                .slot = slot_get(),
                .dentry = (void *) dentry,
                .root_mnt = root_mnt,
                .root_dentry = root_dentry,
                .offset = offset,
        };

        if (!walk.slot)
                return PATH_PARTIAL;
        path_enter_mount(&walk, (void *) mnt);
        bpf_loop(PATH_STEPS_MAX, path_step, &walk, 0);
        return path_walk_result(&walk);
}
#else
/* Some steps from the slot's place on. Returns like path_capture(), or PATH_UNFINISHED. */
__noinline __u64 path_stage(__u64 offset, __u64 used, __u64 root_mnt, __u64 root_dentry) {
        struct exec_slot *slot = slot_get();
        struct path_walk walk = {
                .slot = slot,
                .root_mnt = root_mnt,
                .root_dentry = root_dentry,
                .offset = offset,
                .used = used,
        };

        if (!slot)
                return PATH_PARTIAL;
        path_enter_mount(&walk, (void *) slot->place[0]);
        walk.dentry = (void *) slot->place[1];
        for (__u32 i = 0; i < PATH_STAGE_STEPS; i++)
                if (path_step(i, &walk))
                        return path_walk_result(&walk);
        slot->place[0] = (__u64) walk.mnt;
        slot->place[1] = (__u64) walk.dentry;
        return walk.used | PATH_UNFINISHED;
}

/* As above. */
__noinline __u64 path_capture(__u64 offset, __u64 mnt, __u64 dentry, __u64 root_mnt, __u64 root_dentry) {
        struct exec_slot *slot = slot_get();
        __u64 n = 0;

        if (!slot)
                return PATH_PARTIAL;
        slot->place[0] = mnt;
        slot->place[1] = dentry;
        for (int i = 0; i < PATH_STEPS_MAX / PATH_STAGE_STEPS; i++) {
                n = path_stage(offset, n, root_mnt, root_dentry);
                if (!(n & PATH_UNFINISHED))
                        return n;
                n &= ~PATH_UNFINISHED;
        }
        return n | PATH_PARTIAL;
}
#endif

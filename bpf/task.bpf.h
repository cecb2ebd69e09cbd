/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

#include "bpf/kernel-types.h"
#include "bpf/level.bpf.h"
#include "bpf/maps.bpf.h"

/*
 * What is read of the task: ids, namespaces, how it came to execute. One accessor for what kernels name
 * differently.
 */

/* What is followed from a task, taken once. A task that the kernel hands over is to be UNTRUSTED() first. */
struct task_refs {
        const struct cred *cred;
        struct task_struct *parent; /* the process */
        struct fs_struct *fs;
        struct mm_struct *mm;
        struct signal_struct *signal;
        __u32 euid;
        __u32 egid;
};

static __always_inline void task_refs_take(struct task_struct *task, struct task_refs *ret) {
        ret->parent = task->real_parent->group_leader;
        ret->fs = task->fs;
        ret->mm = task->mm;
        ret->signal = task->signal;
        ret->euid = ret->cred->euid.val;
        ret->egid = ret->cred->egid.val;
}

#define TS_COMPAT 0x0002 /* x86, arch/x86/include/asm/thread_info.h: a 32-bit system call is under way */
#define TIF_32BIT 22 /* arm64, arch/arm64/include/asm/thread_info.h: a 32-bit process */

/*
 * In which of its PID namespaces the process lives, and its number there. For the initial namespace the
 * kernel's tgid says it already; pid.numbers is an array that the verifier can't index, hence the probed
 * read.
 */
static __always_inline struct pid_namespace *task_pidns(const struct task_struct *task, __u32 *ret_nr) {
        struct pid *pid =
                BPF_CORE_READ(task, thread_pid); /* an address: on a pointer 6.1 allows no arithmetic */
        __u64 level = BPF_CORE_READ(pid, level);
        struct upid upid = {};
        void *address;

        address = (void *) pid + bpf_core_field_offset(struct pid, numbers) +
                level * bpf_core_type_size(struct upid);
        bpf_core_read(&upid, bpf_core_type_size(struct upid), address);
        *ret_nr = (__u32) upid.nr;
        return upid.ns;
}

/* Whether the process lives in the wanted namespace or in one below it: one of its ancestors is it. */
static __always_inline bool task_pidns_wanted(const struct task_struct *task) {
        struct pid_namespace *ns;
        __u32 nr;

        if (settings.pidns == 0 || settings.pidns == EXEC_PIDNS_INITIAL)
                return true;
        if (task->thread_pid->level == 0)
                return false;
        ns = task_pidns(task, &nr);
        for (int i = 0; i <= EXEC_PIDNS_DEPTH && ns; i++) {
                if (BPF_CORE_READ(ns, ns.inum) == settings.pidns)
                        return true;
                ns = BPF_CORE_READ(ns, parent);
        }
        return false;
}

/*
 * Whether the system call under way came through the 32-bit interface. Only before the exec sets the new
 * personality.
 */
static __always_inline bool task_in_compat_call(struct task_struct *task) {
#if defined(__TARGET_ARCH_x86)
        if (bpf_core_field_exists(task->thread_info.status))
                return task->thread_info.status & TS_COMPAT;
        return false;
#elif defined(__TARGET_ARCH_arm64)
        return task->thread_info.flags & (1UL << TIF_32BIT);
#else
        return false;
#endif
}

/*
 * The kernel sets in_execve while a program is replaced; task_rename fires for prctl(PR_SET_NAME) and /proc,
 * too.
 */
static __always_inline bool task_in_exec(struct task_struct *task) {
        if (!bpf_core_field_exists(task->in_execve))
                return true;
        return BPF_CORE_READ_BITFIELD(task, in_execve);
}

/* A struct of another shape in each kernel, but of 64 bits in all of them. */
static __always_inline __u64 cred_permitted(const struct cred *cred) {
        const __u64 *caps = (const void *) &cred->cap_permitted;

        return *caps;
}

/* The number of a process group or session in the initial PID namespace; 0: it is gone. */
static __always_inline __u32 pid_number(struct pid *pid) {
        return pid ? (__u32) PEEK(struct pid, pid, numbers[0].nr) : 0;
}

#define PART_ROOM_MAX (EXEC_PARTS_SIZE - 24U)

/* Appends a part, whose bit is `bit`. */
#define PART_PUT(slot, bit, type, value)                          \
        ({                                                        \
                char *part_room = slot_room(slot, PART_ROOM_MAX); \
                                                                  \
                if (part_room) {                                  \
                        *(type *) (void *) part_room = (value);   \
                        slot_add(slot, sizeof(type));             \
                        (slot)->record.parts |= (bit);            \
                }                                                 \
        })

/* A second number of the same part. */
#define PART_PUT_MORE(slot, type, value) PART_PUT(slot, 0, type, value)

/*
 * Parts that most records do not have. Functions of their own: what is not run is not to lie in the way of
 * what is.
 */
static __noinline int put_pair(struct exec_slot *slot, __u16 bit, __u32 first, __u32 second) {
        PART_PUT(slot, bit, __u32, first);
        PART_PUT_MORE(slot, __u32, second);
        return 0;
}

static __noinline int put_process(struct exec_slot *slot, __u16 bit, __u64 start_ns, __u32 tgid) {
        PART_PUT(slot, bit, __u64, start_ns);
        PART_PUT_MORE(slot, __u32, tgid);
        return 0;
}

static __noinline int put_start(struct exec_slot *slot, __u64 start_ns) {
        PART_PUT(slot, EXEC_PART_START, __u64, start_ns);
        return 0;
}

/* Of a process in a PID namespace of its own. */
static __noinline int put_pidns(struct exec_slot *slot, struct task_struct *task) {
        struct pid_namespace *ns;
        __u32 nr;

        ns = task_pidns(task, &nr);
        return put_pair(slot, EXEC_PART_PIDNS, nr, BPF_CORE_READ(ns, ns.inum));
}

static __always_inline void put_ids(
        struct exec_slot *slot, struct task_struct *task, const struct task_refs *refs) {
        const struct cred *cred = refs->cred;
        struct exec_record *r = &slot->record;
        __u32 loginuid = EXEC_ID_UNSET, sessionid = EXEC_ID_UNSET;

        r->uid = cred->uid.val;
        r->gid = cred->gid.val;
        if (refs->euid != r->uid || refs->egid != r->gid)
                put_pair(slot, EXEC_PART_EFFECTIVE, refs->euid, refs->egid);
        if (cred->user_ns->level > 0)
                r->flags |= EXEC_FLAG_USERNS;

        /* Both are there with CONFIG_AUDIT only. */
        if (bpf_core_field_exists(task->loginuid))
                loginuid = task->loginuid.val;
        if (bpf_core_field_exists(task->sessionid))
                sessionid = task->sessionid;
        if (loginuid != EXEC_ID_UNSET || sessionid != EXEC_ID_UNSET)
                put_pair(slot, EXEC_PART_LOGIN, loginuid, sessionid);
}

/*
 * The head, whose time is set, and the parts up to EXEC_PART_SID. `cgroup_id` is that of the task's cgroup.
 */
static __always_inline void put_task(
        struct exec_slot *slot, struct task_struct *task, const struct task_refs *refs, __u64 cgroup_id) {
        const __u64 start_ns = task->group_leader->start_boottime;
        struct exec_record *r = &slot->record;
        struct pid *pid = task->thread_pid;
        __u64 age_ns = r->time_ns - start_ns;
        struct pid *group, *session;

        r->tgid = (__u32) task->tgid;
        r->parent_tgid = (__u32) refs->parent->tgid;
        r->parent_start_ns = refs->parent->start_boottime;
        r->cgroup_id = (__u32) cgroup_id;
        r->age_ns = (__u32) age_ns;
        if (age_ns > (__u32) -1)
                put_start(slot, start_ns);
        if (cgroup_id >> 32 != 0)
                PART_PUT(slot, EXEC_PART_CGROUP, __u32, (__u32) (cgroup_id >> 32));
        put_ids(slot, task, refs);
        if (pid->level > 0)
                put_pidns(slot, task);
        group = refs->signal->pids[PIDTYPE_PGID];
        session = refs->signal->pids[PIDTYPE_SID];
        if (group != pid)
                PART_PUT(slot, EXEC_PART_PGID, __u32, pid_number(group));
        if (session != pid)
                PART_PUT(slot, EXEC_PART_SID, __u32, pid_number(session));
        if (task->ptrace != 0)
                r->flags |= EXEC_FLAG_TRACED;
}

/* The device number's kinds, include/uapi/linux/major.h. */
#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFREG 0100000
#define S_IFDIR 0040000
#define S_IFCHR 0020000
#define S_IFIFO 0010000
#define DEVICE_NULL ((1U << 20) | 3)
#define MAJOR_TTY 4
#define MAJOR_TTY_AUX 5
#define MAJOR_PTY_SLAVE_FIRST 136
#define MAJOR_PTY_SLAVE_LAST 143

static __always_inline __u8 stdin_of_device(__u32 device) {
        const __u32 major = device >> 20;

        if (device == DEVICE_NULL)
                return EXEC_STDIN_NULL;
        if (major == MAJOR_TTY || major == MAJOR_TTY_AUX ||
                (major >= MAJOR_PTY_SLAVE_FIRST && major <= MAJOR_PTY_SLAVE_LAST))
                return EXEC_STDIN_TTY;
        return EXEC_STDIN_OTHER;
}

/* What standard input is: descriptor 0. */
static __always_inline __u8 task_stdin(struct task_struct *task) {
        struct files_struct *files = task->files;
        struct fdtable *fdt;
        struct inode *inode;
        void *file = NULL;

        if (!files)
                return EXEC_STDIN_UNKNOWN;
        fdt = PEEK(struct files_struct, files, fdt);
        /* The first of an array of pointers, as is the first member of this. */
        file = PEEK(struct list_head, PEEK(struct fdtable, fdt, fd), next);
        if (!file)
                return EXEC_STDIN_CLOSED;
        inode = PEEK(struct file, file, f_inode);
        switch (PEEK(struct inode, inode, i_mode) & S_IFMT) {
        case S_IFIFO:
                return EXEC_STDIN_PIPE;
        case S_IFSOCK:
                return EXEC_STDIN_SOCKET;
        case S_IFREG:
        case S_IFDIR:
                return EXEC_STDIN_FILE;
        case S_IFCHR:
                return stdin_of_device(PEEK(struct inode, inode, i_rdev));
        default:
                return EXEC_STDIN_OTHER;
        }
}

/* The terminal, whether the process leads its foreground group, and what standard input is. */
static __always_inline void put_terminal(
        struct exec_slot *slot, struct task_struct *task, const struct task_refs *refs) {
        struct tty_struct *tty = refs->signal->tty;
        struct exec_record *r = &slot->record;
        char *room = slot_room(slot, EXEC_PARTS_SIZE + 2 * EXEC_COMM_SIZE);
        long n;

        r->standard_input = task_stdin(task);
        r->tty_len = 0;
        if (!tty || !room)
                return;
        n = bpf_probe_read_kernel_str(room, EXEC_TTY_SIZE, tty->name);
        if (n <= 0 || n > EXEC_TTY_SIZE)
                return;
        r->tty_len = (__u8) (n - 1);
        slot_add(slot, (__u64) (n - 1));

        /* Not the terminal's own group alone: whoever leads it has the number of it. */
        if (!(r->parts & EXEC_PART_PGID) &&
                PEEK(struct tty_struct, tty, ctrl.pgrp) == refs->signal->pids[PIDTYPE_PGID])
                r->flags |= EXEC_FLAG_INTERACTIVE;
}

/* The user who is root in a user namespace, by his id in the initial one; EXEC_ID_UNSET: nobody is. */
static __always_inline __u32 userns_root(struct user_namespace *ns) {
        __u32 n = BPF_CORE_READ(ns, uid_map.nr_extents), first = 0, root = 0;
        __u64 extent = (__u64) ns + bpf_core_field_offset(struct user_namespace, uid_map.extent);

        if (n > UID_GID_MAP_MAX_BASE_EXTENTS) {
                extent = (__u64) BPF_CORE_READ(ns, uid_map.forward);
                n = 1;
        }
        for (__u32 i = 0; i < UID_GID_MAP_MAX_BASE_EXTENTS && i < n; i++) {
                void *at = (void *) (extent + i * bpf_core_type_size(struct uid_gid_extent));

                bpf_probe_read_kernel(
                        &first, sizeof(first), at + bpf_core_field_offset(struct uid_gid_extent, first));
                bpf_probe_read_kernel(
                        &root, sizeof(root), at + bpf_core_field_offset(struct uid_gid_extent, lower_first));
                if (first == 0)
                        return root;
        }
        return EXEC_ID_UNSET;
}

/* Whether he is root, with his real or his effective id, where these capabilities count. */
static __always_inline bool cred_is_root(const struct cred *cred) {
        __u32 root = cred->user_ns->level == 0 ? 0 : userns_root(cred->user_ns);

        return cred->uid.val == root || cred->euid.val == root;
}

/* What the exec changed against what task_rename saw of the caller. */
static __always_inline __u32 task_privilege_flags(
        const struct cred *cred, __u32 caller_euid, __u32 caller_egid, __u64 caller_caps) {
        __u32 flags = 0;

        if (cred->euid.val != caller_euid)
                flags |= EXEC_FLAG_SETUID;
        if (cred->egid.val != caller_egid)
                flags |= EXEC_FLAG_SETGID;

        /*
         * Root gets all of them whatever the file has (capabilities(7)); for the others a gain can but come
         * from the file.
         */
        if (cred->uid.val != 0 && cred->euid.val != 0 && (cred_permitted(cred) & ~caller_caps) != 0 &&
                !cred_is_root(cred))
                flags |= EXEC_FLAG_FILECAPS;
        return flags;
}

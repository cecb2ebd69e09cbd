/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

#include "bpf/kernel-types.h"
#include "bpf/maps.bpf.h"

/* What is read of the task: ids, namespaces, how it came to execute. One accessor for what kernels name differently. */

/*
 * Follows pointers from a task. Where the kernel hands the task over (tp_btf) they are followed by plain loads; where it
 * has to be asked for, the oldest kernels give an address only, to be read by a helper (TASK_PROBED).
 */
#ifdef TASK_PROBED
#define TASK_READ(task, ...) BPF_CORE_READ(task, __VA_ARGS__)
#else
#define TASK_READ(task, ...) ___arrow(task, __VA_ARGS__)
#endif

/*
 * What is followed from a task, taken once: where that is done by a helper, it is called for each. A task that the kernel
 * hands over is to be UNTRUSTED() first.
 */
struct task_refs {
        const struct cred *cred;
        struct pid *pid;
        struct task_struct *parent; /* the process */
        struct fs_struct *fs;
        struct mm_struct *mm;
        struct signal_struct *signal;
};

static __always_inline void task_refs_take(struct task_struct *task, struct task_refs *ret) {
        ret->cred = TASK_READ(task, cred);
        ret->pid = TASK_READ(task, thread_pid);
        ret->parent = TASK_READ(task, real_parent, group_leader);
        ret->fs = TASK_READ(task, fs);
        ret->mm = TASK_READ(task, mm);
        ret->signal = TASK_READ(task, signal);
}

#define TS_COMPAT 0x0002 /* x86, arch/x86/include/asm/thread_info.h: a 32-bit system call is under way */
#define TIF_32BIT 22 /* arm64, arch/arm64/include/asm/thread_info.h: a 32-bit process */

/*
 * In which of its PID namespaces the process lives, and its number there. For the initial namespace the kernel's tgid
 * says it already; pid.numbers is an array that the verifier can't index, hence the probed read.
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
static __always_inline bool task_pidns_wanted(const struct task_struct *task, const struct pid *pid) {
        struct pid_namespace *ns;
        __u32 nr;

        if (settings.pidns == 0 || settings.pidns == EXEC_PIDNS_INITIAL)
                return true;
        if (TASK_READ(pid, level) == 0)
                return false;

        ns = task_pidns(task, &nr);
        for (int i = 0; i <= EXEC_PIDNS_DEPTH && ns; i++) {
                if (BPF_CORE_READ(ns, ns.inum) == settings.pidns)
                        return true;
                ns = BPF_CORE_READ(ns, parent);
        }
        return false;
}

/* Whether the system call under way came through the 32-bit interface. Only before the exec sets the new personality. */
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

/* The kernel sets in_execve while a program is replaced; task_rename fires for prctl(PR_SET_NAME) and /proc, too. */
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

/* Copies EXEC_COMM_SIZE bytes; the kernel keeps the last one NUL. */
static __always_inline void task_copy_comm(char *destination, const struct task_struct *task) {
#ifdef TASK_PROBED
        bpf_core_read(destination, EXEC_COMM_SIZE, &task->comm);
#else
        const __u64 *from = (const void *) task->comm;
        __u64 *to = (void *) destination;

        to[0] = from[0];
        to[1] = from[1];
#endif
}
_Static_assert(EXEC_COMM_SIZE == 2 * sizeof(__u64), "a comm is copied as two words");

static __always_inline void task_fill_ids(
        struct exec_record *r, struct task_struct *task, const struct task_refs *refs) {
        struct task_struct *parent = refs->parent;
        const struct cred *cred = refs->cred;
        const struct pid *pid = refs->pid;

        r->tgid = (__u32) TASK_READ(task, tgid);
#ifdef TASK_PROBED
        r->start_ns = TASK_READ(task, group_leader, start_boottime);
#else
        r->start_ns = TASK_READ(task, start_boottime); /* it has become the leader */
#endif
        r->parent_tgid = (__u32) TASK_READ(parent, tgid);
        r->parent_start_ns = TASK_READ(parent, start_boottime);
        r->cgroup_id = bpf_get_current_cgroup_id();

        r->pidns = 0;
        r->ns_tgid = r->tgid;
        if (TASK_READ(pid, level) > 0) {
                struct pid_namespace *ns = task_pidns(task, &r->ns_tgid);

                r->pidns = BPF_CORE_READ(ns, ns.inum);
        }

        r->uid = TASK_READ(cred, uid.val);
        r->gid = TASK_READ(cred, gid.val);
        r->euid = TASK_READ(cred, euid.val);
        r->egid = TASK_READ(cred, egid.val);

        /* Both are there with CONFIG_AUDIT only. */
        r->loginuid = EXEC_ID_UNSET;
        if (bpf_core_field_exists(task->loginuid))
                r->loginuid = TASK_READ(task, loginuid.val);
        r->sessionid = EXEC_ID_UNSET;
        if (bpf_core_field_exists(task->sessionid))
                r->sessionid = TASK_READ(task, sessionid);

        task_copy_comm(r->parent_comm, parent);
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

        /* Root gets all of them whatever the file has (capabilities(7)); for the others a gain can but come from the file. */
        if (cred->uid.val != 0 && cred->euid.val != 0 && (cred_permitted(cred) & ~caller_caps) != 0 &&
                !cred_is_root(cred))
                flags |= EXEC_FLAG_FILECAPS;
        return flags;
}

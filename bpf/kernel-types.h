/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-3-Clause */
#pragma once

/*
 * The kernel's structures, as far as they are read here. Offsets are found when the programs are loaded
 * (CO-RE), so only names and types count, not order. All of these types are part of every kernel that has
 * BTF: one that were missing would send libbpf through the BTF of modules, which needs CAP_SYS_ADMIN.
 */

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpadded"
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
        __u32 val;
} kuid_t;

typedef struct {
        __u32 val;
} kgid_t;

/* struct kernel_cap_struct until 6.2, anonymous since: 64 bits in either. */
typedef struct {
        __u64 val;
} kernel_cap_t;

struct uid_gid_extent {
        __u32 first; /* here */
        __u32 lower_first; /* in the initial namespace */
};

#define UID_GID_MAP_MAX_BASE_EXTENTS 5

struct uid_gid_map {
        union {
                struct uid_gid_extent extent[UID_GID_MAP_MAX_BASE_EXTENTS];
                struct uid_gid_extent *forward; /* where there are more, in the order of `first` */
        };
        __u32 nr_extents;
};

struct user_namespace {
        struct uid_gid_map uid_map;
        struct user_namespace *parent;
        int level;
        kuid_t owner;
};

struct cred {
        kuid_t uid;
        kgid_t gid;
        kuid_t euid;
        kgid_t egid;
        kernel_cap_t cap_permitted;
        struct user_namespace *user_ns;
};

struct list_head {
        struct list_head *next;
        struct list_head *prev;
};

struct hlist_bl_node {
        struct hlist_bl_node *next;
        struct hlist_bl_node **pprev;
};

struct qstr {
        union {
                struct {
                        __u32 hash;
                        __u32 len;
                };
        };
        const unsigned char *name;
};

/* Where a short name is kept: the first until 6.15, the second since. */
struct dentry___d_iname {
        unsigned char d_iname[32];
};

union shortname_store {
        unsigned char string[32];
};

struct dentry___d_shortname {
        union shortname_store d_shortname;
};

struct super_block {
        __u32 s_dev;
};

struct timespec64 {
        __s64 tv_sec;
        long tv_nsec;
};

struct inode {
        unsigned short i_mode;
        __u32 i_rdev;
        unsigned long i_ino;
        struct super_block *i_sb;
};

/* The time of the last change of status, until 6.6 (13bc24457850), until 6.11 (3aa63a569c64), and since. */
struct inode___before_6_6 {
        struct timespec64 i_ctime;
};

struct inode___before_6_11 {
        struct timespec64 __i_ctime;
};

struct inode___since_6_11 {
        __s64 i_ctime_sec;
        __u32 i_ctime_nsec;
};

struct dentry {
        struct hlist_bl_node d_hash;
        struct dentry *d_parent;
        struct qstr d_name;
        struct inode *d_inode;
};

struct vfsmount {
        struct dentry *mnt_root;
};

struct mount {
        struct mount *mnt_parent;
        struct dentry *mnt_mountpoint;
        struct vfsmount mnt;
};

struct path {
        struct vfsmount *mnt;
        struct dentry *dentry;
};

struct file {
        struct path f_path;
        struct inode *f_inode;
};

struct fs_struct {
        struct path root;
        struct path pwd;
};

struct mm_struct {
        unsigned long arg_start;
        unsigned long arg_end;
        unsigned long env_start;
        unsigned long env_end;
        struct file *exe_file;
};

struct fdtable {
        unsigned int max_fds;
        struct file **fd;
};

struct files_struct {
        struct fdtable *fdt;
};

struct pid;

struct tty_control {
        struct pid *pgrp;
};

/* `ctrl` is anonymous in the kernel: only its fields' names count. */
struct tty_struct {
        char name[64];
        struct tty_control ctrl;
};

#define PIDTYPE_PGID 2
#define PIDTYPE_SID 3

struct signal_struct {
        struct pid *pids[4];
        unsigned int is_child_subreaper : 1;
        unsigned int has_child_subreaper : 1;
        struct tty_struct *tty;
};

struct ns_common {
        unsigned int inum;
};

struct pid_namespace {
        struct pid_namespace *parent;
        struct ns_common ns;
        unsigned int level;
};

struct upid {
        int nr;
        struct pid_namespace *ns;
};

struct pid {
        unsigned int level;
        struct upid numbers[1];
};

struct kernfs_node {
        const char *name;
        __u64 id;
};

struct cgroup_root {
        int hierarchy_id;
};

struct cgroup_subsys_state {
        struct cgroup *cgroup;
        struct cgroup_subsys_state *parent;
};

struct cgroup {
        struct cgroup_subsys_state self;
        struct kernfs_node *kn;
        struct cgroup_root *root;
};

struct css_set {
        struct cgroup *dfl_cgrp;
};

/* `status` is x86's alone. */
struct thread_info {
        unsigned long flags;
        __u32 status;
};

/* A set of signals is an array of 64 bits in all. */
typedef struct {
        unsigned long sig[1];
} sigset_t;

struct sigpending {
        sigset_t signal;
};

struct task_struct {
        struct thread_info thread_info;
        void *stack;
        int pid;
        int tgid;
        unsigned int flags;
        unsigned int ptrace;
        int exit_code;
        unsigned int in_execve : 1;
        __u64 self_exec_id;
        __u64 start_boottime;
        struct task_struct *real_parent;
        struct list_head children;
        struct list_head sibling;
        struct task_struct *group_leader;
        struct list_head thread_node;
        struct pid *thread_pid;
        const struct cred *cred;
        char comm[16];
        struct fs_struct *fs;
        struct files_struct *files;
        struct mm_struct *mm;
        struct signal_struct *signal;
        struct sigpending pending;
        struct css_set *cgroups;
        kuid_t loginuid;
        unsigned int sessionid;
};

struct linux_binprm {
        struct file *file;
        const char *filename;
        const char *interp;
        const char *fdpath;
        char buf[256];
};

/* The registers of a system call under way. */
#if defined(__TARGET_ARCH_x86)
struct pt_regs {
        unsigned long bx, cx, dx, si, di, r8;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
        __u64 regs[31];
        __u64 orig_x0; /* the first argument; regs[0] is the result in the end */
};
#endif

#pragma clang attribute pop
#pragma clang diagnostic pop

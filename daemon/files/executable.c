/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The path of a program is one in the mount namespace and below the root directory of its process, which
 * may mean another file here. So no path is believed: whatever it leads to is compared with what the kernel
 * side saw, by inode, time of change and superblock, before it is opened for reading, and again after that.
 */

#include "files/executable.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "files/mount.h"
#include "util/cleanup.h"

#ifndef FUSE_SUPER_MAGIC
#define FUSE_SUPER_MAGIC 0x65735546
#endif
#define BCACHEFS_SUPER_MAGIC 0xca451a4e

/* Inode number of the initial PID namespace (PROC_PID_INIT_INO in include/linux/proc_ns.h). */
#define INITIAL_PID_NAMESPACE 0xeffffffcU

#define PROC_PATH_SIZE 64

/*
 * Opens what the root directory has under the path. No path of an executable has a symbolic link or dots in
 * it: one that has is another file's. Component by component, because no open flag alone refuses links on
 * the way (openat2(2) does, but RestrictSUIDSGID= of systemd forbids it), and so that no automount is
 * started: opened with O_PATH alone none is.
 */
static int open_in(const char *root, const FileQuestion *question) {
        _cleanup_close_ int fd = -EBADF;
        char path[FILE_PATH_SIZE + 1], *rest = path, *name;

        if (question->path_size == 0)
                return -ENOENT;
        memcpy(path, question->path, question->path_size);
        path[question->path_size] = '\0';

        fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        while ((name = strsep(&rest, "/"))) {
                int below;

                if (name[0] == '\0')
                        continue;
                if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
                        return -ENOENT;
                below = openat(fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
                if (below < 0)
                        return -errno;
                (void) close(fd);
                fd = below;
        }
        return TAKE_FD(fd);
}

/* What the process runs by now. */
static int open_exe_of(uint32_t pid) {
        char path[PROC_PATH_SIZE];
        int fd;

        (void) snprintf(path, sizeof(path), "/proc/%u/exe", pid);
        fd = open(path, O_PATH | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

/* What the process sees under the path. */
static int open_in_root_of(uint32_t pid, const FileQuestion *question) {
        char path[PROC_PATH_SIZE];

        (void) snprintf(path, sizeof(path), "/proc/%u/root", pid);
        return open_in(path, question);
}

/* Whether it has the identity that the executed file had. */
static bool is_unchanged(int fd, const FileIdentity *file, struct statx *ret) {
        int64_t ctime;

        if (statx(fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_INO | STATX_CTIME | STATX_MNT_ID, ret) < 0)
                return false;
        if (!S_ISREG(ret->stx_mode) || ret->stx_ino != file->inode)
                return false;
        if (__builtin_mul_overflow(ret->stx_ctime.tv_sec, INT64_C(1000000000), &ctime) ||
                __builtin_add_overflow(ctime, ret->stx_ctime.tv_nsec, &ctime))
                return false;
        return ctime == file->ctime_ns;
}

/*
 * Whether this is the file that was executed. `pid` is of the process in whose mount namespace it was
 * found, 0: ours.
 *
 * Where stat(2) does not tell the superblock (btrfs has a device for each subvolume, overlayfs one for each
 * layer), the list of mounts does. A FUSE server can claim any inode and time for its files and let them
 * hang at will: it is trusted where root mounted it.
 */
static bool is_the_file(int fd, uint32_t pid, const FileIdentity *file, bool *ret_of_path) {
        struct statx stx;
        struct statfs fs;
        FileMount mount;

        if (!is_unchanged(fd, file, &stx) || fstatfs(fd, &fs) < 0)
                return false;
        *ret_of_path = fs.f_type == BTRFS_SUPER_MAGIC || fs.f_type == BCACHEFS_SUPER_MAGIC;
        if (file_device(stx.stx_dev_major, stx.stx_dev_minor) == file->device &&
                fs.f_type != FUSE_SUPER_MAGIC)
                return true;

        if (!(stx.stx_mask & STATX_MNT_ID))
                return false;
        if (file_mount_find("/proc/self/mountinfo", stx.stx_mnt_id, &mount) < 0) {
                char path[PROC_PATH_SIZE];

                (void) snprintf(path, sizeof(path), "/proc/%u/mountinfo", pid);
                if (pid == 0 || file_mount_find(path, stx.stx_mnt_id, &mount) < 0)
                        return false;
        }
        return mount.device == file->device && !mount.of_user;
}

/* Makes `fd` the answer of a place where the file may be: true when it is that file. */
static bool take(int fd, uint32_t pid, const FileIdentity *file, int *ret_fd, bool *ret_of_path) {
        _cleanup_close_ int owned = fd;

        if (fd < 0 || !is_the_file(fd, pid, file, ret_of_path))
                return false;
        *ret_fd = TAKE_FD(owned);
        return true;
}

/* The ids of the process and of its parent as /proc has them; 0: not to be found there. */
static void find_processes(const FileQuestion *question, uint32_t *ret_pid, uint32_t *ret_parent) {
        struct stat st;

        *ret_pid = *ret_parent = 0;
        if (stat("/proc/self/ns/pid", &st) < 0)
                return;
        if (st.st_ino == INITIAL_PID_NAMESPACE) {
                *ret_pid = question->pid;
                *ret_parent = question->ppid;
        } else if (st.st_ino == question->pidns)
                *ret_pid = question->nspid;
}

static int find(const FileQuestion *question, bool *ret_of_path) {
        uint32_t pid, parent;
        int fd;

        if (take(open_in("/", question), 0, &question->file, &fd, ret_of_path))
                return fd;
        find_processes(question, &pid, &parent);
        if (pid != 0 &&
                (take(open_exe_of(pid), pid, &question->file, &fd, ret_of_path) ||
                        take(open_in_root_of(pid, question), pid, &question->file, &fd, ret_of_path)))
                return fd;
        /* A process that has ended already may have a parent that sees the same files. */
        if (parent != 0 && take(open_in_root_of(parent, question), parent, &question->file, &fd, ret_of_path))
                return fd;
        return -ENOENT;
}

/* Whatever the kind is: the file is looked for, opened, and looked at again after it was read. */
static int read_answer(const FileQuestion *question, FileAnswer *answer, bool *ret_of_path) {
        _cleanup_close_ int path_fd = -EBADF, fd = -EBADF;
        char path[PROC_PATH_SIZE];
        struct statx stx;
        BuildId id = {};
        int r;

        if (question->kind != FILE_BUILD_ID)
                return -EOPNOTSUPP;
        path_fd = find(question, ret_of_path);
        if (path_fd < 0)
                return path_fd;
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", path_fd);
        fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd < 0)
                return -errno;

        r = elf_read_build_id(fd, &id);
        if (r < 0 && r != -ENODATA)
                return r;
        if (!is_unchanged(fd, &question->file, &stx))
                return -ESTALE;
        answer->build_id = id;
        return r;
}

void executable_answer(const FileQuestion *question, FileAnswer *ret) {
        bool of_path = false;

        memset(ret, 0, sizeof(*ret)); /* the padding, too: it is sent */
        ret->version = FILE_PROTOCOL_VERSION;
        ret->kind = question->kind;
        ret->number = question->number;
        ret->error = read_answer(question, ret, &of_path);
        ret->of_path = of_path;
}

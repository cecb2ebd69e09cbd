/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The path of a program is valid in the mount namespace and below the root directory of its process, and may
 * be that of another file here. So no path is trusted: the file that it leads to is compared with the one
 * that the kernel side saw, by inode, time of change and superblock, before it is opened for reading. The
 * inode and the time are compared again after it was read.
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
 * Opens the path of the question below the directory `root`. The path of an executable has no symbolic links
 * and no dots; a path that has some leads to another file. The path is opened component by component, because
 * no flag of openat(2) refuses links in the middle (openat2(2) does, but RestrictSUIDSGID= of systemd forbids
 * it), and because O_PATH triggers no automount.
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

/* Opens the file that the process runs now. */
static int open_exe_of(uint32_t pid) {
        char path[PROC_PATH_SIZE];
        int fd;

        (void) snprintf(path, sizeof(path), "/proc/%u/exe", pid);
        fd = open(path, O_PATH | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

/* Opens the path of the question below the root directory of the process. */
static int open_in_root_of(uint32_t pid, const FileQuestion *question) {
        char path[PROC_PATH_SIZE];

        (void) snprintf(path, sizeof(path), "/proc/%u/root", pid);
        return open_in(path, question);
}

/* Returns true when the file has the inode and the time of change of the executed file, and sets *ret. */
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
 * Returns true when this is the file that was executed. `pid` is the process in whose mount namespace it was
 * found; 0 means our own.
 *
 * If the device of statx(2) is not that of the superblock (btrfs has one for each subvolume, overlayfs one
 * for each layer), the list of mounts is read. A FUSE server can claim any inode and time for its files, and
 * can let reads hang, so it is trusted only if root mounted it.
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

/* Takes ownership of `fd`, which may be a negative errno. Returns true and sets *ret_fd if it is the file. */
static bool take(int fd, uint32_t pid, const FileIdentity *file, int *ret_fd, bool *ret_of_path) {
        _cleanup_close_ int owned = fd;

        if (fd < 0 || !is_the_file(fd, pid, file, ret_of_path))
                return false;
        *ret_fd = TAKE_FD(owned);
        return true;
}

/* Finds the ids that the process and its parent have in /proc. An id is 0 when the process is not visible. */
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

/* Finds the file, opens it, reads it, and checks after that that it has not changed. */
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

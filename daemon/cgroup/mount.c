/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "cgroup/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "cgroup/place.h"
#include "util/cleanup.h"
#include "util/mountinfo.h"

#define NAMESPACE_INITIAL 0xEFFFFFFBU /* PROC_CGROUP_INIT_INO, include/linux/proc_ns.h */

/*
 * Opens the root of the mount. Returns -ENOENT when another mount covers it, or when the cgroup was removed.
 */
static int open_mount(const Mount *mount, uint64_t *ret_inode) {
        _cleanup_close_ int fd = -EBADF;
        struct statfs fs;
        struct statx stx;

        fd = open(mount->point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || fstatfs(fd, &fs) < 0)
                return -errno;
        if (fs.f_type != CGROUP2_SUPER_MAGIC)
                return -ENOENT;
        if (faccessat(fd, "cgroup.procs", F_OK, 0) < 0)
                return -errno;
        if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &stx) < 0)
                return -errno;
        if ((stx.stx_mask & STATX_MNT_ID) && stx.stx_mnt_id != mount->id)
                return -ENOENT;
        *ret_inode = stx.stx_ino;
        return TAKE_FD(fd);
}

/*
 * Returns the path of the mount's root in the hierarchy, or NULL when it has none here. In a cgroup
 * namespace, a mount of the whole hierarchy has a root such as "/../..", and is recognised by its inode
 * number. The paths of other mounts from outside of the namespace can't be known.
 */
static const char *mount_path(const Mount *mount, uint64_t inode) {
        if (inode == CGROUP_ROOT_ID)
                return "/";
        if (strncmp(mount->root, "/..", 3) == 0 || mount->root[0] != '/')
                return NULL;
        return mount->root;
}

int cgroup_open_root(const char *mountinfo, int *ret_fd, char **ret_path) {
        _cleanup_(mount_reader_done) MountReader reader = {};
        _cleanup_free_ char *best_path = NULL;
        _cleanup_close_ int best = -EBADF;
        int r, failed = -ENOENT;
        Mount mount;

        r = mount_reader_open(&reader, mountinfo);
        if (r < 0)
                return r;

        while (mount_reader_next(&reader, &mount) > 0) {
                _cleanup_close_ int fd = -EBADF;
                const char *path;
                uint64_t inode = 0;

                if (strcmp(mount.type, "cgroup2") != 0)
                        continue;
                fd = open_mount(&mount, &inode);
                if (fd < 0) {
                        if (fd != -ENOENT)
                                failed = fd;
                        continue;
                }
                path = mount_path(&mount, inode);
                if (!path || (best >= 0 && strlen(path) >= strlen(best_path)))
                        continue;
                free(best_path);
                best_path = strdup(path);
                if (!best_path)
                        return -ENOMEM;
                if (best >= 0)
                        close(best);
                best = TAKE_FD(fd);
        }
        if (best < 0)
                return failed;

        *ret_fd = TAKE_FD(best);
        *ret_path = TAKE_PTR(best_path);
        return 0;
}

bool cgroup_namespace_is_initial(const char *ns) {
        struct stat st;

        return stat(ns, &st) >= 0 && st.st_ino == NAMESPACE_INITIAL;
}

bool cgroup_units_are_legacy(const char *cgroup) {
        _cleanup_fclose_ FILE *file = fopen(cgroup, "re");
        _cleanup_free_ char *line = NULL;
        bool legacy = false, unified = false;
        size_t allocated = 0;
        ssize_t n;

        if (!file)
                return false;

        /* A line is ID:CONTROLLERS:PATH, and 0::PATH for the unified hierarchy. */
        while ((n = getline(&line, &allocated, file)) > 0) {
                const char *controllers = strchr(line, ':'), *path;
                char storage[CGROUP_MACHINE_MAX];
                CgroupPlace place;

                if (line[n - 1] == '\n')
                        line[n - 1] = '\0';
                path = controllers ? strchr(controllers + 1, ':') : NULL;
                if (!path)
                        continue;
                cgroup_path_parse(bytes_of_string(path + 1), storage, &place);
                if (!bytes_is_set(place.unit))
                        continue;
                if (strncmp(line, "0::", 3) == 0)
                        unified = true;
                else if (strncmp(controllers, ":name=systemd:", 14) == 0)
                        legacy = true;
        }
        return legacy && !unified;
}

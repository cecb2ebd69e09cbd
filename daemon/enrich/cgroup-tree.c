/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "enrich/cgroup-tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "util/buffer.h"
#include "util/cleanup.h"

static inline void closedirp(DIR **d) {
        if (*d)
                closedir(*d);
}

/* root_path as it stands before "/NAME". */
static Bytes prefix_of(const char *root_path) {
        Bytes prefix = bytes_of_string(root_path);

        while (prefix.size > 0 && prefix.data[prefix.size - 1] == '/')
                prefix.size--;
        return prefix;
}

/* A walk goes by paths from its root, not by descriptors: how deep the tree is is anybody's choice. */
typedef struct Walk {
        int root_fd;
        dev_t device;
        Bytes prefix;
        CgroupTreeSeen seen;
        void *userdata;
        Buffer pending; /* paths of directories still to be read, from the root, each ended by NUL */
        Buffer current; /* the one that is being read, likewise */
        Buffer path;
} Walk;

static void walk_done(Walk *w) {
        buffer_done(&w->pending);
        buffer_done(&w->current);
        buffer_done(&w->path);
}

static int walk_visit(Walk *w, int directory_fd, const char *name) {
        struct stat st;
        int r;

        if (fstatat(directory_fd, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
                return 0;
        if (!S_ISDIR(st.st_mode) || st.st_dev != w->device)
                return 0;

        buffer_clear(&w->path);
        buffer_append_bytes(&w->path, w->prefix);
        buffer_append_char(&w->path, '/');
        if (w->current.size > 1) {
                buffer_append(&w->path, w->current.data, w->current.size - 1);
                buffer_append_char(&w->path, '/');
        }
        buffer_append_string(&w->path, name);
        r = buffer_error(&w->path);
        if (r < 0)
                return r;
        r = w->seen(w->userdata, st.st_ino, buffer_bytes(&w->path));
        if (r < 0)
                return r;

        buffer_append(&w->pending, w->path.data + w->prefix.size + 1, w->path.size - w->prefix.size - 1);
        buffer_append_char(&w->pending, '\0');
        return buffer_error(&w->pending);
}

static int walk_open(const Walk *w, DIR **ret) {
        const char *current = w->current.size > 1 ? w->current.data : ".";
        _cleanup_close_ int fd = -EBADF;
        DIR *d;

        fd = openat(w->root_fd, current, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        d = fdopendir(fd);
        if (!d)
                return -errno;
        TAKE_FD(fd);
        *ret = d;
        return 0;
}

static int walk_entries(Walk *w, DIR *d) {
        const struct dirent *entry;

        while ((entry = readdir(d))) {
                int r;

                /* Next to each cgroup there are dozens of files: those need not be looked at. */
                if (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)
                        continue;
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                r = walk_visit(w, dirfd(d), entry->d_name);
                if (r < 0)
                        return r;
        }
        return 0; /* also when the directory went away under it */
}

/* Takes the last of the pending directories as the current one. False: there is none. */
static bool walk_next(Walk *w) {
        size_t start;

        if (w->pending.size == 0)
                return false;
        for (start = w->pending.size - 1; start > 0 && w->pending.data[start - 1] != '\0'; start--)
                ;
        buffer_clear(&w->current);
        buffer_append(&w->current, w->pending.data + start, w->pending.size - start);
        buffer_truncate(&w->pending, start);
        return true;
}

int cgroup_tree_walk(int root_fd, const char *root_path, CgroupTreeSeen seen, void *userdata) {
        _cleanup_(walk_done) Walk w = {
                .root_fd = root_fd,
                .prefix = prefix_of(root_path),
                .seen = seen,
                .userdata = userdata,
        };
        bool first = true;
        struct stat st;
        int r;

        if (fstat(root_fd, &st) < 0)
                return -errno;
        w.device = st.st_dev;
        r = seen(userdata, st.st_ino, w.prefix.size > 0 ? w.prefix : BYTES_LITERAL("/"));
        if (r < 0)
                return r;

        do {
                _cleanup_(closedirp) DIR *d = NULL;

                r = buffer_error(&w.current);
                if (r < 0)
                        return r;
                r = walk_open(&w, &d);
                if (r < 0 && (first || r == -ENOMEM))
                        return r;
                if (d) {
                        r = walk_entries(&w, d);
                        if (r < 0)
                                return r;
                }
                first = false;
        } while (walk_next(&w));
        return 0;
}

bool cgroup_tree_lacks(int root_fd, const char *root_path, Bytes path, uint64_t id) {
        Bytes prefix = prefix_of(root_path);
        char relative[PATH_MAX];
        struct stat st;
        int r;

        if (path.size <= prefix.size || memcmp(path.data, prefix.data, prefix.size) != 0 ||
                path.data[prefix.size] != '/')
                return false;
        path = (Bytes){ path.data + prefix.size + 1, path.size - prefix.size - 1 };
        if (path.size == 0 || path.size >= sizeof(relative))
                return false;
        memcpy(relative, path.data, path.size);
        relative[path.size] = '\0';
        /* No name of a cgroup leads up and out. */
        if (strlen(relative) < path.size || relative[0] == '/' || strncmp(relative, "..", 2) == 0 ||
                strstr(relative, "/.."))
                return false;

        r = fstatat(root_fd, relative, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
        return r < 0 ? errno == ENOENT || errno == ENOTDIR : st.st_ino != id;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "cgroup/walk.h"

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

/*
 * How deep the tree is is anybody's choice, and neither descriptors nor paths reach as far. So there is one descriptor,
 * which goes down by a name and up by "..": no cgroup of this hierarchy is ever moved.
 */
typedef struct Walk {
        int root_fd;
        int fd; /* the directory at which it is */
        size_t depth; /* of that below the first */
        Buffer path; /* of that in the hierarchy, without a slash at its end */
        size_t prefix_size; /* how much of the path is the first directory's */
        Buffer pending; /* the names of those still to be read, each behind its Pending, the last one first */
        dev_t device;
        CgroupTreeSeen seen;
        void *userdata;
} Walk;

typedef struct Pending {
        size_t depth; /* of the directory that it is in */
        size_t before; /* where the one below it in the stack begins */
} Pending;

static void walk_done(Walk *w) {
        if (w->fd >= 0)
                close(w->fd);
        buffer_done(&w->path);
        buffer_done(&w->pending);
}

/* Puts the name on the stack, whose last one is at *top. */
static int walk_push(Walk *w, size_t *top, const char *name) {
        const Pending pending = { .depth = w->depth, .before = *top };

        *top = w->pending.size;
        buffer_append(&w->pending, &pending, sizeof(pending));
        buffer_append(&w->pending, name, strlen(name) + 1);
        return buffer_error(&w->pending);
}

static int walk_visit(Walk *w, size_t *top, int directory_fd, const char *name) {
        size_t size = w->path.size;
        struct stat st;
        int r;

        if (fstatat(directory_fd, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
                return 0;
        if (!S_ISDIR(st.st_mode) || st.st_dev != w->device)
                return 0;

        buffer_append_char(&w->path, '/');
        buffer_append_string(&w->path, name);
        r = buffer_error(&w->path);
        if (r < 0)
                return r;
        r = w->seen(w->userdata, st.st_ino, buffer_bytes(&w->path));
        buffer_truncate(&w->path, size);
        if (r < 0)
                return r;
        return walk_push(w, top, name);
}

static int walk_entries(Walk *w, size_t *top, DIR *d) {
        const struct dirent *entry;

        while ((entry = readdir(d))) {
                int r;

                /* Next to each cgroup there are dozens of files: those need not be looked at. */
                if (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)
                        continue;
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                r = walk_visit(w, top, dirfd(d), entry->d_name);
                if (r < 0)
                        return r;
        }
        return 0; /* also when the directory went away under it */
}

static int walk_open(const Walk *w, DIR **ret) {
        _cleanup_close_ int fd = openat(w->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *d;

        if (fd < 0)
                return -errno;
        d = fdopendir(fd);
        if (!d)
                return -errno;
        TAKE_FD(fd);
        *ret = d;
        return 0;
}

static int walk_go(Walk *w, int from_fd, const char *name) {
        int fd = openat(from_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        if (w->fd >= 0)
                close(w->fd);
        w->fd = fd;
        return 0;
}

/* Goes down from the first directory to `depth` on the path that there is, or as far as it can. */
static int walk_from_top(Walk *w, size_t depth) {
        size_t end = w->prefix_size;
        int r;

        r = walk_go(w, w->root_fd, ".");
        if (r < 0)
                return r;
        for (w->depth = 0; w->depth < depth; w->depth++) {
                Bytes rest = { w->path.data + end + 1, w->path.size - end - 1 };
                const char *slash = memchr(rest.data, '/', rest.size);
                char name[NAME_MAX + 1];

                if (slash)
                        rest.size = (size_t) (slash - rest.data);
                if (rest.size > NAME_MAX)
                        break;
                memcpy(name, rest.data, rest.size);
                name[rest.size] = '\0';
                if (walk_go(w, w->fd, name) < 0)
                        break;
                end += 1 + rest.size;
        }
        buffer_truncate(&w->path, end);
        return 0;
}

/* Goes back up to `depth`, or further where there is no way to it any more. */
static int walk_return(Walk *w, size_t depth) {
        while (w->depth > depth) {
                const char *slash = memrchr(w->path.data, '/', w->path.size);

                /* Whoever owns a directory may lock it while the walk is inside: then ".." is refused. */
                if (walk_go(w, w->fd, "..") < 0)
                        return walk_from_top(w, depth);
                w->depth--;
                buffer_truncate(&w->path, (size_t) (slash - w->path.data));
        }
        return 0;
}

/* Goes to the directory on top of the stack and takes it off. 1: it is there; 0: it can't be entered (any more). */
static int walk_next(Walk *w, size_t *top) {
        const char *name = w->pending.data + *top + sizeof(Pending);
        Pending pending;
        bool entered;
        int r;

        memcpy(&pending, w->pending.data + *top, sizeof(pending));
        r = walk_return(w, pending.depth);
        if (r < 0)
                return r;
        entered = w->depth == pending.depth && walk_go(w, w->fd, name) >= 0;
        if (entered) {
                w->depth++;
                buffer_append_char(&w->path, '/');
                buffer_append_string(&w->path, name);
                r = buffer_error(&w->path);
        }
        buffer_truncate(&w->pending, *top);
        *top = pending.before;
        return r < 0 ? r : entered;
}

/* Reports what is in the directory at which the walk is; nothing, if it can't be read. */
static int walk_read(Walk *w, size_t *top) {
        _cleanup_(closedirp) DIR *d = NULL;
        int r = walk_open(w, &d);

        if (r < 0)
                return r == -ENOMEM || w->depth == 0 ? r : 0;
        return walk_entries(w, top, d);
}

int cgroup_tree_walk(int root_fd, const char *root_path, CgroupTreeSeen seen, void *userdata) {
        _cleanup_(walk_done) Walk w = {
                .root_fd = root_fd,
                .fd = -EBADF,
                .seen = seen,
                .userdata = userdata,
        };
        size_t top = 0;
        struct stat st;
        int r;

        r = walk_go(&w, root_fd, ".");
        if (r < 0)
                return r;
        if (fstat(w.fd, &st) < 0)
                return -errno;
        w.device = st.st_dev;
        buffer_append_bytes(&w.path, prefix_of(root_path));
        w.prefix_size = w.path.size;
        r = buffer_error(&w.path);
        if (r >= 0)
                r = seen(userdata, st.st_ino, w.path.size > 0 ? buffer_bytes(&w.path) : BYTES_LITERAL("/"));
        if (r >= 0)
                r = walk_read(&w, &top);
        while (r >= 0 && w.pending.size > 0) {
                r = walk_next(&w, &top);
                if (r > 0)
                        r = walk_read(&w, &top);
        }
        return r;
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
        /* No name of a cgroup leads up and out, and the end of a path that was cut is none. */
        if (strlen(relative) < path.size || relative[0] == '/' || strncmp(relative, "..", 2) == 0 ||
                strstr(relative, "/.."))
                return false;

        r = fstatat(root_fd, relative, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
        return r < 0 ? errno == ENOENT || errno == ENOTDIR : st.st_ino != id;
}

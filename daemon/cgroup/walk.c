/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Any user with a delegated cgroup can make the tree deeper than a path or the number of descriptors allows,
 * and a directory too large to be read in one step. So the walk has one descriptor, which goes down by a name
 * and up by "..": no cgroup of this hierarchy is ever moved. A stack has the work that is left: the names of
 * some cgroups of a directory, and below them the position at which that directory is read further.
 */

#include "cgroup/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "util/buffer.h"

/* The most cgroups of a directory, or levels up or down, between two readings of the clock. */
#define BATCH 64

#define COOKIE_NONE (-1)

/* A directory between the root of the walk and the current directory. */
typedef struct Level {
        uint64_t id;
        size_t name_at; /* offset in the names, where it ends with NUL */
} Level;

/* An item of the stack, followed by a name. The name is empty when a directory is to be read further. */
typedef struct Pending {
        size_t before; /* offset of the item below it */
        size_t depth; /* of the directory that has the name, or that is to be read further */
        uint64_t id; /* of the cgroup of that name, or of that directory */
        long cookie; /* position in that directory, for seekdir(3); COOKIE_NONE: it was read to its end */
} Pending;

struct CgroupWalk {
        int root_fd;
        int fd; /* the current directory */
        size_t depth; /* of the current directory below the root of the walk */
        Buffer levels; /* down to the current directory, or further while the walk returns to a deeper one */
        Buffer names;
        Buffer pending; /* the stack */
        size_t top; /* offset of the item on top */
        int error; /* of the last attempt to go down */
        dev_t device;
        CgroupSeen seen;
        CgroupHidden hidden;
        void *userdata;
};

CgroupWalk *cgroup_walk_free(CgroupWalk *w) {
        if (!w)
                return NULL;
        if (w->fd >= 0)
                close(w->fd);
        if (w->root_fd >= 0)
                close(w->root_fd);
        buffer_done(&w->levels);
        buffer_done(&w->names);
        buffer_done(&w->pending);
        free(w);
        return NULL;
}

static size_t levels_count(const CgroupWalk *w) {
        return w->levels.size / sizeof(Level);
}

static Level level_at(const CgroupWalk *w, size_t depth) {
        Level level;

        memcpy(&level, w->levels.data + depth * sizeof(level), sizeof(level));
        return level;
}

static int levels_push(CgroupWalk *w, uint64_t id, const char *name) {
        const Level level = { .id = id, .name_at = w->names.size };

        buffer_append(&w->names, name, strlen(name) + 1);
        buffer_append(&w->levels, &level, sizeof(level));
        return buffer_error(&w->names) < 0 ? -ENOMEM : buffer_error(&w->levels);
}

/* Forgets the levels below `depth`. */
static void levels_cut(CgroupWalk *w, size_t depth) {
        if (levels_count(w) <= depth + 1)
                return;
        buffer_truncate(&w->names, level_at(w, depth + 1).name_at);
        buffer_truncate(&w->levels, (depth + 1) * sizeof(Level));
}

/* Changes to the directory `name`, which must have the inode number `id` unless that is 0. */
static int walk_go(CgroupWalk *w, int from_fd, const char *name, uint64_t id) {
        _cleanup_close_ int fd = openat(from_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        struct stat st;

        if (fd < 0)
                return -errno;
        if (id != 0) {
                if (fstat(fd, &st) < 0)
                        return -errno;
                if (st.st_ino != id || st.st_dev != w->device)
                        return -ENOENT;
        }
        if (w->fd >= 0)
                close(w->fd);
        w->fd = TAKE_FD(fd);
        return 0;
}

static int stack_push(CgroupWalk *w, size_t depth, uint64_t id, long cookie, const char *name) {
        const Pending pending = { .before = w->top, .depth = depth, .id = id, .cookie = cookie };
        size_t at = w->pending.size;

        buffer_append(&w->pending, &pending, sizeof(pending));
        buffer_append(&w->pending, name, strlen(name) + 1);
        if (buffer_error(&w->pending) < 0)
                return -ENOMEM;
        w->top = at;
        return 0;
}

static Pending stack_top(const CgroupWalk *w) {
        Pending pending;

        memcpy(&pending, w->pending.data + w->top, sizeof(pending));
        return pending;
}

static void stack_pop(CgroupWalk *w) {
        size_t before = stack_top(w).before;

        buffer_truncate(&w->pending, w->top);
        w->top = before;
}

/* Returns true when the error says that the directory exists and can't be read. */
static bool hides(int error) {
        return error != -ENOENT && error != -ENOTDIR && error != -ELOOP && error != -ENODEV;
}

/*
 * Changes to the directory at `depth` of the levels. Returns 1 when it has to be called again; 0 when it is
 * there, or when a directory can't be entered, with the reason in w->error; or a negative errno.
 */
static int walk_move(CgroupWalk *w, size_t depth) {
        int r;

        for (int n = 0; n < BATCH; n++) {
                if (w->depth == depth) {
                        levels_cut(w, depth);
                        return 0;
                }
                if (w->depth > depth) {
                        if (walk_go(w, w->fd, "..", level_at(w, w->depth - 1).id) >= 0) {
                                w->depth--;
                                continue;
                        }
                        /*
                         * The owner of a directory can forbid access to it while the walk is inside, and then
                         * ".." fails.
                         */
                        r = walk_go(w, w->root_fd, ".", 0);
                        if (r < 0)
                                return r;
                        w->depth = 0;
                } else {
                        const Level level = level_at(w, w->depth + 1);

                        /* The levels are kept, because the next item of the stack may need the same ones. */
                        w->error = walk_go(w, w->fd, w->names.data + level.name_at, level.id);
                        if (w->error < 0)
                                return 0;
                        w->depth++;
                }
        }
        return 1;
}

static int walk_visit(CgroupWalk *w, int directory_fd, const char *name) {
        struct stat st;
        int r;

        if (fstatat(directory_fd, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
                return 0;
        if (!S_ISDIR(st.st_mode) || st.st_dev != w->device)
                return 0;
        r = w->seen(w->userdata, st.st_ino, level_at(w, w->depth).id, bytes_of_string(name));
        if (r < 0)
                return r;
        r = stack_push(w, w->depth, st.st_ino, COOKIE_NONE, name);
        return r < 0 ? r : 1;
}

/* Returns false for the dozens of files that are in each directory. */
static bool may_be_cgroup(const struct dirent *entry) {
        return (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN) && strcmp(entry->d_name, ".") != 0 &&
                strcmp(entry->d_name, "..") != 0;
}

static inline void closedirp(DIR **d) {
        if (*d)
                closedir(*d);
}

static int walk_open(const CgroupWalk *w, long cookie, DIR **ret) {
        _cleanup_close_ int fd = openat(w->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *d;

        if (fd < 0)
                return -errno;
        d = fdopendir(fd);
        if (!d)
                return -errno;
        TAKE_FD(fd);
        if (cookie != 0)
                seekdir(d, cookie);
        *ret = d;
        return 0;
}

/* Reads a part of the current directory. */
static int walk_read(CgroupWalk *w, long cookie) {
        const uint64_t id = level_at(w, w->depth).id;
        _cleanup_(closedirp) DIR *d = NULL;
        const struct dirent *entry = NULL;
        size_t at;
        int r;

        r = walk_open(w, cookie, &d);
        if (r == -ENOMEM || (r < 0 && w->depth == 0))
                return r;
        if (r < 0) {
                if (hides(r))
                        w->hidden(w->userdata, id);
                return 0;
        }
        at = w->pending.size;
        r = stack_push(w, w->depth, id, COOKIE_NONE, "");
        for (int n = 0; r >= 0 && n < BATCH;) {
                entry = readdir(d);
                if (!entry) /* the end, or the directory was removed */
                        break;
                if (!may_be_cgroup(entry))
                        continue;
                r = walk_visit(w, dirfd(d), entry->d_name);
                n += r > 0;
        }
        if (r >= 0 && entry) {
                cookie = telldir(d);
                memcpy(w->pending.data + at + offsetof(Pending, cookie), &cookie, sizeof(cookie));
        }
        return r < 0 ? r : 0;
}

/* Processes the item on top of the stack, or a part of it. */
static int walk_next(CgroupWalk *w) {
        const Pending pending = stack_top(w);
        const char *name = w->pending.data + w->top + sizeof(pending);
        const bool enter = *name != '\0';
        int r;

        if (!enter && pending.cookie == COOKIE_NONE) {
                stack_pop(w);
                return 0;
        }
        r = walk_move(w, pending.depth);
        if (r != 0)
                return r < 0 ? r : 0;
        r = w->depth == pending.depth ? 0 : w->error;
        if (r >= 0 && enter)
                r = walk_go(w, w->fd, name, pending.id);
        if (r < 0) {
                if (hides(r))
                        w->hidden(w->userdata, pending.id);
                stack_pop(w);
                return 0;
        }
        if (enter) {
                w->depth++;
                r = levels_push(w, pending.id, name);
        }
        stack_pop(w);
        return r < 0 ? r : walk_read(w, enter ? 0 : pending.cookie);
}

int cgroup_walk_new(int root_fd, CgroupSeen seen, CgroupHidden hidden, void *userdata, CgroupWalk **ret,
        uint64_t *ret_root) {
        _cleanup_(cgroup_walk_freep) CgroupWalk *w = calloc(1, sizeof(*w));
        struct stat st;
        int r;

        if (!w)
                return -ENOMEM;
        *w = (CgroupWalk){ .fd = -EBADF, .seen = seen, .hidden = hidden, .userdata = userdata };
        w->root_fd = openat(root_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (w->root_fd < 0)
                return -errno;
        r = walk_go(w, w->root_fd, ".", 0);
        if (r < 0)
                return r;
        if (fstat(w->fd, &st) < 0)
                return -errno;
        w->device = st.st_dev;
        r = levels_push(w, st.st_ino, "");
        if (r >= 0)
                r = stack_push(w, 0, st.st_ino, 0, "");
        if (r < 0)
                return r;
        *ret = TAKE_PTR(w);
        *ret_root = st.st_ino;
        return 0;
}

static uint64_t now_usec(void) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000000 + (uint64_t) ts.tv_nsec / 1000;
}

int cgroup_walk_step(CgroupWalk *w, uint64_t deadline_usec) {
        do {
                int r;

                if (w->pending.size == 0)
                        return 0;
                r = walk_next(w);
                if (r < 0)
                        return r;
        } while (now_usec() < deadline_usec);
        return w->pending.size > 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "cgroup/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cgroup/invocation.h"
#include "cgroup/mount.h"
#include "cgroup/walk.h"

#define STEP_USEC (3ULL * 1000) /* of a walk, before the loop looks at everything else */
#define INTERVAL_USEC (1000ULL * 1000) /* between the beginnings of two walks */
#define ACCURACY_USEC 1000ULL

typedef enum WatchState {
        WATCH_IDLE,
        WATCH_WALKING,
        WATCH_SWEEPING, /* the walk is over, and the cgroups that it did not see are removed */
} WatchState;

struct CgroupWatch {
        CgroupWatchCalls calls;
        void *userdata;
        CgroupTree *tree;
        CgroupWalk *walk;
        WatchState state;
        int root_fd; /* the directory where the last walk began, and its path in the hierarchy */
        char *root_path;
        uint64_t lost; /* how many records of cgroups had been lost when the last walk began */
        uint64_t began_usec; /* when the last walk began, CLOCK_MONOTONIC */
        const char *not_covered; /* names the cgroups that the last walk could not see, or NULL */
        bool complete; /* a walk was finished */
        bool repeat; /* the last walk ended early because there was no memory */
        sd_event *event;
        sd_event_source *step; /* on during a walk */
        sd_event_source *timer; /* on until the next walk may begin */
};

/* Reads the clock, because the time of the loop does not change during a step. */
static uint64_t clock_usec(void) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000000 + (uint64_t) ts.tv_nsec / 1000;
}

static void on_gone(void *userdata, uint64_t id) {
        const CgroupWatch *w = userdata;

        if (w->calls.changed)
                w->calls.changed(w->userdata, id, NULL);
}

static int on_seen(void *userdata, uint64_t id, uint64_t parent, Bytes name) {
        CgroupWatch *w = userdata;
        CgroupPlace place;
        int r;

        r = cgroup_tree_seen(w->tree, id, parent, name);
        if (r > 0 && w->calls.changed && cgroup_tree_find(w->tree, id, &place) > 0)
                w->calls.changed(w->userdata, id, &place);
        return r == -ENOMEM ? r : 0; /* the tree counts the cgroups for which it has no room */
}

/* Adds a cgroup whose whole path is known. Returns 0, -EINVAL or -ENOMEM. */
static int add_root(CgroupWatch *w, uint64_t id, Bytes path) {
        CgroupPlace place;
        bool known = cgroup_tree_find(w->tree, id, &place) > 0;
        int r;

        r = cgroup_tree_root(w->tree, id, path);
        if (r >= 0 && !known && w->calls.changed && cgroup_tree_find(w->tree, id, &place) > 0)
                w->calls.changed(w->userdata, id, &place);
        return r;
}

static void on_hidden(void *userdata, uint64_t id) {
        const CgroupWatch *w = userdata;

        cgroup_tree_hidden(w->tree, id);
}

static bool read_invocation(
        void *userdata, Bytes unit, uint64_t id, Bytes path, char ret[static CGROUP_INVOCATION_SIZE]) {
        const CgroupWatch *w = userdata;

        return w->root_fd >= 0 &&
                (cgroup_invocation_read(w->root_fd, w->root_path, id, path, ret) ||
                        cgroup_invocation_exported("/run/systemd/units", unit, ret));
}

static void walk_end(CgroupWatch *w, int result) {
        w->walk = cgroup_walk_free(w->walk);
        w->state = WATCH_IDLE;
        if (result < 0 && cgroup_units_are_legacy("/proc/1/cgroup"))
                w->not_covered = "units in cgroups of version 1";
        if (result < 0 && result != -ENOMEM && !w->not_covered)
                w->not_covered = "cgroups that were made before";
        w->repeat = result == -ENOMEM;
        w->complete = w->complete || !w->repeat;
        if (w->calls.walked)
                w->calls.walked(w->userdata, result);
}

/* Notes which cgroups a walk that begins at the cgroup `root` can't see. */
static void note_coverage(CgroupWatch *w, uint64_t root) {
        bool initial = cgroup_namespace_is_initial("/proc/self/ns/cgroup");

        if (root != CGROUP_ROOT_ID && !w->calls.open_root)
                w->not_covered = initial ? "cgroups that are not mounted and were made before"
                                         : "cgroups outside of its own namespace";
        if (cgroup_units_are_legacy("/proc/1/cgroup"))
                w->not_covered = "units in cgroups of version 1";
}

static int open_root(CgroupWatch *w) {
        _cleanup_free_ char *path = NULL;
        int fd = -EBADF, r;

        r = w->calls.open_root ? w->calls.open_root(w->userdata, &fd, &path)
                               : cgroup_open_root("/proc/self/mountinfo", &fd, &path);
        if (r < 0)
                return r;
        if (w->root_fd >= 0)
                close(w->root_fd);
        free(w->root_path);
        w->root_fd = fd;
        w->root_path = TAKE_PTR(path);
        return 0;
}

static int walk_begin(CgroupWatch *w) {
        uint64_t root = 0;
        int r;

        w->began_usec = clock_usec();
        w->not_covered = NULL;
        w->lost = w->calls.lost(w->userdata);
        r = open_root(w);
        if (r >= 0)
                r = cgroup_walk_new(w->root_fd, on_seen, on_hidden, w, &w->walk, &root);
        if (r < 0)
                return r;
        note_coverage(w, root);
        cgroup_tree_walk_begin(w->tree, root);
        r = add_root(w, root, bytes_of_string(w->root_path));
        if (r >= 0)
                w->state = WATCH_WALKING;
        return r;
}

/* Continues the walk. Returns 1 when it is not finished, or a result for walk_end(). */
static int walk_step(CgroupWatch *w, uint64_t deadline) {
        uint64_t horizon;
        int r;

        if (w->state == WATCH_WALKING) {
                r = cgroup_walk_step(w->walk, deadline);
                if (r != 0)
                        return r;
                w->state = WATCH_SWEEPING;
        }
        horizon = w->calls.horizon ? w->calls.horizon(w->userdata) : UINT64_MAX;
        do {
                if (!cgroup_tree_sweep(w->tree, horizon, on_gone, w))
                        return 0;
        } while (clock_usec() < deadline);
        return 1;
}

static int arm(CgroupWatch *w, uint64_t at_usec) {
        int r = sd_event_source_set_time(w->timer, at_usec);

        return r < 0 ? r : sd_event_source_set_enabled(w->timer, SD_EVENT_ONESHOT);
}

static int on_step(sd_event_source *source, void *userdata) {
        CgroupWatch *w = userdata;
        int r;

        r = walk_step(w, clock_usec() + STEP_USEC);
        if (r > 0)
                return 0;
        walk_end(w, r);
        return sd_event_source_set_enabled(source, SD_EVENT_OFF);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        CgroupWatch *w = userdata;
        int r;

        (void) source;
        (void) usec;
        if (w->state != WATCH_IDLE)
                return 0;
        r = walk_begin(w);
        if (r < 0) {
                walk_end(w, r);
                return 0;
        }
        return sd_event_source_set_enabled(w->step, SD_EVENT_ON);
}

int cgroup_watch_check(CgroupWatch *w) {
        int enabled = SD_EVENT_OFF, r;

        if (w->state != WATCH_IDLE || (w->calls.lost(w->userdata) == w->lost && !w->repeat))
                return 0;
        r = sd_event_source_get_enabled(w->timer, &enabled);
        if (r < 0 || enabled != SD_EVENT_OFF)
                return r < 0 ? r : 0;
        return arm(w, w->began_usec + INTERVAL_USEC);
}

int cgroup_watch_start(CgroupWatch *w, uint64_t budget_usec) {
        uint64_t deadline = clock_usec() + budget_usec;
        int r = 0;

        /* This is right even if it is not mounted here: other mount namespaces may have a mount. */
        if (!w->calls.open_root && cgroup_namespace_is_initial("/proc/self/ns/cgroup"))
                r = add_root(w, CGROUP_ROOT_ID, BYTES_LITERAL("/"));
        if (r >= 0)
                r = walk_begin(w);
        if (r >= 0)
                do
                        r = walk_step(w, deadline);
                while (r > 0 && clock_usec() < deadline);
        if (r > 0)
                return sd_event_source_set_enabled(w->step, SD_EVENT_ON);
        walk_end(w, r);
        return r == -ENOMEM ? r : 0;
}

CgroupWatch *cgroup_watch_free(CgroupWatch *w) {
        if (!w)
                return NULL;
        sd_event_source_disable_unref(w->timer);
        sd_event_source_disable_unref(w->step);
        sd_event_unref(w->event);
        (void) cgroup_walk_free(w->walk);
        (void) cgroup_tree_free(w->tree);
        if (w->root_fd >= 0)
                close(w->root_fd);
        free(w->root_path);
        free(w);
        return NULL;
}

int cgroup_watch_new(sd_event *event, const CgroupWatchCalls *calls, void *userdata, CgroupWatch **ret) {
        _cleanup_(cgroup_watch_freep) CgroupWatch *w = calloc(1, sizeof(*w));
        int r;

        if (!w)
                return -ENOMEM;
        *w = (CgroupWatch){ .calls = *calls, .userdata = userdata, .root_fd = -EBADF };
        w->event = sd_event_ref(event);
        r = cgroup_tree_new(&w->tree);
        if (r < 0)
                return r;
        cgroup_tree_read_invocations(w->tree, read_invocation, w);
        r = sd_event_add_defer(event, &w->step, on_step, w);
        /*
         * Among sources of the same priority, sd-event prefers the one that is pending for longest, which
         * would always be this one, because it stays on.
         */
        if (r >= 0)
                r = sd_event_source_set_priority(w->step, SD_EVENT_PRIORITY_NORMAL + 1);
        if (r >= 0)
                r = sd_event_source_set_enabled(w->step, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_source_set_exit_on_failure(w->step, true);
        if (r >= 0)
                r = sd_event_add_time(event, &w->timer, CLOCK_MONOTONIC, 0, ACCURACY_USEC, on_timer, w);
        if (r >= 0)
                r = sd_event_source_set_enabled(w->timer, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_source_set_exit_on_failure(w->timer, true);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(w);
        return 0;
}

CgroupTree *cgroup_watch_tree(const CgroupWatch *w) {
        return w->tree;
}

const char *cgroup_watch_not_covered(const CgroupWatch *w) {
        if (w->not_covered)
                return w->not_covered;
        if (cgroup_tree_refused(w->tree) > 0)
                return "some cgroups, of which there are too many";
        return w->complete ? NULL : "cgroups that a walk has not reached yet";
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

#include "cgroup/tree.h"

/*
 * Keeps the tree of cgroups complete. While the kernel side records, it reports each cgroup that is created
 * or removed. The watch walks the hierarchy to find the cgroups that existed before, and walks it again when
 * such a record was lost. It walks from the loop, in steps of some milliseconds, and starts at most one walk
 * a second.
 */
typedef struct CgroupWatch CgroupWatch;

/* All functions but `lost` may be NULL. */
typedef struct CgroupWatchCalls {
        /* Called when a cgroup is new or its place has changed; `place` is NULL when it was removed. */
        void (*changed)(void *userdata, uint64_t id, const CgroupPlace *place);

        /* Returns how many records of cgroups were lost. */
        uint64_t (*lost)(void *userdata);

        /* Returns the position in the ring up to which records may refer to a cgroup that is removed now. */
        uint64_t (*horizon)(void *userdata);

        /* Called at the end of a walk, with 0, or a negative errno when the hierarchy can't be read. */
        void (*walked)(void *userdata, int result);

        /* Opens the root of the hierarchy. NULL: cgroup_open_root() with "/proc/self/mountinfo". */
        int (*open_root)(void *userdata, int *ret_fd, char **ret_path);
} CgroupWatchCalls;

/* Creates a watch with a copy of `calls`. Returns 0 or a negative errno. */
int cgroup_watch_new(sd_event *event, const CgroupWatchCalls *calls, void *userdata, CgroupWatch **ret);
CgroupWatch *cgroup_watch_free(CgroupWatch *watch);
DEFINE_POINTER_CLEANUP(CgroupWatch *, cgroup_watch_free);

/* Returns the tree, which stays the watch's. */
CgroupTree *cgroup_watch_tree(const CgroupWatch *watch);

/*
 * Starts the first walk: it walks for `budget_usec` now, and continues from the loop. Returns 0, -ENOMEM, or
 * what sd-event failed with. A hierarchy that can't be read is reported by `walked`.
 */
int cgroup_watch_start(CgroupWatch *watch, uint64_t budget_usec);

/*
 * Schedules a walk if records of cgroups were lost since the last one. Call it before records are taken.
 * Returns 0 or what sd-event failed with.
 */
int cgroup_watch_check(CgroupWatch *watch);

/* Returns a text that names the cgroups that the tree does not have at the moment, or NULL. */
const char *cgroup_watch_not_covered(const CgroupWatch *watch);

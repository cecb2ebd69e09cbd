/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

#include "cgroup/tree.h"

/*
 * Keeps the tree of cgroups complete. The kernel side tells of each one that is made or removed, once it
 * records; the watch walks the hierarchy for what was there before, and again when the kernel side found no
 * room to tell. It walks from the loop, in steps of some milliseconds, and begins a walk once a second at
 * most.
 */
typedef struct CgroupWatch CgroupWatch;

typedef struct CgroupWatchCalls {
        /*
         * The cgroup is new, or its place is another; NULL: it is gone. May be NULL itself, as all but `lost`
         * may.
         */
        void (*changed)(void *userdata, uint64_t id, const CgroupPlace *place);

        /* How many changes the kernel side found no room to tell of. */
        uint64_t (*lost)(void *userdata);

        /* The position in the ring up to which records may refer to a cgroup that is gone by now. */
        uint64_t (*horizon)(void *userdata);

        /* A walk has ended: 0, or a negative errno when the hierarchy could not be read. */
        void (*walked)(void *userdata, int result);

        /*
         * Finds the hierarchy, as cgroup_open_root() does of "/proc/self/mountinfo", which NULL stands for.
         */
        int (*open_root)(void *userdata, int *ret_fd, char **ret_path);
} CgroupWatchCalls;

/* `calls` is copied. 0, or a negative errno of the loop or of memory. */
int cgroup_watch_new(sd_event *event, const CgroupWatchCalls *calls, void *userdata, CgroupWatch **ret);
CgroupWatch *cgroup_watch_free(CgroupWatch *watch);
DEFINE_POINTER_CLEANUP(CgroupWatch *, cgroup_watch_free);

/* The tree; it stays the watch's. */
CgroupTree *cgroup_watch_tree(const CgroupWatch *watch);

/*
 * Makes the first walk, for `budget_usec` at once and the rest of it from the loop. 0; -ENOMEM; or a negative
 * errno of the loop. A hierarchy that can't be read is no error: `walked` is called with it.
 */
int cgroup_watch_start(CgroupWatch *watch, uint64_t budget_usec);

/*
 * To be called now and then: arranges for a walk when changes were lost since the last. 0 or a negative errno
 * of the loop.
 */
int cgroup_watch_check(CgroupWatch *watch);

/* What of the hierarchy the tree does not have by now, a text; NULL: nothing. */
const char *cgroup_watch_not_covered(const CgroupWatch *watch);

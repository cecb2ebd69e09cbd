/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "pipeline/policy.h"
#include "users/cache.h"

/*
 * Queries the user database while the daemon runs. Names in rules that are unknown are looked up again every
 * NAMES_RETRY_USEC. For UserNames=yes the names of ids are looked up. No call blocks. A record waits for a
 * name at most USER_NAME_WAIT_USEC, and is sent without the name then. All records together wait for at most
 * a tenth of the time, no matter how many different ids a user produces.
 */
typedef struct UserWatch UserWatch;

#define NAMES_RETRY_USEC (60ULL * 1000 * 1000)
#define USER_NAME_WAIT_USEC (100ULL * 1000)

typedef struct UserWatchCallbacks {
        int (*names_changed)(void *userdata); /* the ids in policy->names have changed */
        int (*record_goes_on)(void *userdata); /* the record that waits for a name can be taken now */
        void *userdata;
} UserWatchCallbacks;

/* Creates a watch without a policy. Returns 0 or a negative errno. */
int user_watch_new(sd_event *loop, const UserWatchCallbacks *callbacks, UserWatch **ret);
UserWatch *user_watch_free(UserWatch *watch);
DEFINE_POINTER_CLEANUP(UserWatch *, user_watch_free);

/*
 * Looks up the unknown names of `policy` from now on. The policy belongs to the caller and must live until
 * the next call. Returns 0 or a negative errno.
 */
int user_watch_set_policy(UserWatch *watch, Policy *policy);

/* Returns the cache of names, or NULL when the policy does not ask for names. */
UserCache *user_watch_cache(UserWatch *watch);

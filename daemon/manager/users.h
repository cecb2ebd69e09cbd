/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "pipeline/policy.h"
#include "users/cache.h"

/*
 * What the daemon asks the user database while it runs: the names of rules that nobody knew, again every
 * NAMES_RETRY_USEC; and, for UserNames=yes, the names of ids. Nothing here waits: a record waits for the name
 * of an id USER_NAME_WAIT_USEC at most, and goes without it then. All records together wait for a tenth of
 * the time at most, however many ids somebody thinks of.
 */
typedef struct UserWatch UserWatch;

#define NAMES_RETRY_USEC (60ULL * 1000 * 1000)
#define USER_NAME_WAIT_USEC (100ULL * 1000)

typedef struct UserWatchCallbacks {
        int (*names_changed)(void *userdata); /* policy->names knows more, or less, than before */
        int (*record_goes_on)(void *userdata); /* the record that waited for a name need not wait any more */
        void *userdata;
} UserWatchCallbacks;

/* 0 or a negative errno. */
int user_watch_new(sd_event *loop, const UserWatchCallbacks *callbacks, UserWatch **ret);
UserWatch *user_watch_free(UserWatch *watch);
DEFINE_POINTER_CLEANUP(UserWatch *, user_watch_free);

/*
 * Looks the open names of this policy up from now on, which is the caller's and must outlive the next call. 0
 * or a negative errno.
 */
int user_watch_set_policy(UserWatch *watch, Policy *policy);

/* Returns the cache of names, or NULL where the policy asks for none. */
UserCache *user_watch_cache(UserWatch *watch);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "users/question.h"
#include "util/cleanup.h"

/*
 * Looks up users in the user database from the loop, one question at a time. A helper process
 * (users/helper.h) reads the database; it is started with the first question. A helper that does not answer
 * within LOOKUP_TIMEOUT_USEC is killed, and the next question goes to a new one.
 */
typedef struct Lookups Lookups;

#define LOOKUP_TIMEOUT_USEC (30ULL * 1000 * 1000)

/*
 * Called from the loop, once for each question. `answer` is NULL when there is none. The result is that of
 * the handler of the event source, see sd_event_add_io(3).
 */
typedef int (*lookups_done_t)(void *userdata, const UserQuestion *question, const UserAnswer *answer);

/*
 * Creates the object, which starts no process yet. SIGCHLD must be blocked, which sd_event_add_child(3)
 * requires. Returns 0, -ENOMEM, or what sd-event failed with.
 */
int lookups_new(sd_event *loop, lookups_done_t done, void *userdata, Lookups **ret);

/* Frees the object and kills the helper. `done` is not called for an open question. */
Lookups *lookups_free(Lookups *lookups);
DEFINE_POINTER_CLEANUP(Lookups *, lookups_free);

/*
 * Sends a question. Returns 0; -EBUSY when a question is open; or what users_helper_start(), send(2) or
 * sd-event failed with.
 */
int lookups_ask(Lookups *lookups, const UserQuestion *question);

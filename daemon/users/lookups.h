/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "users/question.h"
#include "util/cleanup.h"

/*
 * Asks the user database from the loop, one question at a time, through a helper process that is started with
 * the first one. A helper that does not answer in LOOKUP_TIMEOUT_USEC is killed, and the next question goes
 * to a new one.
 */
typedef struct Lookups Lookups;

#define LOOKUP_TIMEOUT_USEC (30ULL * 1000 * 1000)

/*
 * Is called once for each question, in the loop; `answer` is NULL when there is none. Fails like a handler of
 * sd-event(3).
 */
typedef int (*lookups_done_t)(void *userdata, const UserQuestion *question, const UserAnswer *answer);

/* SIGCHLD must be blocked: sd_event_add_child(3). 0 or what sd-event failed with. */
int lookups_new(sd_event *loop, lookups_done_t done, void *userdata, Lookups **ret);

/* Ends the helper; a question that is out gets no answer. */
Lookups *lookups_free(Lookups *lookups);
DEFINE_POINTER_CLEANUP(Lookups *, lookups_free);

/* 0; -EBUSY: a question is out; what users_helper_start() or send(2) failed with. */
int lookups_ask(Lookups *lookups, const UserQuestion *question);

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/users.h"

#include <errno.h>
#include <stdlib.h>

#include "users/local.h"
#include "users/lookups.h"
#include "users/resolve.h"
#include "util/clock.h"
#include "util/source.h"

struct UserWatch {
        UserWatchCallbacks callbacks;
        Policy *policy;
        Lookups *lookups;
        UserCache *cache; /* NULL: UserNames=no */
        sd_event_source *retry_timer; /* on while names are open */
        sd_event_source *wait_timer; /* on while a record waits */
        uint64_t wait_began_usec; /* CLOCK_MONOTONIC, when the record that waits began to; 0: none does */
        uint64_t wait_again_usec; /* before this no other waits */
        bool asking; /* for all open names in turn: a round */
        size_t next; /* of policy->names: the next one of this round */
        bool changed; /* by this round */
};

/* All names were asked for. */
static int round_end(UserWatch *w) {
        bool changed = w->changed;

        w->asking = w->changed = false;
        return changed ? w->callbacks.names_changed(w->callbacks.userdata) : 0;
}

/* Asks for the next open name; while another question is out, its end goes on from here. */
static int round_continue(UserWatch *w) {
        const NamedIds *names = &w->policy->names;
        UserQuestion question;
        int r;

        for (; w->next < names->n; w->next++) {
                if (names->list[w->next].known)
                        continue;
                named_id_ask(&names->list[w->next], &question);
                r = lookups_ask(w->lookups, &question);
                if (r == -EBUSY)
                        return 0;
                if (r >= 0) {
                        w->next++;
                        return 0;
                }
        }
        return round_end(w);
}

/*
 * What the local files know counts at once, though the source may still owe the answers of the round before.
 */
static int round_begin(UserWatch *w) {
        int r = 0;

        if (names_resolve_locally(&w->policy->names))
                r = w->callbacks.names_changed(w->callbacks.userdata);
        if (r < 0 || named_ids_count_open(&w->policy->names) == 0)
                return r;
        r = source_arm(w->retry_timer, NAMES_RETRY_USEC);
        if (r < 0 || w->asking)
                return r;
        w->asking = true;
        w->next = 0;
        return round_continue(w);
}

/* After each wait no record waits for nine times as long. */
static void wait_end(UserWatch *w) {
        uint64_t now = clock_monotonic_usec();

        if (w->wait_began_usec == 0)
                return;
        w->wait_again_usec = now + 9 * (now - w->wait_began_usec);
        w->wait_began_usec = 0;
        (void) sd_event_source_set_enabled(w->wait_timer, SD_EVENT_OFF);
}

static int on_done(void *userdata, const UserQuestion *question, const UserAnswer *answer) {
        UserWatch *w = userdata;
        int r = 0;

        if (question->kind != USER_NAME_OF_ID) {
                /* The policy may be another one by now. */
                NamedId *name =
                        named_ids_find(&w->policy->names, (UserQuestionKind) question->kind, question->name);

                if (name && answer)
                        w->changed |= named_id_learn(name, answer);
        } else if (w->cache) {
                const UserAnswer none = { .result = -ETIMEDOUT };

                wait_end(w);
                user_cache_answer(w->cache, question->id, answer ? answer : &none, clock_monotonic_usec());
                r = w->callbacks.record_goes_on(w->callbacks.userdata);
        }
        if (r < 0)
                return r;
        return w->asking ? round_continue(w) : 0;
}

static int on_retry_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        (void) source;
        (void) usec;
        return round_begin(userdata);
}

static int on_wait_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        UserWatch *w = userdata;

        (void) source;
        (void) usec;
        wait_end(w);
        if (!w->cache || !user_cache_give_up(w->cache, clock_monotonic_usec()))
                return 0;
        return w->callbacks.record_goes_on(w->callbacks.userdata);
}

/* From now on, not from when the loop last looked at the clock: it may have drained much since. */
static int arm_wait_timer(UserWatch *w) {
        int r = sd_event_source_set_time(w->wait_timer, clock_monotonic_usec() + USER_NAME_WAIT_USEC);

        return r < 0 ? r : sd_event_source_set_enabled(w->wait_timer, SD_EVENT_ONESHOT);
}

static int on_ask(void *userdata, const UserQuestion *question) {
        UserWatch *w = userdata;
        int r = lookups_ask(w->lookups, question);

        if (r < 0)
                return r;
        if (clock_monotonic_usec() < w->wait_again_usec)
                return 1;
        r = arm_wait_timer(w);
        if (r >= 0)
                w->wait_began_usec = clock_monotonic_usec();
        return r;
}

int user_watch_new(sd_event *loop, const UserWatchCallbacks *callbacks, UserWatch **ret) {
        _cleanup_(user_watch_freep) UserWatch *w = calloc(1, sizeof(*w));
        int r;

        if (!w)
                return -ENOMEM;
        w->callbacks = *callbacks;
        r = source_add_timer(loop, &w->retry_timer, on_retry_timer, w, "names-retry");
        if (r >= 0)
                r = source_add_timer(loop, &w->wait_timer, on_wait_timer, w, "name-wait");
        if (r >= 0)
                r = lookups_new(loop, on_done, w, &w->lookups);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(w);
        return 0;
}

UserWatch *user_watch_free(UserWatch *w) {
        if (!w)
                return NULL;
        (void) lookups_free(w->lookups);
        (void) user_cache_free(w->cache);
        sd_event_source_disable_unref(w->wait_timer);
        sd_event_source_disable_unref(w->retry_timer);
        free(w);
        return NULL;
}

int user_watch_set_policy(UserWatch *w, Policy *policy) {
        int r;

        w->policy = policy;
        w->asking = w->changed = false;
        (void) sd_event_source_set_enabled(w->retry_timer, SD_EVENT_OFF);
        if (!policy->config->user_names)
                w->cache = user_cache_free(w->cache);
        else if (!w->cache) {
                r = user_cache_new(LOCAL_PASSWD, on_ask, w, &w->cache);
                if (r < 0)
                        return r;
        }
        return round_begin(w);
}

UserCache *user_watch_cache(UserWatch *w) {
        return w->cache;
}

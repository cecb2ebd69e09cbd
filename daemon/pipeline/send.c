/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "pipeline/send.h"

#include <errno.h>

#include "filter/tags.h"
#include "redact/environment.h"
#include "util/clock.h"

int pipeline_place(Pipeline *p, Event *event) {
        int r;

        if (!p->lookups.cgroups)
                return 0;
        r = cgroup_tree_find(p->lookups.cgroups, event->cgroup_id, &event->place);
        event->place_unknown =
                r == 0 && p->lookups.cgroup_watch && !cgroup_watch_not_covered(p->lookups.cgroup_watch);
        return r < 0 ? r : 0;
}

/* Finds the names of the users. 0; -EINPROGRESS; -ENOMEM. */
static int find_users(Pipeline *p, Event *event) {
        Bytes user = BYTES_NULL, login_user = BYTES_NULL;
        uint64_t now_usec;
        int r;

        if (!p->lookups.users)
                return 0;
        now_usec = clock_monotonic_usec();

        /* The first name is copied: it may be gone after the second was looked for. */
        buffer_clear(&p->memory.user_names);
        r = user_cache_find(p->lookups.users, event->uid, now_usec, &user);
        if (r < 0)
                return r;
        buffer_append_bytes(&p->memory.user_names, user);
        if (event->loginuid != EVENT_ID_UNSET)
                r = user_cache_find(p->lookups.users, event->loginuid, now_usec, &login_user);
        if (r < 0)
                return r;
        if (buffer_error(&p->memory.user_names) < 0)
                return -ENOMEM;
        if (bytes_is_set(user))
                event->user = buffer_bytes(&p->memory.user_names);
        event->login_user = login_user;
        return 0;
}

static void choose_environment(Pipeline *p, Decoder *decoder, Event *event) {
        const Config *config = p->policy->config;

        if (config->n_environment == 0) { /* and so nothing is missing */
                event->n_environment = 0;
                event->environment_truncated = false;
                return;
        }
        event->n_environment = environment_select(decoder->environment, event->n_environment,
                config->environment, config->n_environment, &p->memory.environment);
        event->environment_duplicates = p->memory.environment.duplicates;
        event->n_environment_duplicates = p->memory.environment.n_duplicates;
        if (p->memory.environment.is_cut)
                event->environment_truncated = true;
}

int pipeline_send(Pipeline *p, Decoder *decoder, Event *event) {
        const Config *config = p->policy->config;
        int r;

        event->labels = config->labels;
        event->n_labels = config->n_labels;
        r = tags_apply(&p->policy->tags, event);
        if (r >= 0)
                r = find_users(p, event);
        if (r < 0)
                return r;
        choose_environment(p, decoder, event);
        r = redactor_apply_event(&p->policy->redactor, event, &p->memory.redacted);
        return r < 0 ? r : sink_append(p->sink, event);
}

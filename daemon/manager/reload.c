/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/reload.h"

#include <string.h>

#include "manager/alive.h"
#include "manager/files.h"
#include "manager/outlet.h"
#include "manager/renew.h"
#include "source/maps.h"
#include "util/log.h"

/* What a new configuration needs. */
typedef struct Replacement {
        Policy *policy;
        Sink *sink; /* NULL: the old one stays */
        Probe *probe; /* NULL: the programs of the old one will do */
        uint32_t generation; /* of the probe */
} Replacement;

static void replacement_done(Replacement *replacement) {
        (void) probe_free(replacement->probe);
        sink_free(replacement->sink);
        (void) policy_free(replacement->policy);
}

static void reload_failed(Manager *m, const char *why) {
        Notice notice;

        ledger_reload_failed(report_ledger(m->report), why, &notice);
        report_say(m->report, &notice);
}

static int make_probe(Manager *m, Replacement *replacement, char **ret_why) {
        const Policy *policy = replacement->policy;

        if (!probe_differs(
                    m->policy->config, &m->policy->probe_rules, policy->config, &policy->probe_rules) &&
                filter_kind_equal(&m->policy->filter, &policy->filter, FILTER_UNIT))
                return 0;
        return renew_load(m, policy, &replacement->probe, &replacement->generation, ret_why);
}

/* If it fails, *ret_why (to be freed) is the reason, or NULL. */
static int prepare(Manager *m, Replacement *replacement, char **ret_why) {
        int r = 0;

        /* Standard output stays, where a line may be half written, and gets the new options alone. */
        if (m->options->output == OUTPUT_NONE)
                r = outlet_new(m->options, replacement->policy, &replacement->sink, ret_why);
        if (r >= 0)
                r = make_probe(m, replacement, ret_why);
        if (r >= 0)
                r = files_setup(m, replacement->policy->config);
        return r;
}

/* Goes on with what policy->names knows by now. */
static int on_names_changed(void *userdata) {
        Manager *m = userdata;
        const ProbeRules before = m->policy->probe_rules;
        _cleanup_free_ char *why = NULL;
        uint32_t generation;
        Probe *probe;
        int r;

        if (m->stop.state != STATE_RUNNING)
                return 0;
        r = policy_apply_names(m->policy);
        if (r < 0)
                return r;
        log_info("names of users and groups have become known%s%s",
                m->policy->open_names ? ", but not: " : "",
                m->policy->open_names ? m->policy->open_names : "");
        if (!probe_differs(m->policy->config, &before, m->policy->config, &m->policy->probe_rules))
                return 0;

        r = renew_load(m, m->policy, &probe, &generation, &why);
        if (r < 0)
                log_error("%s", why ? why : strerror(-r));
        else
                renew_switch(m, probe, generation);
        return 0;
}

static int on_record_goes_on(void *userdata) {
        Manager *m = userdata;

        return drain_run(m->drain);
}

int reload_watch_users(Manager *m) {
        const UserWatchCallbacks callbacks = { on_names_changed, on_record_goes_on, m };
        int r = 0;

        if (!m->users)
                r = user_watch_new(m->event, &callbacks, &m->users);
        if (r >= 0)
                r = user_watch_set_policy(m->users, m->policy);
        m->pipeline.lookups.users = m->users ? user_watch_cache(m->users) : NULL;
        return r;
}

/* Can't fail any more: what it takes is there. */
static void switch_to(Manager *m, Replacement *replacement) {
        Sink *sink = replacement->sink ? replacement->sink : m->sink;
        Policy *old;
        size_t lost;
        int r;

        lost = pipeline_switch(&m->pipeline, replacement->policy, sink);
        if (lost > 0)
                log_warning("%zu of the daemon's own records could not be delivered before the reload", lost);

        if (replacement->probe)
                renew_switch(m, TAKE_PTR(replacement->probe), replacement->generation);

        /* The old sink's descriptor is about to be closed; what waits for it is not to outlive it. */
        if (sink != m->sink) {
                drain_forget_sink(m->drain);
                sink_free(m->sink);
                m->sink = TAKE_PTR(replacement->sink);
        }
        old = m->policy;
        m->sink->options = replacement->policy->format;
        report_set_target(m->report, outlet_report_target(m->options, m->sink));
        m->policy = TAKE_PTR(replacement->policy);
        r = reload_watch_users(m);
        if (r < 0)
                log_warning("users can't be looked up: %s", strerror(-r));
        (void) policy_free(old);
        if (!m->policy->config->build_id)
                files_drop(m);
        (void) alive_reload(m); /* what it takes is there */
}

static const char *what_waits(const Manager *m, const Config *config) {
        if (maps_ring_size_for(config->event_buffer) == probe_ring_bytes(m->kernel.probe, MAP_EVENTS) &&
                maps_ring_size_for(config->failure_buffer) ==
                        probe_ring_bytes(m->kernel.probe, MAP_FAILURES) &&
                maps_ring_size_for(config->log_buffer) == probe_ring_bytes(m->kernel.probe, MAP_LOGS))
                return NULL;
        return "EventBuffer=, FailureBuffer= and LogBuffer= wait for a restart";
}

void reload_config(Manager *m) {
        _cleanup_(replacement_done) Replacement replacement = {};
        _cleanup_free_ char *error = NULL;
        const char *waiting;
        Notice notice;
        int r;

        r = load_policy(m->options, m->policy, NAMES_RELOAD_USEC, &replacement.policy, &error);
        if (r >= 0)
                r = prepare(m, &replacement, &error);
        if (r < 0) {
                reload_failed(m, error ? error : strerror(-r));
                return;
        }

        waiting = what_waits(m, replacement.policy->config);
        switch_to(m, &replacement);
        ledger_reloaded(report_ledger(m->report), waiting, m->policy->open_names, &notice);
        report_say(m->report, &notice);
}

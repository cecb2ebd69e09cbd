/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/reload.h"

#include <string.h>

#include "manager/alive.h"
#include "manager/build-id.h"
#include "manager/outlet.h"
#include "manager/renew.h"
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

static int make_probe(Manager *m, Replacement *replacement) {
        const Policy *policy = replacement->policy;

        if (!probe_differs(m->config, &m->policy->probe_rules, policy->config, &policy->probe_rules) &&
                filter_kind_equal(&m->policy->filter, &policy->filter, FILTER_UNIT))
                return 0;
        return renew_load(m, policy, &replacement->probe, &replacement->generation);
}

static int prepare(Manager *m, Replacement *replacement) {
        int r = 0;

        /* Standard output stays as it is: nothing in the configuration concerns it, and a line may be half written. */
        if (m->options->output == OUTPUT_NONE)
                r = outlet_new(m->options, replacement->policy->config, &replacement->sink);
        if (r >= 0)
                r = make_probe(m, replacement);
        if (r >= 0)
                r = manager_setup_build_ids(m, replacement->policy->config);
        return r;
}

/* Can't fail any more: what it takes is there. */
static void switch_to(Manager *m, Replacement *replacement) {
        Sink *sink = replacement->sink ? replacement->sink : m->sink;
        size_t lost;

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
        (void) policy_free(m->policy);
        m->policy = TAKE_PTR(replacement->policy);
        m->config = m->policy->config;
        if (!m->config->build_id)
                manager_drop_build_ids(m);
        (void) alive_reload(m); /* what it takes is there */
}

static const char *what_waits(const Manager *m, const Config *config) {
        if (probe_ring_size(config->event_buffer) == probe_ring_bytes(m->probe, MAP_EVENTS) &&
                probe_ring_size(config->failure_buffer) == probe_ring_bytes(m->probe, MAP_FAILURES) &&
                probe_ring_size(config->log_buffer) == probe_ring_bytes(m->probe, MAP_LOGS))
                return NULL;
        return "EventBuffer=, FailureBuffer= and LogBuffer= wait for a restart";
}

void reload_config(Manager *m) {
        _cleanup_(replacement_done) Replacement replacement = {};
        _cleanup_free_ char *error = NULL;
        const char *waiting;
        Notice notice;
        int r;

        r = load_policy(m->options, &replacement.policy, &error);
        if (r >= 0)
                r = prepare(m, &replacement);
        if (r < 0) {
                reload_failed(m, error ? error : strerror(-r));
                return;
        }

        waiting = what_waits(m, replacement.policy->config);
        switch_to(m, &replacement);
        ledger_reloaded(report_ledger(m->report), waiting, &notice);
        report_say(m->report, &notice);
}

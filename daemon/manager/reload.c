/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A new configuration replaces the old one as a whole or not at all: everything that it needs is made first,
 * while the old one works on.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "manager/internal.h"
#include "manager/notify.h"
#include "util/log.h"

/* The first error of the report, "FILE:LINE: TEXT". NULL: none, or no memory. */
static char *first_error(const ConfigReport *report) {
        char *text = NULL;

        for (size_t i = 0; i < report->n_problems; i++) {
                const ConfigProblem *problem = &report->problems[i];

                if (!problem->fatal)
                        continue;
                if (asprintf(&text, "%s:%u: %s", problem->file, problem->line, problem->text) < 0)
                        return NULL;
                break;
        }
        return text;
}

int manager_load_config(const Options *options, Config **ret, char **ret_error) {
        ConfigReport report = {};
        _cleanup_(config_freep) Config *config = NULL;
        int r;

        r = config_load(options->config_file, NULL, &report, &config);
        for (size_t i = 0; i < report.n_problems; i++) {
                const ConfigProblem *problem = &report.problems[i];
                int priority = problem->fatal ? LOG_ERR : LOG_WARNING;

                if (problem->line > 0)
                        log_message(priority, "%s:%u: %s", problem->file, problem->line, problem->text);
                else
                        log_message(priority, "%s: %s", problem->file, problem->text);
        }
        if (ret_error)
                *ret_error = first_error(&report);
        config_report_done(&report);
        if (r < 0)
                return r;

        if (options->pid_namespace_set)
                config->pid_namespace = options->pid_namespace;
        *ret = TAKE_PTR(config);
        return 0;
}

int manager_make_sink(const Manager *m, const Config *config, Sink **ret) {
        const char *no_journal = NULL;
        int r;

        if (m->options->output != OUTPUT_NONE) {
                r = stdout_sink_new(STDOUT_FILENO, m->options->output, ret);
                if (r < 0)
                        log_error("can't write to standard output: %s", strerror(-r));
                return r;
        }

        if (config->target != TARGET_SYSLOG) {
                r = journal_sink_new(config, JOURNAL_SOCKET, ret);
                if (r >= 0)
                        return 0;
                if (config->target == TARGET_JOURNAL || r == -ENOMEM) {
                        log_error("no journal at " JOURNAL_SOCKET
                                  " (%s): start systemd-journald, or set Target=syslog",
                                strerror(-r));
                        return r;
                }
                no_journal = strerror(-r);
        }

        r = syslog_sink_new(config, ret);
        if (r >= 0 && no_journal)
                log_info("no journal at " JOURNAL_SOCKET " (%s): recording to syslog", no_journal);
        if (r < 0 && no_journal)
                log_error("neither a journal at " JOURNAL_SOCKET
                          " nor a syslog at /dev/log (%s): start systemd-journald or a "
                          "syslog daemon, or use --output=",
                        strerror(-r));
        else if (r < 0)
                log_error("no syslog at /dev/log (%s): start a syslog daemon or systemd-journald, or use "
                          "--output=",
                        strerror(-r));
        return r;
}

static void reload_failed(Manager *m, const char *why) {
        Notice notice;

        ledger_reload_failed(&m->ledger, why, &notice);
        manager_say(m, &notice);
}

/* The kernel side for the new configuration, or NULL where that of the old one will do. */
static int reload_probe(Manager *m, const Config *config, Probe **ret, uint32_t *ret_generation) {
        _cleanup_free_ char *why = NULL;
        MapSet maps;
        int r;

        *ret = NULL;
        if (!probe_differs(m->config, config))
                return 0;
        probe_maps(m->probe, &maps);
        *ret_generation = checkpoint_next_generation(m->checkpoint);
        r = probe_new(config, &maps, *ret_generation, ret, &why);
        if (r < 0) {
                log_error("%s", why ? why : strerror(-r));
                return r;
        }
        manager_rule_cgroups(m, config, *ret);
        return 0;
}

static void reload_switch_probe(Manager *m, Probe *probe, uint32_t generation) {
        manager_keep_links(m, probe, generation);
        probe_activate(probe);
        probe_settle();
        m->use.generation = generation;
        store_remove(m->store, inventory_is_old_link, &m->use);
        (void) probe_free(m->probe);
        m->probe = probe;
}

static void reload_switch(Manager *m, Config *config, Sink *sink, Probe *probe, uint32_t generation) {
        size_t lost;

        lost = pipeline_switch(&m->pipeline, config, sink);
        if (lost > 0)
                log_warning("%zu of the daemon's own records could not be delivered before the reload", lost);

        if (probe)
                reload_switch_probe(m, probe, generation);

        /* The old sink's descriptor is about to be closed; what waits for it is not to outlive it. */
        if (sink != m->sink) {
                m->sink_source = sd_event_source_disable_unref(m->sink_source);
                sink_free(m->sink);
                m->sink = sink;
        }
        (void) config_free(m->config);
        m->config = config;
        if (!config->build_id)
                manager_drop_build_ids(m);
}

static const char *reload_waiting(const Manager *m, const Config *config) {
        if (config->event_buffer == probe_events_size(m->probe) &&
                config->log_buffer == probe_logs_size(m->probe))
                return NULL;
        return "EventBuffer= and LogBuffer= wait for a restart";
}

void manager_reload(Manager *m) {
        _cleanup_(config_freep) Config *config = NULL;
        _cleanup_(sink_freep) Sink *sink = NULL;
        _cleanup_(probe_freep) Probe *probe = NULL;
        _cleanup_free_ char *error = NULL;
        uint32_t generation = 0;
        const char *waiting;
        Notice notice;
        int r;

        r = manager_load_config(m->options, &config, &error);
        if (r < 0) {
                reload_failed(m, error ? error : strerror(-r));
                return;
        }
        /* Standard output stays as it is: nothing in the configuration concerns it, and a line may be half written. */
        if (m->options->output == OUTPUT_NONE)
                r = manager_make_sink(m, config, &sink);
        if (r >= 0)
                r = reload_probe(m, config, &probe, &generation);
        if (r >= 0)
                r = manager_setup_build_ids(m, config);
        if (r < 0) {
                reload_failed(m, strerror(-r));
                return;
        }

        waiting = reload_waiting(m, config);
        reload_switch(m, TAKE_PTR(config), sink ? TAKE_PTR(sink) : m->sink, TAKE_PTR(probe), generation);

        ledger_reloaded(&m->ledger, waiting, &notice);
        manager_say(m, &notice);
}

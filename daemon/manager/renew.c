/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/renew.h"

#include <string.h>

#include "manager/cgroup.h"
#include "util/log.h"

int renew_load(Manager *m, const Policy *policy, Probe **ret, uint32_t *ret_generation, char **ret_why) {
        uint32_t generation = restart_next_generation(m->restart);
        MapSet maps;
        int r;

        probe_maps(m->kernel.probe, &maps);
        r = probe_new(
                policy->config, &policy->probe_rules, &maps, generation, m->restart->hooks, ret, ret_why);
        if (r < 0)
                return r;
        if (probe_why_not_covered(*ret))
                log_info("failed execs: %s", probe_why_not_covered(*ret));
        *ret_generation = generation;
        manager_rule_cgroups(m, policy, *ret);
        return 0;
}

void renew_switch(Manager *m, Probe *probe, uint32_t generation) {
        int r;

        r = probe_activate(probe);
        if (r < 0)
                log_warning("not all hooks call their programs: %s", strerror(-r));
        restart_switched(m->restart, generation);
        r = restart_keep_hooks(m->restart);
        if (r < 0)
                log_warning("systemd can't be given what a restart without a gap takes: %s", strerror(-r));
        probe_inherit(probe, m->kernel.probe);
        (void) probe_free(m->kernel.probe);
        m->kernel.probe = probe;
}

int renew_probe(Manager *m) {
        _cleanup_free_ char *why = NULL;
        uint32_t generation;
        Probe *probe;
        int r;

        r = renew_load(m, m->policy, &probe, &generation, &why);
        if (r < 0) {
                log_error("%s", why ? why : strerror(-r));
                return r;
        }
        renew_switch(m, probe, generation);

        /* What is attached does not do what it should: neither are the hooks to be trusted. */
        r = probe_reattach(m->kernel.probe, report_ledger(m->report)->lost[LOST_SKIPPED]);
        restart_forget_hooks(m->restart);
        return r >= 0 ? restart_keep_hooks(m->restart) : r;
}

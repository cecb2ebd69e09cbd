/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "pipeline/policy.h"

#include <errno.h>
#include <stdlib.h>

#include "config/load.h"
#include "filter/compile.h"
#include "redact/compile.h"
#include "users/resolve.h"

Policy *policy_free(Policy *policy) {
        if (!policy)
                return NULL;
        redactor_done(&policy->redactor);
        filter_done(&policy->filter);
        free(policy->open_names);
        named_ids_done(&policy->names);
        (void) config_free(policy->config);
        free(policy);
        return NULL;
}

static int compile_filter(Policy *policy, ConfigReport *report) {
        _cleanup_(filter_done) Filter filter = {};
        _cleanup_free_ char *open_names = NULL;
        ProbeRules probe_rules;
        Filter old;
        int r;

        r = filter_compile(policy->config, &policy->names, report, &filter);
        if (r >= 0)
                r = filter_describe(&filter, &probe_rules);
        if (r >= 0)
                r = named_ids_describe_open(&policy->names, &open_names);
        if (r < 0)
                return r;

        old = policy->filter;
        policy->filter = filter;
        filter = old;
        policy->probe_rules = probe_rules;
        free(policy->open_names);
        policy->open_names = TAKE_PTR(open_names);
        return 0;
}

int policy_apply_names(Policy *policy) {
        ConfigReport report = {};
        int r = compile_filter(policy, &report);

        config_report_done(&report); /* it holds what is known already */
        return r;
}

int policy_load(const char *file, const char *const *directories, const NamedIds *older, uint64_t wait_usec,
        ConfigReport *report, Policy **ret) {
        _cleanup_(policy_freep) Policy *policy = calloc(1, sizeof(*policy));
        const size_t errors = report->n_errors;
        int r;

        if (!policy)
                return -ENOMEM;
        r = config_load(file, directories, report, &policy->config);
        if (r >= 0)
                r = filter_collect_names(policy->config, report, &policy->names);
        if (r < 0)
                return r;
        if (older)
                named_ids_inherit(&policy->names, older);
        names_resolve(&policy->names, wait_usec);
        r = compile_filter(policy, report);
        if (r >= 0)
                r = redactor_compile(policy->config, report, &policy->redactor);
        if (r < 0)
                return r;
        if (report->n_errors > errors)
                return -EINVAL;

        *ret = TAKE_PTR(policy);
        return 0;
}

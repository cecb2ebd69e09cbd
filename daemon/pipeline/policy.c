/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "pipeline/policy.h"

#include <errno.h>
#include <stdlib.h>

#include "config/load.h"
#include "filter/compile.h"
#include "format/compile.h"
#include "redact/compile.h"
#include "users/resolve.h"

Policy *policy_free(Policy *policy) {
        if (!policy)
                return NULL;
        redactor_done(&policy->redactor);
        tag_set_done(&policy->tags);
        filter_done(&policy->filter);
        free(policy->open_names);
        named_ids_done(&policy->names);
        (void) config_free(policy->config);
        free(policy);
        return NULL;
}

static int compile_rules(Policy *policy, ConfigReport *report) {
        _cleanup_(filter_done) Filter filter = {};
        _cleanup_(tag_set_done) TagSet tags = {};
        _cleanup_free_ char *open_names = NULL;
        ProbeRules probe_rules;
        Filter old_filter;
        TagSet old_tags;
        int r;

        r = filter_compile(policy->config, &policy->names, report, &filter);
        if (r >= 0)
                r = tags_compile(policy->config, &policy->names, report, &tags);
        if (r >= 0)
                r = filter_describe(&filter, &probe_rules);
        if (r >= 0)
                r = named_ids_describe_open(&policy->names, &open_names);
        if (r < 0)
                return r;

        old_filter = policy->filter;
        policy->filter = filter;
        filter = old_filter;
        old_tags = policy->tags;
        policy->tags = tags;
        tags = old_tags;
        policy->probe_rules = probe_rules;
        free(policy->open_names);
        policy->open_names = TAKE_PTR(open_names);
        return 0;
}

int policy_apply_names(Policy *policy) {
        ConfigReport report = {};
        int r = compile_rules(policy, &report);

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
        if (r >= 0)
                r = tags_collect_names(policy->config, report, &policy->names);
        if (r < 0)
                return r;
        if (older)
                named_ids_inherit(&policy->names, older);
        names_resolve(&policy->names, wait_usec);
        r = compile_rules(policy, report);
        if (r >= 0)
                r = redactor_compile(policy->config, report, &policy->redactor);
        if (r >= 0)
                r = format_compile(policy->config, report, &policy->format);
        if (r < 0)
                return r;
        if (report->n_errors > errors)
                return -EINVAL;

        *ret = TAKE_PTR(policy);
        return 0;
}

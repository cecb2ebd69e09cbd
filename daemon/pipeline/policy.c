/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "pipeline/policy.h"

#include <errno.h>
#include <stdlib.h>

#include "config/load.h"
#include "filter/compile.h"
#include "redact/compile.h"

Policy *policy_free(Policy *policy) {
        if (!policy)
                return NULL;
        redactor_done(&policy->redactor);
        filter_done(&policy->filter);
        (void) config_free(policy->config);
        free(policy);
        return NULL;
}

int policy_load(const char *file, const char *const *directories, ConfigReport *report, Policy **ret) {
        _cleanup_(policy_freep) Policy *policy = calloc(1, sizeof(*policy));
        const size_t errors = report->n_errors;
        int r;

        if (!policy)
                return -ENOMEM;
        r = config_load(file, directories, report, &policy->config);
        if (r >= 0)
                r = filter_compile(policy->config, report, &policy->filter);
        if (r >= 0)
                r = redactor_compile(policy->config, report, &policy->redactor);
        if (r >= 0)
                r = filter_describe(&policy->filter, &policy->probe_rules);
        if (r < 0)
                return r;
        if (report->n_errors > errors)
                return -EINVAL;

        *ret = TAKE_PTR(policy);
        return 0;
}

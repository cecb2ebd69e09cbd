/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/load.h"

#include <stdio.h>

#include "util/log.h"

/* Returns the first error of the report, "FILE:LINE: TEXT"; or NULL when there is none, or no memory. */
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

int load_policy(
        const RunOptions *options, const Policy *older, uint64_t wait_usec, Policy **ret, char **ret_error) {
        ConfigReport report = {};
        _cleanup_(policy_freep) Policy *policy = NULL;
        int r;

        r = policy_load(
                options->config_file, NULL, older ? &older->names : NULL, wait_usec, &report, &policy);
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
                policy->config->pid_namespace = options->pid_namespace;
        *ret = TAKE_PTR(policy);
        return 0;
}

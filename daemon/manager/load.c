/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/load.h"

#include <stdio.h>

#include "util/log.h"

/* Returns "FILE:LINE: TEXT", or "FILE: TEXT" if it is about the whole file; or NULL without memory. */
static char *problem_text(const ConfigProblem *problem) {
        char *text = NULL;
        int n;

        if (problem->line > 0)
                n = asprintf(&text, "%s:%u: %s", problem->file, problem->line, problem->text);
        else
                n = asprintf(&text, "%s: %s", problem->file, problem->text);
        return n < 0 ? NULL : text;
}

/* Returns the first error of the report, or NULL when there is none, or no memory. */
static char *first_error(const ConfigReport *report) {
        for (size_t i = 0; i < report->n_problems; i++)
                if (report->problems[i].fatal)
                        return problem_text(&report->problems[i]);
        return NULL;
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
                _cleanup_free_ char *text = problem_text(problem);

                log_message(problem->fatal ? LOG_ERR : LOG_WARNING, "%s", text ? text : problem->text);
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

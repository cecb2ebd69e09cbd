/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "config/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

void config_report_done(ConfigReport *report) {
        for (size_t i = 0; i < report->n_problems; i++) {
                free(report->problems[i].file);
                free(report->problems[i].text);
        }
        free(report->problems);
        *report = (ConfigReport){};
}

__attribute__((format(printf, 5, 0))) static int report_add(
        ConfigReport *report, bool fatal, const char *file, unsigned line, const char *format, va_list args) {
        _cleanup_free_ char *text = NULL, *copy = NULL;
        ConfigProblem *problems;

        if (vasprintf(&text, format, args) < 0) {
                text = NULL; /* its value is undefined after a failure */
                return -ENOMEM;
        }
        copy = strdup(file);
        if (!copy)
                return -ENOMEM;

        problems = reallocarray(report->problems, report->n_problems + 1, sizeof(*problems));
        if (!problems)
                return -ENOMEM;
        report->problems = problems;

        problems[report->n_problems++] = (ConfigProblem){
                .fatal = fatal,
                .file = TAKE_PTR(copy),
                .line = line,
                .text = TAKE_PTR(text),
        };
        if (fatal)
                report->n_errors++;
        return 0;
}

int config_report_error(ConfigReport *report, const char *file, unsigned line, const char *format, ...) {
        va_list args;
        int r;

        va_start(args, format);
        r = report_add(report, true, file, line, format, args);
        va_end(args);
        return r;
}

int config_report_warning(ConfigReport *report, const char *file, unsigned line, const char *format, ...) {
        va_list args;
        int r;

        va_start(args, format);
        r = report_add(report, false, file, line, format, args);
        va_end(args);
        return r;
}

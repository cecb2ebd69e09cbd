/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* One problem of the configuration. */
typedef struct ConfigProblem {
        bool fatal; /* an error, not a warning */
        char *file;
        unsigned line; /* from 1; 0: the whole file */
        char *text; /* "Trace.ArgumentBytes=: expected ..., not ..." */
} ConfigProblem;

/* The problems, in the order in which they were found. A report that is all zero is empty. */
typedef struct ConfigReport {
        ConfigProblem *problems;
        size_t n_problems;
        size_t n_errors;
} ConfigReport;

void config_report_done(ConfigReport *report);

/* Adds an error, or a warning, at a line of a file (from 1; 0 for the whole file). Returns 0 or -ENOMEM. */
__attribute__((format(printf, 4, 5))) int config_report_error(
        ConfigReport *report, const char *file, unsigned line, const char *format, ...);
__attribute__((format(printf, 4, 5))) int config_report_warning(
        ConfigReport *report, const char *file, unsigned line, const char *format, ...);

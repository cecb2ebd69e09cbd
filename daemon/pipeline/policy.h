/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"
#include "config/report.h"
#include "filter/filter.h"
#include "redact/redact.h"
#include "source/probe-settings.h"
#include "util/cleanup.h"

/*
 * A configuration together with what is compiled from it for the records. A reload makes a new one, and the
 * pipeline goes from one to the other as a whole.
 */
typedef struct Policy {
        Config *config;
        Filter filter;
        ProbeRules probe_rules; /* what of `filter` the kernel side applies */
        Redactor redactor;
} Policy;

/*
 * Loads the configuration as config_load() does and compiles it. Every problem goes into `report`. 0 and
 * *ret; -EINVAL: the report has errors; whatever else config_load() fails with.
 */
int policy_load(const char *file, const char *const *directories, ConfigReport *report, Policy **ret);

Policy *policy_free(Policy *policy);
DEFINE_POINTER_CLEANUP(Policy *, policy_free);

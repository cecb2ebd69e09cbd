/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"
#include "config/report.h"
#include "filter/filter.h"
#include "filter/tags.h"
#include "format/options.h"
#include "redact/redact.h"
#include "source/probe-settings.h"
#include "users/names.h"
#include "util/cleanup.h"

/*
 * A configuration together with what is compiled from it for the records. A reload makes a new one, and the
 * pipeline goes from one to the other as a whole.
 */
typedef struct Policy {
        Config *config;
        NamedIds names; /* that the rules have */
        char *open_names; /* those of them that nobody knows, as a text; NULL: all are known */
        Filter filter;
        ProbeRules probe_rules; /* what of `filter` the kernel side applies */
        TagSet tags;
        Redactor redactor;
        FormatOptions format;
} Policy;

/*
 * Loads the configuration as config_load() does and compiles it. Names are looked up for `wait_usec` at most,
 * as names_resolve() does; what `older` (NULL: nothing) knows counts until somebody says otherwise. Every
 * problem goes into `report`. 0 and *ret; -EINVAL: the report has errors; whatever else config_load() fails
 * with.
 */
int policy_load(const char *file, const char *const *directories, const NamedIds *older, uint64_t wait_usec,
        ConfigReport *report, Policy **ret);

/* Compiles the filter and the tags anew, by what policy->names knows now. 0, or -ENOMEM: all is as before. */
int policy_apply_names(Policy *policy);

Policy *policy_free(Policy *policy);
DEFINE_POINTER_CLEANUP(Policy *, policy_free);

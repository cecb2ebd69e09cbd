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
 * A configuration, and the filter, the tags, the patterns and the format that are compiled from it. A reload
 * creates a new policy, and the pipeline switches to it as a whole.
 */
typedef struct Policy {
        Config *config;
        NamedIds names; /* of users and groups in the rules */
        char *open_names; /* a text with those that are unknown; NULL: all are known */
        Filter filter;
        ProbeRules probe_rules; /* the part of `filter` that the kernel side applies */
        TagSet tags;
        Redactor redactor;
        FormatOptions format;
} Policy;

/*
 * Loads a configuration by config_load() and compiles it. Names are looked up by names_resolve(), for at
 * most `wait_usec`. Ids that `older` has for a name are used until the user database gives another answer;
 * `older` may be NULL. All problems are added to `report`. Returns 0 and sets *ret, -EINVAL when the report
 * has errors, or fails like config_load().
 */
int policy_load(const char *file, const char *const *directories, const NamedIds *older, uint64_t wait_usec,
        ConfigReport *report, Policy **ret);

/*
 * Compiles the filter and the tags again, with the ids in policy->names. Returns 0, or -ENOMEM and leaves the
 * policy as it was.
 */
int policy_apply_names(Policy *policy);

Policy *policy_free(Policy *policy);
DEFINE_POINTER_CLEANUP(Policy *, policy_free);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bpf/settings.h"
#include "config/config.h"

/* The rules of [Filter] that the kernel side applies by itself. */
typedef struct ProbeRules {
        struct exec_id_list ids[EXEC_ID_RULES];
        bool units; /* there are rules about units: probe_drop_cgroup() is to say whom they drop */
} ProbeRules;

/*
 * Makes what the kernel side is told of a configuration. 0, or what the daemon's own PID namespace could not
 * be found with.
 */
int settings_make(const Config *config, const ProbeRules *rules, struct exec_settings *ret);

/*
 * Returns whether the two make different settings. Which units the rules are about is for the caller to
 * compare.
 */
bool settings_differ(const Config *a, const ProbeRules *a_rules, const Config *b, const ProbeRules *b_rules);

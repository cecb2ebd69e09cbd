/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bpf/settings.h"
#include "config/config.h"

/* The rules of [Filter] that the kernel side applies by itself. */
typedef struct ProbeRules {
        struct exec_id_list ids[EXEC_ID_RULES];
        bool units; /* there are rules about units, which are applied with probe_drop_cgroup() */
} ProbeRules;

/*
 * Makes the settings of the kernel side for a configuration. Returns 0 and sets *ret, or returns the negative
 * errno with which the daemon's own PID namespace could not be found.
 */
int settings_make(const Config *config, const ProbeRules *rules, struct exec_settings *ret);

/*
 * Returns true when the two configurations lead to different settings. Of the rules about units, it compares
 * only whether there are any; the caller compares the rules.
 */
bool settings_differ(const Config *a, const ProbeRules *a_rules, const Config *b, const ProbeRules *b_rules);

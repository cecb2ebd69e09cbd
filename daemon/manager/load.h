/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/policy.h"
#include "sink/sink.h"

/* What the command line says of a run. It goes over what the configuration says, at a reload, too. */
typedef struct RunOptions {
        OutputFormat output;
        const char *config_file; /* NULL: the usual places */
        bool pid_namespace_set;
        uint32_t pid_namespace; /* as Config.pid_namespace */
} RunOptions;

/*
 * Loads the configuration that the options ask for, with what they say themselves over it, and logs what is
 * wrong with it. Names are looked up as policy_load() does, by what `older` (NULL: nothing) knows.
 * *ret_error, where that is not NULL, is the first error, or NULL (to be freed). 0; -EINVAL: it is bad; any
 * other negative errno.
 */
int load_policy(
        const RunOptions *options, const Policy *older, uint64_t wait_usec, Policy **ret, char **ret_error);

/*
 * For `wait_usec`: how long names are waited for before anything is recorded, at a reload, and by
 * --check-config.
 */
#define NAMES_START_USEC (200ULL * 1000)
#define NAMES_RELOAD_USEC (100ULL * 1000)
#define NAMES_CHECK_USEC (1ULL * 1000 * 1000)

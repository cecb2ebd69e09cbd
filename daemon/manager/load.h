/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/policy.h"
#include "sink/sink.h"

/* The options of the command line for a run. They override the configuration, also after a reload. */
typedef struct RunOptions {
        OutputFormat output;
        const char *config_file; /* NULL: the default places */
        bool pid_namespace_set;
        uint32_t pid_namespace; /* as Config.pid_namespace */
} RunOptions;

/*
 * Loads the configuration file of the options, applies the options to it, and logs the problems of the file.
 * Names are looked up as in policy_load(), for at most `wait_usec` microseconds; ids of names that `older`
 * (or NULL) has are used. Unless `ret_error` is NULL, *ret_error (to be freed) is set to the first error, or
 * NULL. Returns 0 and sets *ret, -EINVAL when the configuration is not valid, or another negative errno.
 */
int load_policy(
        const RunOptions *options, const Policy *older, uint64_t wait_usec, Policy **ret, char **ret_error);

/*
 * Values for `wait_usec`: how long names may be looked up before recording starts, at a reload, and for
 * --check-config.
 */
#define NAMES_START_USEC (200ULL * 1000)
#define NAMES_RELOAD_USEC (100ULL * 1000)
#define NAMES_CHECK_USEC (1ULL * 1000 * 1000)

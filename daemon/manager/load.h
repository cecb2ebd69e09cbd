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
 * Loads the configuration that the options ask for, with what they say themselves over it, and logs what is wrong with it.
 * *ret_error, where that is not NULL, is the first error, or NULL (to be freed). 0; -EINVAL: it is bad; any other negative errno.
 */
int load_policy(const RunOptions *options, Policy **ret, char **ret_error);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "event/event.h"

/*
 * At most ENVIRONMENT_LISTED_MAX variables are kept by their names, which is the limit of the configuration.
 * At most ENVIRONMENT_PREFIXED_MAX are kept by a prefix, because a user can set any number of those.
 */
#define ENVIRONMENT_LISTED_MAX 256U
#define ENVIRONMENT_PREFIXED_MAX 64U
#define ENVIRONMENT_MAX (ENVIRONMENT_LISTED_MAX + ENVIRONMENT_PREFIXED_MAX)

/* The result of environment_select(), beside the variables. */
typedef struct EnvironmentChoice {
        Bytes duplicates[ENVIRONMENT_MAX]; /* names of variables that were set more than once */
        size_t n_duplicates;
        bool is_cut; /* more variables matched a prefix than can be kept */
} EnvironmentChoice;

/*
 * Selects from the `n` variables those that `names` (at most ENVIRONMENT_LISTED_MAX) lists, and moves them
 * to the front of `variables`, in the order of `names`. The elements after them are unspecified. A name that
 * ends in a star selects all variables that begin with the part before it and whose name is printable ASCII.
 * Returns how many variables were selected.
 *
 * If a variable is set more than once, the last value is kept, which is the one that shells and the dynamic
 * loader use. If two names become the same name of a journal field (path, PATH), the variable with exactly
 * that name is kept, otherwise the first one. The names of variables that were left out are in
 * ret->duplicates.
 */
size_t environment_select(
        Assignment *variables, size_t n, char *const *names, size_t n_names, EnvironmentChoice *ret);

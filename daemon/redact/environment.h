/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "event/event.h"

/*
 * What is kept at most: ENVIRONMENT_LISTED_MAX variables by their names, as many as there can be in the
 * configuration, and beside them ENVIRONMENT_PREFIXED_MAX by a prefix, as whoever executes something can have
 * any number of those.
 */
#define ENVIRONMENT_LISTED_MAX 256U
#define ENVIRONMENT_PREFIXED_MAX 64U
#define ENVIRONMENT_MAX (ENVIRONMENT_LISTED_MAX + ENVIRONMENT_PREFIXED_MAX)

/* What else is to be said of the variables that were kept. */
typedef struct EnvironmentChoice {
        Bytes duplicates[ENVIRONMENT_MAX]; /* names of those that there was more than one of */
        size_t n_duplicates;
        bool is_cut; /* not all that match a prefix are kept */
} EnvironmentChoice;

/*
 * Keeps of the `n` variables those that `names` (n_names of them, at most ENVIRONMENT_LISTED_MAX) asks for,
 * and moves them to the front of `variables`, in the order of `names`; what is behind them is unspecified. A
 * name with a star behind it asks for all that begin so and consist of printable ASCII. Returns how many are
 * kept.
 *
 * Of a variable that is there more than once the last is kept: shells and the dynamic loader go by that. Of
 * two whose names are the same in the name of a journal field (path, PATH) the one that has this very name is
 * kept, else the first. The name of what was left out is among the duplicates.
 */
size_t environment_select(
        Assignment *variables, size_t n, char *const *names, size_t n_names, EnvironmentChoice *ret);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config/config.h"
#include "options.h"
#include "util/cleanup.h"

/*
 * The daemon as a whole: one event loop that waits for the rings, the sink, signals and the watchdog, and does nothing
 * at all while nothing is executed. It alone sees every stage, and logs.
 */
typedef struct Manager Manager;

/*
 * Makes the sink, loads and attaches the kernel side, and records from then on. Takes `config`. What goes wrong is logged.
 * 0; -ENOTSUP: the kernel or the privileges don't allow it; any other negative errno.
 */
int manager_new(const Options *options, Config *config, Manager **ret);
Manager *manager_free(Manager *manager);
DEFINE_POINTER_CLEANUP(Manager *, manager_free);

/* Runs until it is asked to stop. 0; a negative errno when something failed, which was logged. */
int manager_run(Manager *manager);

/* Loads the configuration that the options ask for, with what they say themselves over it, and logs what is wrong with
 * it; *ret_error, where that is not NULL, is the first error, or NULL (to be freed).
 * 0; -EINVAL: it is bad; any other negative errno. */
int manager_load_config(const Options *options, Config **ret, char **ret_error);

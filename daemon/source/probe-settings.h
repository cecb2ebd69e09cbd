/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bpf/settings.h"
#include "config/config.h"

/*
 * What the kernel side is told of a configuration. 0, -ENOMEM, or what the daemon's own PID namespace could not be
 * found with.
 */
int settings_make(const Config *config, uint32_t generation, struct exec_settings *ret);

/* Whether the two make different settings. Rules about units count: what the kernel side knows of them is of one set of
 * rules. */
bool settings_differ(const Config *a, const Config *b);

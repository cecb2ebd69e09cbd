/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bpf/settings.h"
#include "config.h"

/* What the kernel side is told of a configuration. 0, or what the daemon's own PID namespace could not be found with. */
int settings_make(const Config *config, uint32_t generation, struct exec_settings *ret);

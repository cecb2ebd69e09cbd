/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "util/buffer.h"

/*
 * Appends the units that trigger a system unit at present (timers, paths, sockets), quoted and separated by
 * commas. Returns their number, which is also 0 when systemd can't be asked.
 */
int trigger_append(Buffer *buffer, const char *unit);

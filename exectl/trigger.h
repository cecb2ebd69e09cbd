/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "util/buffer.h"

/*
 * Appends the units that trigger a unit of the system (timers, paths, sockets), as systemd has them now,
 * quoted and with commas between them. Returns how many they are; 0 also where systemd can't be asked.
 */
int trigger_append(Buffer *buffer, const char *unit);

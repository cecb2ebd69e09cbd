/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/internal.h"

/*
 * Reloads the configuration. The new one replaces the old one as a whole or not at all: everything that it
 * needs is created first, while the old one stays in use. A notice reports the result.
 */
void reload_config(Manager *m);

/*
 * Looks up the names of users and groups that the policy needs, from now on. Returns 0 or a negative errno.
 */
int reload_watch_users(Manager *m);

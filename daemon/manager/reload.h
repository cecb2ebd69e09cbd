/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/internal.h"

/*
 * Reads the configuration anew. It replaces the old one as a whole or not at all: everything that it needs is
 * made first, while the old one works on. A notice says which of the two it was.
 */
void reload_config(Manager *m);

/* Has the user database asked for what the policy needs of it, from now on. 0 or a negative errno. */
int reload_watch_users(Manager *m);

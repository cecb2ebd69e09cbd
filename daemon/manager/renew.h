/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/internal.h"

/*
 * A new set of programs in the kernel takes over from the one that records: every exec is recorded by one
 * of the two.
 */

/*
 * Loads the programs for `policy`; they do not record yet. 0, *ret and their generation; or a negative
 * errno, which was logged.
 */
int renew_load(Manager *m, const Policy *policy, Probe **ret, uint32_t *ret_generation);

/* Has them record from now on, and lets go of those before them. Takes `probe`. */
void renew_switch(Manager *m, Probe *probe, uint32_t generation);

/*
 * Both, for the configuration that is in use: what the kernel attaches anew it may call again. 0 or a
 * negative errno.
 */
int renew_probe(Manager *m);

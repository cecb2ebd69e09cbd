/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/internal.h"

/*
 * Replaces the programs in the kernel by a new generation. Every exec is recorded by exactly one of the two
 * generations.
 */

/*
 * Loads the programs for `policy`; they do not record yet. Returns 0 and sets *ret and *ret_generation; or
 * returns a negative errno, and may set *ret_why (to be freed) to the reason, in one line.
 */
int renew_load(Manager *m, const Policy *policy, Probe **ret, uint32_t *ret_generation, char **ret_why);

/* Makes the programs of `probe` record, and frees the previous ones. Takes ownership of `probe`. */
void renew_switch(Manager *m, Probe *probe, uint32_t generation);

/*
 * Loads new programs for the policy in use, switches to them and attaches the hooks anew, in case the kernel
 * does not call those that are attached. Returns 0 or a negative errno.
 */
int renew_probe(Manager *m);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "users/names.h"

/*
 * Looks up all the names, known ones again: in the local files first, and what is not there with a helper
 * process, for `wait_usec` microseconds at most and all of them together; 0: in the files only. A name that
 * nobody answers for in time stays as it was. Never fails: what can't be asked is not known.
 */
void names_resolve(NamedIds *names, uint64_t wait_usec);

/* Looks up the unknown names in the local files only. Returns true when an id has changed. */
bool names_resolve_locally(NamedIds *names);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "users/names.h"

/*
 * Looks up all names, including known ones. A name that is not in the local files is looked up by a helper
 * process, which has `wait_usec` microseconds for all names together. If that is 0, only the files are read.
 * A name without an answer in time stays as it was. This function does not fail.
 */
void names_resolve(NamedIds *names, uint64_t wait_usec);

/* Looks up the unknown names in the local files only. Returns true when an id has changed. */
bool names_resolve_locally(NamedIds *names);

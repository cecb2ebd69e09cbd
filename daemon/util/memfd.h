/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Creates a memfd that can be sealed. Returns its descriptor, which is 3 or more and has FD_CLOEXEC, or what
 * memfd_create(2) or fcntl(2) failed with.
 */
int memfd_new(const char *name);

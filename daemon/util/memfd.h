/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A new memfd that can be sealed. Its descriptor, or what memfd_create(2) failed with. */
int memfd_new(const char *name);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <bpf/libbpf.h>
#include <stdbool.h>

#include "bpf/settings.h"

/*
 * Both to be called between opening and loading an object of the kernel side. 0, -ENOMEM, or what libbpf fails with.
 */

/*
 * Lets `to` work on the maps of `from`, which is loaded: the rings, the counters and what goes with them. The slots and
 * what is private to an object stay its own; so does what belongs to one set of settings, unless both have the same.
 */
int maps_share(const struct bpf_object *from, struct bpf_object *to, bool same_settings);

/* Makes the slots large enough for what the settings keep of arguments and environment, and one of each kind for each CPU. */
int maps_size(struct bpf_object *object, const struct exec_settings *settings);

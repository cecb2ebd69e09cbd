/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <bpf/libbpf.h>
#include <stdbool.h>

#include "bpf/settings.h"

/*
 * Both to be called between opening and loading an object of the kernel side, the first of them first. 0, -ENOMEM, or what
 * libbpf fails with.
 */

/* Makes room for each CPU: in the slots, for records as large as these settings lead to, and in the turns. */
int maps_size(struct bpf_object *object, const struct exec_settings *settings);

/*
 * Lets `to` work on the maps of `from`, which is loaded: the rings, the counters and what goes with them. The slots and
 * what is private to an object stay its own; so does what belongs to one set of settings, unless both have the same.
 */
int maps_share(const struct bpf_object *from, struct bpf_object *to, bool same_settings);

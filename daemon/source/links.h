/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <bpf/libbpf.h>
#include <stddef.h>

/* What holds the programs of a skeleton where they are attached. */

/* Their descriptors, `max` at most; they stay the skeleton's. Returns how many. */
size_t links_fds(const struct bpf_object_skeleton *skeleton, int fds[], size_t max);

/* The programs stay attached when the skeleton is destroyed, for as long as somebody else holds the links. */
void links_leave(const struct bpf_object_skeleton *skeleton);

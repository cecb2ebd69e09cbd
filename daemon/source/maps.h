/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/settings.h"
#include "source/map-set.h"

/* Sets *ret to the maps of an object that is loaded. The object keeps the descriptors. */
void maps_of(const struct bpf_object *object, MapSet *ret);

/*
 * The next two functions are called after an object of the kernel side was opened and before it is loaded, in
 * this order.
 */

/*
 * Returns the number of slots for records on this machine: one for each possible CPU, or fewer if the slots
 * would take too much memory with these settings. Or returns a negative errno from libbpf.
 */
int maps_slots(const struct exec_settings *settings);

/*
 * Sets the sizes of the maps: counters for each possible CPU, and settings->slots slots, each large enough
 * for a record with these settings. Returns 0, -ENOENT when the object lacks one of the maps, or a negative
 * errno from libbpf.
 */
int maps_size(struct bpf_object *object, const struct exec_settings *settings);

/*
 * Makes the object `to`, which is not yet loaded, use these maps. It creates the rings that are not in the
 * set. Returns 0; -ESTALE when another map is missing, or a map has another type or size than the object
 * needs; or a negative errno from libbpf.
 */
int maps_use(const MapSet *maps, struct bpf_object *to);

/* Returns true for rings, whose sizes need not be those of the object. */
bool map_kind_is_ring(MapKind kind);

/*
 * Maps the first `size` bytes of the values of a map that allows it (BPF_F_MMAPABLE), for reading and
 * writing. Children do not inherit the mapping. Returns the address, to be unmapped with munmap(2); or NULL,
 * with errno set.
 */
void *maps_view(int fd, size_t size);

/*
 * Sets *ret to the size of the data of a ring, in bytes. Returns 0, -EINVAL when the map is not a ring, or
 * the error of bpf(2).
 */
int maps_ring_size(int fd, uint32_t *ret);

/*
 * The next three functions work on maps of every ABI. maps_generation() sets *ret to the generation of the
 * set of programs that records into the maps, 0 for none. maps_switch_off() sets the generation to 0.
 * maps_numbered() sets *ret to the number of records that were sent or lost. They return 0, or the negative
 * errno with which the maps could not be read.
 */
int maps_generation(const MapSet *maps, uint32_t *ret);
int maps_switch_off(const MapSet *maps);
int maps_numbered(const MapSet *maps, uint64_t *ret);

/* Returns the size that a ring gets when `wanted` bytes are configured: at least a page. */
uint32_t maps_ring_size_for(uint32_t wanted);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/settings.h"
#include "source/map-set.h"

/* The maps of an object that is loaded. */
void maps_of(const struct bpf_object *object, MapSet *ret);

/*
 * The next two are to be called between opening and loading an object of the kernel side, the first of them
 * first. 0, -ENOMEM, or what libbpf fails with.
 */

/*
 * How many slots for records there are on this machine, as these settings make them large. Or a negative
 * errno.
 */
int maps_slots(const struct exec_settings *settings);

/*
 * Makes room for each CPU in the counts, and for settings->slots records as large as these settings lead to.
 */
int maps_size(struct bpf_object *object, const struct exec_settings *settings);

/*
 * Lets `to` work on these maps; a ring that is not among them it makes for itself. -ESTALE: they are not what
 * it needs: another one is missing, or is of another kind or size.
 */
int maps_use(const MapSet *maps, struct bpf_object *to);

/* Whether the kind is one of the rings, whose sizes may differ. */
bool map_kind_is_ring(MapKind kind);

/*
 * Maps the values of a map that allows it, `size` bytes of them, to read and to write; children do not get
 * them. To be unmapped with munmap(). NULL and errno, if they can't be.
 */
void *maps_view(int fd, size_t size);

/* The size of a ring's data, in bytes. 0 or a negative errno. */
int maps_ring_size(int fd, uint32_t *ret);

/*
 * The next three work on maps of every ABI. Which set of programs records into them (0: none), and that none
 * does any more; how many records were sent or lost. 0, or what the maps could not be read with.
 */
int maps_generation(const MapSet *maps, uint32_t *ret);
int maps_switch_off(const MapSet *maps);
int maps_numbered(const MapSet *maps, uint64_t *ret);

/* The size that a ring gets for which so much is asked. */
uint32_t maps_ring_size_for(uint32_t wanted);

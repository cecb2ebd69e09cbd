/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "event/place.h"
#include "util/bytes.h"

/* Longest name that a machine has: HOST_NAME_MAX. */
#define CGROUP_MACHINE_MAX 64

/* What a cgroup is that lies in slices only, by its own name. */
typedef enum CgroupNameKind {
        CGROUP_NAME_OTHER, /* no unit: neither it nor what is in it belongs to one */
        CGROUP_NAME_SLICE, /* a slice: a unit may follow inside of it */
        CGROUP_NAME_UNIT, /* a unit: all that is in it belongs to it */
} CgroupNameKind;
CgroupNameKind cgroup_name_kind(Bytes name);

/*
 * Reads a path that anybody may have chosen the end of: who has a part of the hierarchy for himself names
 * what is in it. So the outermost counts where units or containers are nested, and what is not a valid name
 * of a unit is none.
 *
 * The unit is the first component that is not a slice, if it is a unit's name; with a user manager that of
 * the user's unit is found inside in the same way. What lies below a unit belongs to it. "Unescaped" concerns
 * the "_" that systemd puts before a name which the kernel wants for itself; "\x2d" is a part of the unit's
 * name.
 *
 * A container is known by how the runtimes name its cgroup: an id of 64 hexadecimal digits alone (Docker,
 * containerd and the like with the cgroupfs driver), behind "-" or ":", with or without ".scope" (the systemd
 * driver, CRI-O, Podman); "lxc.payload.NAME", "lxc/NAME"; "machine-NAME.scope" and the payload of
 * systemd-nspawn. What watches over a container is not in it (conmon, systemd-nspawn itself), and a virtual
 * machine of libvirt is none.
 *
 * A path that is not absolute says nothing. What *ret points to is `path` or constant, but for a container's
 * name with escapes, which goes to `storage`; without a backslash in `path` that may be NULL.
 */
void cgroup_path_parse(Bytes path, char *storage /* CGROUP_MACHINE_MAX bytes */, CgroupPlace *ret);

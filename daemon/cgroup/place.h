/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "event/place.h"
#include "util/bytes.h"

/* The maximum length of the name of a machine, in bytes (HOST_NAME_MAX). */
#define CGROUP_MACHINE_MAX 64

/* The kind of a cgroup whose ancestors are all slices. */
typedef enum CgroupNameKind {
        CGROUP_NAME_OTHER, /* neither it nor a cgroup inside of it belongs to a unit */
        CGROUP_NAME_SLICE, /* a slice, which may contain units */
        CGROUP_NAME_UNIT, /* a unit, to which all cgroups inside of it belong */
} CgroupNameKind;

/* Returns the kind of such a cgroup by its name. */
CgroupNameKind cgroup_name_kind(Bytes name);

/*
 * Finds the unit, the slice, the login and the container in the path of a cgroup. The end of the path may be
 * chosen by a user, because a user to whom a part of the hierarchy is delegated names the cgroups in it. So
 * if units or containers are nested, the outermost one is taken, and a name that is not valid for a unit is
 * none.
 *
 * The unit is the first component that is not a slice, if it is the name of a unit. If that is a user
 * manager, the user's unit is found inside of it in the same way. All cgroups inside of a unit belong to it.
 * The "_" that systemd puts before a name that the kernel reserves is removed. "\x2d" is a part of the unit's
 * name.
 *
 * A container is recognised by the name that the runtimes give its cgroup: an id of 64 hexadecimal digits,
 * alone (the cgroupfs driver of Docker and containerd) or after "-" or ":", with or without ".scope" (the
 * systemd driver, CRI-O, Podman); "lxc.payload.NAME", "lxc/NAME"; "machine-NAME.scope" and the payload of
 * systemd-nspawn. The process that supervises a container (conmon, systemd-nspawn itself) is not in it. A
 * virtual machine of libvirt is no container.
 *
 * Sets *ret, in which nothing is set if the path is not absolute. Its texts are parts of `path` or constant,
 * except for the name of a container with escapes, which is written to `storage`. That may be NULL when
 * `path` has no backslash.
 */
void cgroup_path_parse(Bytes path, char *storage /* CGROUP_MACHINE_MAX bytes */, CgroupPlace *ret);

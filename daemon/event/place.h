/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "util/bytes.h"

/*
 * The parts of a cgroup's path. Parts that it does not have are unset. Unit names are as systemd shows them.
 */
typedef struct CgroupPlace {
        Bytes path; /* absolute, from the root of the hierarchy */
        Bytes unit; /* "ssh.service", "user@1000.service" */
        Bytes user_unit; /* a unit of the user manager, if `unit` is one */
        Bytes slice; /* of the unit: "system.slice" */
        Bytes session; /* of logind: "3", "c1" */
        Bytes container; /* id, or name of the machine */
        Bytes invocation_id; /* of the unit; not from the path, see cgroup/invocation.h */
} CgroupPlace;

/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "util/bytes.h"

/* What a cgroup's path says. What it does not say is unset. Names are unescaped, as systemd shows them. */
typedef struct CgroupPlace {
        Bytes path; /* absolute, from the hierarchy's root */
        Bytes unit; /* "ssh.service", "user@1000.service" */
        Bytes user_unit; /* of the user manager inside it */
        Bytes slice; /* of the unit: "system.slice" */
        Bytes session; /* of logind: "3", "c1" */
        Bytes container; /* id, or machine name */
        Bytes invocation_id; /* of the unit's run; no path says it, it is read (cgroup/invocation.h) */
} CgroupPlace;
